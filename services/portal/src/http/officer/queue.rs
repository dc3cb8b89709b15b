//! The queue: what waits for this officer in one of their agencies, most urgent first, narrowed as they like.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::Uri,
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use proto::{
    Empty,
    docket::v1::{self as docket, QueueFilter, Task},
};
use serde::Deserialize;

use super::{ARCHIVIST, Appointed, appointments, home, paper, words};
use crate::{
    http::{
        Portal, Shared,
        fault::Refused,
        finance::{Suspended, suspended},
        frame::{Frame, hex, page},
        pages::Pages,
        posted::Posted,
        visit::Officer,
    },
    store::Session,
};

const ROWS: i32 = 50;
const HOLDERS: [&str; 4] = ["mine", "nobody", "others", "second"];
/// What an officer has just done, as the address says it, and the text that tells it.
const DONE: [(&str, &str); 3] = [("yes", "queue-decided"), ("proposed", "queue-proposed"), ("back", "queue-sent-back")];
/// What the next case was asked for in vain, likewise.
pub const NOBODYS: &str = "none";
pub const MISSED: &str = "missed";
const IN_VAIN: [(&str, &str); 2] = [(NOBODYS, "next-none"), (MISSED, "next-missed")];
/// In which a case may stand while an officer's task is open.
pub const STATES: [&str; 9] =
    ["reviewing", "asked", "returned", "paying", "asking", "delayed", "refunding", "waiting", "working"];

#[derive(Template)]
#[template(path = "officer_queue.html")]
pub struct QueuePage {
    pub f: Frame,
    pub officer: String,
    /// Who they are to the tasks.
    pub person: Vec<u8>,
    /// Agencies in which this officer has a role.
    pub agencies: Vec<String>,
    pub leads: bool,
    /// They take in what comes on paper.
    pub papers: bool,
    /// Legal holds that end soon, for whoever looks after the records.
    pub ending: Vec<docket::EndingHold>,
    /// Money that waits, for whoever looks after an agency's.
    pub suspended: Vec<Suspended>,
    /// What is shown: the agency, and what its queue is narrowed to.
    pub wanted: Wanted,
    /// Names and titles of what it can be narrowed to.
    pub services: Vec<(String, String)>,
    pub offices: Vec<(String, String)>,
    pub roles: Vec<String>,
    pub filters: Vec<QueueFilter>,
    pub tasks: Vec<Task>,
    pub now: i64,
    pub stale: bool,
    pub pages: Pages,
}

impl QueuePage {
    pub fn href(&self, task: &Task) -> String {
        format!("/officer/tasks/{}", self.place(task))
    }

    pub fn place(&self, task: &Task) -> String {
        format!("{}/{}/{}/{}", home(task), task.service, hex(&task.case_id), hex(&task.task_id))
    }

    pub fn ending_count(&self) -> i64 {
        i64::try_from(self.ending.len()).unwrap_or(i64::MAX)
    }

    /// A hold's last whole day.
    pub fn last_day(&self, hold: &docket::EndingHold) -> String {
        self.f.day(hold.until_us - 1)
    }

    pub fn late(&self, task: &Task) -> bool {
        task.due_us > 0 && task.due_us < self.now
    }

    pub fn mine(&self, task: &Task) -> bool {
        task.assignee == self.person
    }

    /// Somebody else proposed how to decide it, and it waits to be checked.
    pub fn to_check(&self, task: &Task) -> bool {
        !task.proposer.is_empty() && task.proposer != self.person
    }

    pub fn own_proposal(&self, task: &Task) -> bool {
        task.proposer == self.person
    }

    /// Whether the officer may decide it together with others.
    pub fn pickable(&self, task: &Task) -> bool {
        !task.requested && !task.kept_off && task.proposer.is_empty() && (task.assignee.is_empty() || self.mine(task))
    }

    /// Key of the text that tells what was just done.
    pub fn done(&self) -> Option<&'static str> {
        DONE.into_iter().find(|(done, _)| *done == self.wanted.decided).map(|(_, key)| key)
    }

    /// Key of the text that tells why no next case was taken.
    pub fn in_vain(&self) -> Option<&'static str> {
        IN_VAIN.into_iter().find(|(why, _)| *why == self.wanted.decided).map(|(_, key)| key)
    }

    pub fn waiting(&self) -> i64 {
        i64::try_from(self.tasks.len()).unwrap_or(i64::MAX)
    }

    pub fn filter_href(&self, filter: &QueueFilter) -> String {
        Wanted::from(filter).path()
    }

    pub fn states(&self) -> &'static [&'static str] {
        &STATES
    }
}

/// Nothing in it is about a person, so that it can stand in an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Wanted {
    pub agency: String,
    pub office: String,
    pub service: String,
    pub role: String,
    pub holder: String,
    /// `yes`, or nothing.
    pub late: String,
    pub status: String,
    pub decided: String,
    pub after: String,
}

impl Wanted {
    /// The address of its first page.
    pub fn path(&self) -> String {
        let parts = [
            ("agency", &self.agency),
            ("office", &self.office),
            ("service", &self.service),
            ("role", &self.role),
            ("holder", &self.holder),
            ("late", &self.late),
            ("status", &self.status),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parts.into_iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() { "/officer".to_owned() } else { format!("/officer?{query}") }
    }

    /// What an address of ours narrows the queue to; of another one, nothing.
    pub fn at(address: &str) -> Self {
        let asked = address.parse().ok().and_then(|uri: Uri| Query::<Self>::try_from_uri(&uri).ok());
        asked.map(|Query(wanted)| wanted).unwrap_or_default()
    }

    /// Of the officer's own agencies, and narrowed only as it can be: an address that somebody shortened shows more, not an error.
    pub fn of(mut self, held: &Appointed) -> Self {
        if !held.agencies.contains(&self.agency) {
            self.agency = held.agencies.first().cloned().unwrap_or_default();
        }
        if !HOLDERS.contains(&self.holder.as_str()) {
            self.holder.clear();
        }
        self
    }

    pub fn is_late(&self) -> bool {
        self.late == "yes"
    }

    pub fn request(&self, limit: i32) -> docket::ListQueueRequest {
        docket::ListQueueRequest {
            agency: self.agency.clone(),
            office: self.office.clone(),
            limit,
            after: self.after.clone(),
            service: self.service.clone(),
            role: self.role.clone(),
            holder: self.holder.clone(),
            late: self.is_late(),
            status: self.status.clone(),
        }
    }

    /// Whether less than the agency's whole queue is shown.
    pub fn narrows(&self) -> bool {
        let parts = [&self.office, &self.service, &self.role, &self.holder, &self.status];
        self.is_late() || parts.iter().any(|part| !part.is_empty())
    }

    fn filter(&self, name: &str) -> QueueFilter {
        QueueFilter {
            name: name.to_owned(),
            agency: self.agency.clone(),
            office: self.office.clone(),
            service: self.service.clone(),
            role: self.role.clone(),
            holder: self.holder.clone(),
            late: self.is_late(),
            status: self.status.clone(),
        }
    }
}

impl From<&QueueFilter> for Wanted {
    fn from(filter: &QueueFilter) -> Self {
        Self {
            agency: filter.agency.clone(),
            office: filter.office.clone(),
            service: filter.service.clone(),
            role: filter.role.clone(),
            holder: filter.holder.clone(),
            late: if filter.late { "yes".to_owned() } else { String::new() },
            status: filter.status.clone(),
            ..Self::default()
        }
    }
}

pub async fn queue(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let held = appointments(&portal, &session).await?;
    let wanted = wanted.of(&held);
    let mut queue = docket::Queue::default();
    if !wanted.agency.is_empty() {
        let request = wanted.request(ROWS);
        queue = portal.services.read(&session, &docket::operations::LIST_QUEUE, PLATFORM, &request).await?;
    }
    queue.tasks.retain(|task| is_current(task, &session));
    let address = wanted.path();
    if session.opened.desk.queue != address {
        // Where an officer works is a comfort: the queue is there without it.
        if let Err(failure) = portal.sessions.keep_desk(&session, |desk| desk.queue = address).await {
            tracing::info!(code = %failure.code, "the officer's place is not kept");
        }
    }
    let ending = ending_holds(&portal, &session, &held).await;
    let papers = paper::takes_any_in(&portal, &visit, &held).await;
    let suspended = suspended(&portal, &session, &held.roles).await;
    let pages = Pages::of(&wanted.path(), &wanted.after, &queue.next);
    let services = queue.services.iter().map(|service| (wanted.agency.clone(), service.clone())).collect();
    let (services, offices) = words(&portal, &visit, services).await;
    for task in &mut queue.tasks {
        if let Some(title) = offices.get(&(task.agency.clone(), task.office.clone())) {
            task.office.clone_from(title);
        }
    }
    page(&QueuePage {
        f: Frame::new(&portal, &visit),
        officer: held.name,
        person: session.person.to_vec(),
        agencies: held.agencies,
        leads: held.leads,
        papers,
        ending: ending.holds,
        suspended,
        services: titled(&wanted.agency, queue.services, &wanted.service, &services),
        offices: titled(&wanted.agency, queue.offices, &wanted.office, &offices),
        roles: queue.roles,
        filters: queue.filters,
        tasks: queue.tasks,
        now: portal.clock.now().micros(),
        stale: queue.stale,
        pages,
        wanted,
    })
}

/// What this officer has just decided may still be on the list, which follows a moment later.
pub fn is_current(task: &Task, session: &Session) -> bool {
    session.seen.is_none_or(|(case, version)| task.case_id != case.to_vec() || task.version >= version)
}

/// The queue as the officer narrowed it last, else that of an agency.
pub fn desk(session: &Session, agency: &str) -> String {
    match session.opened.desk.queue.as_str() {
        "" => Wanted { agency: agency.to_owned(), ..Wanted::default() }.path(),
        kept => kept.to_owned(),
    }
}

/// Leads there, where it is told what was `done`.
pub fn back(queue: &str, done: &str) -> Redirect {
    let joint = if queue.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{queue}{joint}decided={done}"))
}

/// Holds that end soon, for whoever looks after the records. Without them the first page serves all the same: nobody else's work waits.
async fn ending_holds(portal: &Portal, session: &Session, held: &Appointed) -> docket::EndingHolds {
    if held.roles.iter().all(|(_, role)| role != ARCHIVIST) {
        return docket::EndingHolds::default();
    }
    let request = Empty::default();
    let found = portal.services.read(session, &docket::operations::LIST_ENDING_HOLDS, PLATFORM, &request).await;
    found.unwrap_or_else(|failure| {
        tracing::warn!(code = %failure.code, ?failure, "which holds end soon is not shown");
        docket::EndingHolds::default()
    })
}

/// Choices with their titles, and the one that is chosen in any case.
fn titled(
    agency: &str,
    mut names: Vec<String>,
    chosen: &str,
    titles: &BTreeMap<(String, String), String>,
) -> Vec<(String, String)> {
    if !chosen.is_empty() && !names.iter().any(|name| name == chosen) {
        names.push(chosen.to_owned());
    }
    let title = |name: String| {
        let title = titles.get(&(agency.to_owned(), name.clone())).cloned();
        (name.clone(), title.unwrap_or(name))
    };
    names.into_iter().map(title).collect()
}

/// Keeps what is shown under a name.
pub async fn save(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let control = |name: &str| posted.control(name).to_owned();
    let wanted = Wanted {
        agency: control("_agency"),
        office: control("_office"),
        service: control("_service"),
        role: control("_role"),
        holder: control("_holder"),
        late: control("_late"),
        status: control("_status"),
        ..Wanted::default()
    };
    let request = docket::SaveFilterRequest { filter: Some(wanted.filter(posted.control("_name"))) };
    let _: Empty = portal
        .services
        .command(&session, &docket::operations::SAVE_FILTER, PLATFORM, &request, posted.command()?)
        .await?;
    Ok(Redirect::to(&wanted.path()).into_response())
}

pub async fn forget(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let request = docket::RemoveFilterRequest { name: posted.control("_name").to_owned() };
    let _: Empty = portal
        .services
        .command(&session, &docket::operations::REMOVE_FILTER, PLATFORM, &request, posted.command()?)
        .await?;
    Ok(Redirect::to("/officer").into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_its_address_and_its_name() {
        let wanted = Wanted {
            agency: "justice".into(),
            office: "a&b".into(),
            holder: "mine".into(),
            late: "yes".into(),
            ..Wanted::default()
        };
        assert_eq!(wanted.path(), "/officer?agency=justice&office=a%26b&holder=mine&late=yes");
        assert_eq!(Wanted::from(&wanted.filter("My late ones")), wanted);
        assert!(wanted.narrows() && !Wanted { agency: "justice".into(), ..Wanted::default() }.narrows());
        assert_eq!(Wanted::default().path(), "/officer");
        assert_eq!(Wanted::at(&wanted.path()), wanted, "nor does it get lost on the way back to the queue");
        for foreign in ["", "https://elsewhere.example/officer", "/officer?late=yes&late=no"] {
            assert_eq!(Wanted::at(foreign), Wanted::default(), "{foreign}");
        }
    }

    #[test]
    fn what_the_whole_agency_has_is_nobodys_own_queue_until_it_is_of_no_office() {
        let held = |office: &str| Appointed {
            name: String::new(),
            agencies: vec!["justice".into()],
            roles: [("justice".into(), "registrar".into())].into(),
            seats: [("justice".into(), "registrar".into(), office.into())].into(),
            leads: false,
        };
        let task = |role: &str, office: &str| Task {
            agency: "justice".into(),
            role: role.into(),
            office: office.into(),
            ..Task::default()
        };
        assert!(held("nukus").owns(&task("registrar", "nukus")) && held("nukus").owns(&task("registrar", "")));
        assert!(!held("nukus").owns(&task("registrar", "tashkent")) && !held("nukus").owns(&task("chief", "nukus")));
        assert!(held("").owns(&task("registrar", "")) && !held("").owns(&task("registrar", "nukus")));
    }

    #[test]
    fn the_queue_is_of_the_officers_own_agencies_and_narrowed_only_as_it_can_be() {
        let held = Appointed {
            name: String::new(),
            agencies: vec!["interior".into(), "justice".into()],
            roles: [].into(),
            seats: [].into(),
            leads: false,
        };
        let wanted =
            |agency: &str, holder: &str| Wanted { agency: agency.into(), holder: holder.into(), ..Wanted::default() };
        assert_eq!(wanted("justice", "mine").of(&held), wanted("justice", "mine"));
        assert_eq!(wanted("health", "everybody").of(&held), wanted("interior", ""));
    }
}
