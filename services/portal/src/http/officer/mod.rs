//! The officer's pages.

mod grants;
mod messages;
mod opening;
mod queue;
mod task;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
#[cfg(test)]
pub use grants::GrantsPage;
use kernel::TaskId;
#[cfg(test)]
pub use messages::MessagesPage;
#[cfg(test)]
pub use opening::{DecidedPage, ReasonPage};
use proto::identity::v1::{self as identity, ReadPersonRequest, operations};
#[cfg(test)]
pub use queue::QueuePage;
#[cfg(test)]
pub use task::{Chosen, TaskTemplate};

use super::{
    Portal,
    fault::{self, Refused},
    visit::CasePlace,
};
use crate::store::Session;

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/officer", get(queue::queue))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}", get(task::task).post(task::decide))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/reason", get(opening::back).post(opening::give_reason))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/documents/{document}", get(opening::document))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/messages", get(messages::messages))
        .route("/officer/grants", get(grants::grants).post(grants::approve))
        .route("/officer/grants/revoke", post(grants::revoke))
}

/// The officer with the appointments in force, as identity knows them now.
async fn current(portal: &Portal, session: &Session) -> Result<identity::Officer, Refused> {
    let request = ReadPersonRequest { person: session.person.to_vec(), case_id: Vec::new() };
    let mut officer = portal.services.ask(&operations::READ_OFFICER, &request).await?;
    let now = portal.clock.now().micros();
    officer.appointments.retain(|role| role.from_us <= now && (role.to_us == 0 || now < role.to_us));
    Ok(officer)
}

/// Name and agencies of the officer, as identity knows them now.
pub async fn appointments(portal: &Portal, session: &Session) -> Result<(String, Vec<String>), Refused> {
    let officer = current(portal, session).await?;
    let mut agencies: Vec<String> = officer.appointments.iter().map(|role| role.agency.clone()).collect();
    agencies.sort();
    agencies.dedup();
    Ok((officer.display_name, agencies))
}

/// Pages for those who hold another duty than deciding, each with the key of its title.
async fn duties(portal: &Portal, session: &Session) -> Result<Vec<(&'static str, &'static str)>, Refused> {
    let officer = current(portal, session).await?;
    let holds = |role: &str| officer.appointments.iter().any(|held| held.role == role);
    let pages = [("auditor", "/officer/audit", "audit-title"), ("archivist", "/officer/records", "records-title")];
    Ok(pages.into_iter().filter(|(role, ..)| holds(role)).map(|(_, path, key)| (path, key)).collect())
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
