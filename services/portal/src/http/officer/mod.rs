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
use proto::identity::v1::{ReadPersonRequest, operations};
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

/// Name and agencies of the officer, as identity knows them now.
async fn appointments(portal: &Portal, session: &Session) -> Result<(String, Vec<String>), Refused> {
    let request = ReadPersonRequest { person: session.person.to_vec(), case_id: Vec::new() };
    let officer = portal.services.ask(&operations::READ_OFFICER, &request).await?;
    let now = portal.clock.now().micros();
    let current =
        officer.appointments.iter().filter(|role| role.from_us <= now && (role.to_us == 0 || now < role.to_us));
    let mut agencies: Vec<String> = current.map(|role| role.agency.clone()).collect();
    agencies.sort();
    agencies.dedup();
    Ok((officer.display_name, agencies))
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
