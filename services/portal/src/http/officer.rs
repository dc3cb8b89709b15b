//! The officer's pages: the queue by deadline, one case on one page, the decision, and grants that wait for approval.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::{ErrorKind, Failure, Hash, TaskId};
use proto::{
    docket::v1::{self as docket, Task},
    eservice::v1::{CaseReply, DecideTaskRequest, MarkedField, ReadTaskRequest, TaskPage, operations},
    exchange::v1::{self as exchange, GrantStatus},
    identity::v1::{self as identity, ReadPersonRequest},
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    catalogue::read_service,
    fault::{self, Refused},
    frame::{Frame, hex, page, page_with},
    opening,
    pages::Pages,
    posted::Posted,
    visit::{CasePlace, Officer, Visit},
};
use crate::{domain::form, store::Session};

const ROWS: i32 = 50;

#[derive(Template)]
#[template(path = "officer_queue.html")]
pub struct QueuePage {
    pub f: Frame,
    pub officer: String,
    /// Agencies in which this officer has a role, and the one that is shown.
    pub agencies: Vec<String>,
    pub agency: String,
    pub tasks: Vec<Task>,
    pub now: i64,
    pub stale: bool,
    pub decided: bool,
    pub pages: Pages,
}

impl QueuePage {
    pub fn href(&self, task: &Task) -> String {
        format!("/officer/tasks/{}/{}/{}/{}", task.agency, task.service, hex(&task.case_id), hex(&task.task_id))
    }

    pub fn late(&self, task: &Task) -> bool {
        task.due_us > 0 && task.due_us < self.now
    }

    pub fn waiting(&self) -> i64 {
        i64::try_from(self.tasks.len()).unwrap_or(i64::MAX)
    }
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    decided: String,
    #[serde(default)]
    after: String,
}

/// Name and agencies of the officer, as identity knows them now.
async fn appointments(portal: &Portal, session: &Session) -> Result<(String, Vec<String>), Refused> {
    let request = ReadPersonRequest { person: session.person.to_vec(), case_id: Vec::new() };
    let officer = portal.services.ask(&identity::operations::READ_OFFICER, &request).await?;
    let now = portal.clock.now().micros();
    let current =
        officer.appointments.iter().filter(|role| role.from_us <= now && (role.to_us == 0 || now < role.to_us));
    let mut agencies: Vec<String> = current.map(|role| role.agency.clone()).collect();
    agencies.sort();
    agencies.dedup();
    Ok((officer.display_name, agencies))
}

pub async fn queue(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let (officer, agencies) = appointments(&portal, &session).await?;
    let chosen = agencies.iter().find(|agency| **agency == wanted.agency).or(agencies.first());
    let agency = chosen.cloned().unwrap_or_default();
    let mut queue = docket::Queue::default();
    if !agency.is_empty() {
        let (agency, after) = (agency.clone(), wanted.after.clone());
        let request = docket::ListQueueRequest { agency, limit: ROWS, after, ..Default::default() };
        queue = portal.services.read(&session, &docket::operations::LIST_QUEUE, PLATFORM, &request).await?;
    }
    // What this officer has just decided may still be on the list, which follows a moment later.
    if let Some((case, version)) = session.seen {
        queue.tasks.retain(|task| task.case_id != case.to_vec() || task.version >= version);
    }
    name_offices(&portal, &visit, &mut queue.tasks).await;
    let pages = Pages::of(&format!("/officer?agency={agency}"), &wanted.after, &queue.next);
    page(&QueuePage {
        pages,
        f: Frame::new(&portal, &visit),
        officer,
        agencies,
        agency,
        tasks: queue.tasks,
        now: portal.clock.now().micros(),
        stale: queue.stale,
        decided: wanted.decided == "yes",
    })
}

/// Offices by their titles; the catalogue being away, their names serve.
async fn name_offices(portal: &Portal, visit: &Visit, tasks: &mut [Task]) {
    let services: BTreeSet<(String, String)> =
        tasks.iter().map(|task| (task.agency.clone(), task.service.clone())).collect();
    for (agency, service) in services {
        let Ok(found) = read_service(portal, visit.language, &agency, &service).await else { continue };
        for task in tasks.iter_mut().filter(|task| task.agency == agency && task.service == service) {
            if let Some(office) = found.offices.iter().find(|office| office.name == task.office) {
                task.office.clone_from(&office.title);
            }
        }
    }
}

/// What was chosen on the page, so that it can be shown again beside what is wrong.
#[derive(Default)]
pub struct Chosen {
    pub outcome: String,
    pub reasons: Vec<String>,
    pub note: String,
    pub marked: Vec<MarkedField>,
}

#[derive(Template)]
#[template(path = "officer_task.html")]
pub struct TaskTemplate {
    pub f: Frame,
    pub task: TaskPage,
    pub action: String,
    pub late: bool,
    pub chosen: Chosen,
    /// (id of the input, key of the text)
    pub errors: Vec<(String, &'static str)>,
}

impl TaskTemplate {
    pub fn is_chosen(&self, outcome: &str) -> bool {
        self.chosen.outcome == outcome
    }

    pub fn has_reason(&self, outcome: &str, code: &str) -> bool {
        self.is_chosen(outcome) && self.chosen.reasons.iter().any(|reason| reason == code)
    }

    pub fn mark(&self, at: &str) -> Option<&MarkedField> {
        self.chosen.marked.iter().find(|field| field.at == at)
    }

    pub fn note_on(&self, at: &str) -> &str {
        self.mark(at).map_or("", |field| field.note.as_str())
    }

    pub fn document(&self, id: &[u8]) -> String {
        format!("{}/documents/{}", self.action, hex(id))
    }

    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| at == id).map(|(_, key)| *key)
    }
}

/// Agency, service, case and task of an address.
pub type Parts = (String, String, String, String);

/// A task as addresses name it.
pub struct TaskPlace {
    pub at: CasePlace,
    pub task: TaskId,
}

impl TaskPlace {
    pub fn new((agency, service, case, task): Parts) -> Result<Self, Refused> {
        let task = task.parse().map_err(|_| fault::no_such_page())?;
        Ok(Self { at: CasePlace::new(&agency, &service, &case)?, task })
    }

    pub fn path(&self) -> String {
        format!("/officer/tasks/{}/{}/{}/{}", self.at.agency, self.at.service, self.at.case, self.task)
    }
}

pub async fn task(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let read = read(&portal, &visit, &session, &place, "").await;
    if let Err(failure) = &read
        && let Some(asked) = opening::asks_for_a_reason(failure)
    {
        return opening::ask(&portal, &visit, &place, asked, "", None);
    }
    show(&portal, &visit, &place, read?, Chosen::default(), Vec::new())
}

pub async fn read(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    place: &TaskPlace,
    reason: &str,
) -> Result<TaskPage, Failure> {
    let request = ReadTaskRequest {
        case_id: place.at.case.to_vec(),
        task_id: place.task.to_vec(),
        language: visit.language.tag().into(),
        purpose: reason.to_owned(),
    };
    portal.services.read(session, &operations::READ_TASK, place.at.host(), &request).await
}

fn show(
    portal: &Portal,
    visit: &Visit,
    place: &TaskPlace,
    mut task: TaskPage,
    chosen: Chosen,
    errors: Vec<(String, &'static str)>,
) -> Result<Response, Refused> {
    task.timeline.reverse();
    let late = task.closed_us == 0 && task.due_us > 0 && task.due_us < portal.clock.now().micros();
    page(&TaskTemplate { f: Frame::new(portal, visit), action: place.path(), late, chosen, errors, task })
}

pub async fn decide(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    // Closed: it may be this very decision, sent twice, which is answered as it was the first time.
    let task = match read(&portal, &visit, &session, &place, "").await {
        Ok(task) => Some(task).filter(|task| task.closed_us == 0),
        Err(failure) if failure.code == opening::CLOSED => None,
        Err(failure) => return Err(failure.into()),
    };
    let chosen = chosen(&posted, task.as_ref());
    if let Some(task) = task {
        let errors = wrong(&chosen, &task);
        if !errors.is_empty() {
            return show(&portal, &visit, &place, task, chosen, errors);
        }
    }
    let request = DecideTaskRequest {
        case_id: place.at.case.to_vec(),
        version: posted.version()?,
        task_id: place.task.to_vec(),
        outcome: chosen.outcome,
        reasons: chosen.reasons,
        note: chosen.note,
        marked: chosen.marked,
        language: visit.language.tag().into(),
    };
    let sent =
        portal.services.command(&session, &operations::DECIDE_TASK, place.at.host(), &request, posted.command()?).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) if failure.code == opening::CLOSED => return opening::decided_meanwhile(&portal, &visit, &place),
        Err(failure) if failure.kind == ErrorKind::Stale => {
            let chosen = Chosen {
                outcome: request.outcome,
                reasons: request.reasons,
                note: request.note,
                marked: request.marked,
            };
            let task = read(&portal, &visit, &session, &place, "").await?;
            return show(&portal, &visit, &place, task, chosen, vec![("decision".into(), "task-changed")]);
        }
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&format!("/officer?agency={}&decided=yes", place.at.agency)).into_response())
}

/// Only what belongs to the chosen outcome: reasons of another one, left ticked, do not count. Of a task that is closed,
/// everything that was marked: that is what the decision, if it is the one that closed it, was sent with.
fn chosen(posted: &Posted, task: Option<&TaskPage>) -> Chosen {
    let outcome = posted.control("_outcome").to_owned();
    let reasons = form::controls(&posted.0, &format!("_reasons:{outcome}"));
    let returns = task.is_none_or(|task| task.outcomes.iter().any(|choice| choice.name == outcome && choice.returns));
    let ticked = posted.0.iter().filter(|(_, value)| returns && value == "yes");
    let marked = ticked.filter_map(|(name, _)| name.strip_prefix("_mark:"));
    let known = |at: &&str| task.is_none_or(|task| task.returnable.iter().any(|field| field.at == *at));
    Chosen {
        reasons: reasons.into_iter().map(str::to_owned).collect(),
        note: posted.control("_note").trim().to_owned(),
        marked: marked
            .filter(known)
            .map(|at| MarkedField { at: at.to_owned(), note: posted.control(&format!("_why:{at}")).trim().to_owned() })
            .collect(),
        outcome,
    }
}

fn wrong(chosen: &Chosen, task: &TaskPage) -> Vec<(String, &'static str)> {
    let Some(outcome) = task.outcomes.iter().find(|choice| choice.name == chosen.outcome) else {
        let first =
            task.outcomes.first().map_or_else(|| "decision".to_owned(), |choice| format!("outcome-{}", choice.name));
        return vec![(first, "task-choose")];
    };
    let mut found = Vec::new();
    if outcome.needs_reason && !outcome.reasons.is_empty() && chosen.reasons.is_empty() {
        let first = outcome.reasons.first().map_or("", |reason| reason.code.as_str());
        found.push((format!("reason-{}-{first}", outcome.name), "task-reason-missing"));
    }
    if outcome.returns && chosen.marked.is_empty() {
        let first = task.returnable.first().map_or("", |field| field.at.as_str());
        found.push((format!("mark-{first}"), "task-mark-missing"));
    }
    for field in chosen.marked.iter().filter(|field| field.note.is_empty()) {
        found.push((format!("why-{}", field.at), "task-why-missing"));
    }
    found
}

#[derive(Template)]
#[template(path = "officer_grants.html")]
pub struct GrantsPage {
    pub f: Frame,
    pub grants: Vec<GrantStatus>,
    /// Where the officer serves.
    pub agencies: Vec<String>,
}

impl GrantsPage {
    pub fn hash(&self, grant: &GrantStatus) -> String {
        hex(&grant.hash)
    }

    /// Whether the officer serves who gives it: others cannot take it back.
    pub fn gives(&self, grant: &GrantStatus) -> bool {
        self.agencies.contains(&grant.agency)
    }
}

pub async fn grants(State(portal): Shared, Officer(visit, session): Officer) -> Result<Response, Refused> {
    let (_, agencies) = appointments(&portal, &session).await?;
    let mut grants = Vec::new();
    for agency in &agencies {
        let request = exchange::ListGrantsRequest { agency: agency.clone() };
        let found = portal.services.read(&session, &exchange::operations::LIST_GRANTS, PLATFORM, &request).await?;
        grants.extend(found.grants);
    }
    page_with(axum::http::StatusCode::OK, &GrantsPage { f: Frame::new(&portal, &visit), grants, agencies })
}

pub async fn approve(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let (agency, name, hash) = decided(&posted)?;
    let request = exchange::ApproveGrantRequest { agency, name, hash };
    portal
        .services
        .command(&session, &exchange::operations::APPROVE_GRANT, PLATFORM, &request, posted.command()?)
        .await?;
    Ok(Redirect::to("/officer/grants").into_response())
}

pub async fn revoke(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let (agency, name, hash) = decided(&posted)?;
    let request = exchange::RevokeGrantRequest { agency, name, hash };
    portal
        .services
        .command(&session, &exchange::operations::REVOKE_GRANT, PLATFORM, &request, posted.command()?)
        .await?;
    Ok(Redirect::to("/officer/grants").into_response())
}

/// The version of a grant as the officer read it.
fn decided(posted: &Posted) -> Result<(String, String, Vec<u8>), Refused> {
    let hash: Hash = posted.control("_hash").parse()?;
    Ok((posted.control("_agency").to_owned(), posted.control("_name").to_owned(), hash.to_vec()))
}
