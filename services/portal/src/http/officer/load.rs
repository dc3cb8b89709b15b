//! How much waits in the offices that an officer leads, for whom, and who is to have it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::{Address, PLATFORM};
use kernel::{ErrorKind, Failure, PersonId};
use proto::{
    docket::v1::{self as docket, Amount, Colleague, Held, Load, OfficerLoad, Task, Unstaffed},
    eservice::v1::{AssignTaskRequest, CaseReply, ReleaseTaskRequest, operations},
};
use serde::Deserialize;

use super::{TaskPlace, home, offices};
use crate::{
    domain::place::is_name,
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::{Frame, hex, page},
        pages::Pages,
        posted::Posted,
        visit::Officer,
    },
    store::Session,
};

/// By which a list is narrowed to what is late or soon will be, each with the key of its title.
const DUE: [(&str, &str); 4] = [("late", "queue-late"), ("1", "load-in-1"), ("3", "load-in-3"), ("5", "load-in-5")];

#[derive(Template)]
#[template(path = "officer_load.html")]
pub struct LoadPage {
    pub f: Frame,
    pub load: Load,
    /// Titles of the agency's offices.
    pub titles: BTreeMap<String, String>,
    /// What nobody can take; none: that is not known now.
    pub unstaffed: Option<Unstaffed>,
    /// How many tasks were just given back, where some were, and how many could not be.
    pub back: Option<(i64, i64)>,
}

impl LoadPage {
    pub fn href(&self, officer: &[u8]) -> String {
        self.listed(officer, None, "").path()
    }

    pub fn unclaimed_href(&self) -> String {
        self.listed(&[], None, "").path()
    }

    /// How much of an office's is late and soon will be, each with the list of it.
    pub fn ahead(&self, amount: &Amount, office: &str) -> Vec<(i64, String)> {
        let counts = [amount.late, amount.due_in_1, amount.due_in_3, amount.due_in_5];
        let list = |((due, _), count): (&(&str, &str), i64)| (count, self.listed(&[], Some(office), due).path());
        DUE.iter().zip(counts).map(list).collect()
    }

    /// The same of what an officer has, as far as the table goes.
    pub fn ahead_of(&self, amount: &Amount, officer: &[u8]) -> Vec<(i64, String)> {
        let list = |((due, _), count): (&(&str, &str), i64)| (count, self.listed(officer, None, due).path());
        DUE.iter().zip([amount.late, amount.due_in_1]).map(list).collect()
    }

    fn listed(&self, officer: &[u8], office: Option<&str>, due: &str) -> Listed {
        Listed {
            agency: self.load.agency.clone(),
            officer: hex(officer),
            office: office.map(str::to_owned),
            due: due.to_owned(),
            after: String::new(),
        }
    }

    /// The office's title, or, where the register has none, its name.
    pub fn office(&self, name: &str) -> String {
        titled(&self.f, &self.titles, name)
    }

    pub fn amount(&self, amount: &Option<Amount>) -> Amount {
        amount.clone().unwrap_or_default()
    }

    pub fn unclaimed(&self) -> i64 {
        self.load.offices.iter().map(|office| office.unclaimed).sum()
    }

    /// The name, or, where identity does not know it any more, the id.
    pub fn name(&self, officer: &OfficerLoad) -> String {
        if officer.name.is_empty() { hex(&officer.officer) } else { officer.name.clone() }
    }
}

fn titled(f: &Frame, titles: &BTreeMap<String, String>, office: &str) -> String {
    match office {
        "" => f.t("load-no-office"),
        name => titles.get(name).cloned().unwrap_or_else(|| name.to_owned()),
    }
}

/// Which tasks are listed. Nothing in it is about an applicant, so that it can stand in an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Listed {
    pub agency: String,
    /// As addresses write the id; empty: what nobody has, or of what is due whoever has it.
    pub officer: String,
    /// None: every office that is led; empty: what belongs to none.
    pub office: Option<String>,
    /// Of `DUE`; empty: whenever.
    pub due: String,
    pub after: String,
}

impl Listed {
    /// The address of its first page.
    pub fn path(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("agency", &self.agency).append_pair("officer", &self.officer);
        if let Some(office) = &self.office {
            query.append_pair("office", office);
        }
        if !self.due.is_empty() {
            query.append_pair("due", &self.due);
        }
        format!("/officer/load/tasks?{}", query.finish())
    }

    fn of(posted: &Posted) -> Result<Self, Refused> {
        let office = posted.0.iter().find(|(name, _)| name == "_office").map(|(_, office)| office.clone());
        let listed = Self {
            agency: posted.control("_list").to_owned(),
            officer: hex(&officer(posted.control("_officer"))?),
            office,
            due: posted.control("_due").to_owned(),
            after: String::new(),
        };
        let is_office = listed.office.as_ref().is_none_or(|office| office.is_empty() || is_name(office));
        let known = is_name(&listed.agency) && is_office && (listed.due.is_empty() || title_of(&listed.due).is_some());
        if known { Ok(listed) } else { Err(fault::no_such_page().into()) }
    }
}

/// Key of the title of what is due then.
fn title_of(due: &str) -> Option<&'static str> {
    DUE.into_iter().find(|(known, _)| *known == due).map(|(_, key)| key)
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    back: Option<i64>,
    #[serde(default)]
    left: i64,
}

pub async fn load(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let request = docket::ReadLoadRequest { agency: wanted.agency };
    let load = portal.services.read(&session, &docket::operations::READ_LOAD, PLATFORM, &request).await?;
    let titles = offices(&portal, &visit, &load.agency).await;
    let unstaffed = unstaffed(&portal, &session, &load.agency, |office| titles.get(office).cloned()).await;
    let back = wanted.back.map(|back| (back, wanted.left));
    page(&LoadPage { f: Frame::new(&portal, &visit), load, titles, unstaffed, back })
}

/// Tasks of an agency that nobody can take, with their offices by `title`. The page comes without them rather than not at all.
pub async fn unstaffed(
    portal: &Portal,
    session: &Session,
    agency: &str,
    title: impl Fn(&str) -> Option<String>,
) -> Option<Unstaffed> {
    let request = docket::ListUnstaffedRequest { agency: agency.to_owned() };
    let read = portal.services.read(session, &docket::operations::LIST_UNSTAFFED, PLATFORM, &request).await;
    let told = read.inspect_err(|failure| tracing::info!(code = %failure.code, "who can take the tasks is not known"));
    let mut found: Unstaffed = told.ok()?;
    for task in &mut found.tasks {
        if let Some(title) = title(&task.office) {
            task.office = title;
        }
    }
    Some(found)
}

#[derive(Template)]
#[template(path = "officer_held.html")]
pub struct HeldPage {
    pub f: Frame,
    pub listed: Listed,
    /// Titles of the agency's offices.
    pub titles: BTreeMap<String, String>,
    pub held: Held,
    pub now: i64,
    pub pages: Pages,
}

impl HeldPage {
    /// Key of the title.
    pub fn title(&self) -> &'static str {
        let usual = if self.listed.officer.is_empty() { "load-unclaimed" } else { "held-title" };
        title_of(&self.listed.due).unwrap_or(usual)
    }

    /// Whose, or where.
    pub fn of(&self) -> Option<String> {
        let office = self.listed.office.as_ref().map(|office| titled(&self.f, &self.titles, office));
        if self.held.name.is_empty() { office } else { Some(self.held.name.clone()) }
    }

    /// Tasks of several holders are listed.
    pub fn of_anybody(&self) -> bool {
        self.listed.officer.is_empty() && !self.listed.due.is_empty()
    }

    pub fn late(&self, task: &Task) -> bool {
        task.due_us > 0 && task.due_us < self.now
    }

    pub fn id(&self, bytes: &[u8]) -> String {
        hex(bytes)
    }

    /// Whose service it is of.
    pub fn home<'t>(&self, task: &'t Task) -> &'t str {
        home(task)
    }

    /// Who else may have it: whoever has its role in its very office.
    pub fn colleagues(&self, task: &Task) -> Vec<&Colleague> {
        let mut fitting: Vec<&Colleague> = Vec::new();
        for one in &self.held.colleagues {
            let fits = one.role == task.role && (task.office.is_empty() || one.office == task.office);
            let known = fitting.iter().any(|known| known.officer == one.officer);
            if fits && !known && one.officer != task.assignee {
                fitting.push(one);
            }
        }
        fitting
    }
}

/// Tasks keep the names of their offices here: by them it is judged who may have a task.
pub async fn held(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(mut listed): Query<Listed>,
) -> Result<Response, Refused> {
    // An address that somebody shortened shows more, not an error.
    if title_of(&listed.due).is_none() {
        listed.due.clear();
    }
    let request = docket::ListHeldRequest {
        agency: listed.agency.clone(),
        officer: officer(&listed.officer)?,
        offices: listed.office.iter().cloned().collect(),
        due: listed.due.clone(),
        after: listed.after.clone(),
    };
    let mut held = portal.services.read(&session, &docket::operations::LIST_HELD, PLATFORM, &request).await?;
    if let Some((case, version)) = session.seen {
        held.tasks.retain(|task| task.case_id != case.to_vec() || task.version >= version);
    }
    let titles = match listed.office {
        Some(_) => offices(&portal, &visit, &listed.agency).await,
        None => BTreeMap::new(),
    };
    let pages = Pages::of(&listed.path(), &listed.after, &held.next);
    let now = portal.clock.now().micros();
    page(&HeldPage { f: Frame::new(&portal, &visit), listed, titles, held, now, pages })
}

/// An id as addresses write it; nobody's is empty.
fn officer(written: &str) -> Result<Vec<u8>, Refused> {
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let id: PersonId = written.parse().map_err(|_| fault::no_such_page())?;
    Ok(id.to_vec())
}

fn place(posted: &Posted) -> Result<TaskPlace, Refused> {
    let part = |name: &str| posted.control(name).to_owned();
    TaskPlace::new((part("_agency"), part("_service"), part("_case"), part("_task")))
}

/// Gives a task to an officer, whoever has it now.
pub async fn assign(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let place = place(&posted)?;
    let listed = Listed::of(&posted)?;
    let to = officer(posted.control("_to"))?;
    let request = AssignTaskRequest { case_id: place.at.case.to_vec(), task_id: place.task.to_vec(), officer: to };
    let command = posted.command()?;
    let reply: CaseReply =
        portal.services.command(&session, &operations::ASSIGN_TASK, place.at.host(), &request, command).await?;
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&listed.path()).into_response())
}

/// Takes back everything that an officer has who is away.
pub async fn take_back(
    State(portal): Shared,
    Officer(_, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let (agency, whose) = (posted.control("_agency").to_owned(), officer(posted.control("_officer"))?);
    if whose.is_empty() || !is_name(&agency) {
        return Err(fault::no_such_page().into());
    }
    let command = posted.command()?;
    let (mut back, mut left) = (0_i64, 0_i64);
    let mut request = docket::ListHeldRequest {
        agency: agency.clone(),
        officer: whose.clone(),
        ..docket::ListHeldRequest::default()
    };
    loop {
        let held = portal.services.read(&session, &docket::operations::LIST_HELD, PLATFORM, &request).await?;
        for task in held.tasks {
            let home = home(&task).to_owned();
            let release = ReleaseTaskRequest { case_id: task.case_id, task_id: task.task_id, officer: whose.clone() };
            let host = Address::service(&home, &task.service);
            let sent: Result<CaseReply, Failure> =
                portal.services.command(&session, &operations::RELEASE_TASK, host, &release, command).await;
            match sent {
                Ok(_) => back += 1,
                Err(failure) if is_settled(&failure) => {}
                Err(failure) => {
                    tracing::info!(code = %failure.code, "a task could not be taken back");
                    left += 1;
                }
            }
        }
        if held.next.is_empty() {
            break;
        }
        request.after = held.next;
    }
    Ok(Redirect::to(&format!("/officer/load?agency={agency}&back={back}&left={left}")).into_response())
}

/// It was decided, or somebody else has it by now: there is nothing to take back.
fn is_settled(failure: &Failure) -> bool {
    matches!(failure.kind, ErrorKind::Conflict | ErrorKind::NotFound | ErrorKind::Stale)
}
