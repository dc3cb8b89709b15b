//! A task as it is opened.

use api::Span;
use kernel::{Time, id::TaskId};
use serde::{Deserialize, Serialize};

use crate::case::{Task, TokenId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOpened {
    pub task: TaskId,
    pub step: String,
    pub activation: u32,
    pub token: TokenId,
    pub agency: String,
    pub role: String,
    pub office: Option<String>,
    pub due: Option<Time>,
    /// The time that the definition gave this case. An earlier release did not keep it: there was one for all cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Span>,
}

impl TaskOpened {
    pub fn at(&self, opened: Time) -> Task {
        Task {
            id: self.task,
            step: self.step.clone(),
            activation: self.activation,
            token: self.token,
            agency: self.agency.clone(),
            role: self.role.clone(),
            office: self.office.clone(),
            opened,
            due: self.due,
            allowed: self.allowed,
            escalated: false,
            closed: None,
            claim: None,
            proposal: None,
        }
    }
}
