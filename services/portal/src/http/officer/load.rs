//! How much waits in the offices that an officer leads, for whom, and who is to have it.

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
        posted::Posted,
        visit::Officer,
    },
    store::Session,
};

#[derive(Template)]
#[template(path = "officer_load.html")]
pub struct LoadPage {
    pub f: Frame,
    pub load: Load,
    /// What nobody can take; none: that is not known now.
    pub unstaffed: Option<Unstaffed>,
    /// How many tasks were just given back, where some were, and how many could not be.
    pub back: Option<(i64, i64)>,
}

impl LoadPage {
    pub fn href(&self, officer: &[u8]) -> String {
        address(&self.load.agency, officer)
    }

    pub fn unclaimed_href(&self) -> String {
        address(&self.load.agency, &[])
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

/// Of what an officer has, or, where none is named, nobody.
fn address(agency: &str, officer: &[u8]) -> String {
    format!("/officer/load/tasks?agency={agency}&officer={}", hex(officer))
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
    let mut load = portal.services.read(&session, &docket::operations::READ_LOAD, PLATFORM, &request).await?;
    let titles = offices(&portal, &visit, &load.agency).await;
    for office in &mut load.offices {
        if let Some(title) = titles.get(&office.office) {
            office.office.clone_from(title);
        }
    }
    let unstaffed = unstaffed(&portal, &session, &load.agency, |office| titles.get(office).cloned()).await;
    let back = wanted.back.map(|back| (back, wanted.left));
    page(&LoadPage { f: Frame::new(&portal, &visit), load, unstaffed, back })
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
    pub agency: String,
    /// As addresses write the id; empty: what nobody has.
    pub officer: String,
    pub held: Held,
    pub now: i64,
}

impl HeldPage {
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

#[derive(Deserialize)]
pub struct Whose {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    officer: String,
}

/// Offices keep their names here: by them it is judged who may have a task.
pub async fn held(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(whose): Query<Whose>,
) -> Result<Response, Refused> {
    let request = docket::ListHeldRequest { agency: whose.agency.clone(), officer: officer(&whose.officer)? };
    let mut held = portal.services.read(&session, &docket::operations::LIST_HELD, PLATFORM, &request).await?;
    if let Some((case, version)) = session.seen {
        held.tasks.retain(|task| task.case_id != case.to_vec() || task.version >= version);
    }
    let now = portal.clock.now().micros();
    page(&HeldPage { f: Frame::new(&portal, &visit), agency: whose.agency, officer: whose.officer, held, now })
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
    let list = posted.control("_list");
    if !is_name(list) {
        return Err(fault::no_such_page().into());
    }
    let to = officer(posted.control("_to"))?;
    let whose = officer(posted.control("_officer"))?;
    let request = AssignTaskRequest { case_id: place.at.case.to_vec(), task_id: place.task.to_vec(), officer: to };
    let command = posted.command()?;
    let reply: CaseReply =
        portal.services.command(&session, &operations::ASSIGN_TASK, place.at.host(), &request, command).await?;
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&address(list, &whose)).into_response())
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
    let request = docket::ListHeldRequest { agency: agency.clone(), officer: whose.clone() };
    let held = portal.services.read(&session, &docket::operations::LIST_HELD, PLATFORM, &request).await?;
    let (mut back, mut left) = (0_i64, 0_i64);
    for task in held.tasks {
        let home = home(&task).to_owned();
        let request = ReleaseTaskRequest { case_id: task.case_id, task_id: task.task_id, officer: whose.clone() };
        let host = Address::service(&home, &task.service);
        let sent: Result<CaseReply, Failure> =
            portal.services.command(&session, &operations::RELEASE_TASK, host, &request, command).await;
        match sent {
            Ok(_) => back += 1,
            Err(failure) if is_settled(&failure) => {}
            Err(failure) => {
                tracing::info!(code = %failure.code, "a task could not be taken back");
                left += 1;
            }
        }
    }
    Ok(Redirect::to(&format!("/officer/load?agency={agency}&back={back}&left={left}")).into_response())
}

/// It was decided, or somebody else has it by now: there is nothing to take back.
fn is_settled(failure: &Failure) -> bool {
    matches!(failure.kind, ErrorKind::Conflict | ErrorKind::NotFound | ErrorKind::Stale)
}
