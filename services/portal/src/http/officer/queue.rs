//! The queue: what waits for this officer in one of their agencies, most urgent first.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use bus::subject::PLATFORM;
use proto::docket::v1::{self as docket, Task};
use serde::Deserialize;

use super::{appointments, duties};
use crate::http::{
    Portal, Shared,
    catalogue::read_service,
    fault::Refused,
    frame::{Frame, hex, page},
    pages::Pages,
    visit::{Officer, Visit},
};

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
    /// (path, key of the title)
    pub duties: Vec<(&'static str, &'static str)>,
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

pub async fn queue(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let (officer, agencies) = appointments(&portal, &session).await?;
    let duties = duties(&portal, &session).await?;
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
        duties,
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
