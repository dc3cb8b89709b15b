//! What officers of another agency say about a case is an opinion; its own agency decides.

use kernel::{
    Time,
    id::{PersonId, TaskId},
};
use serde::{Deserialize, Serialize};

use super::{CaseState, OfficerDecision, Task};

/// What an officer asked another agency beside the process. To that agency's officers it is a task like any other.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OpinionRequest {
    pub id: TaskId,
    /// In which it was asked, and its step.
    pub task: TaskId,
    pub step: String,
    pub agency: String,
    pub role: String,
    pub text: String,
    /// Keys of the pages that it shows, and nothing else.
    pub pages: Vec<String>,
    pub officer: PersonId,
    pub asked: Time,
    pub until: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenOpinion>,
    /// Since when nobody waits for it: it was given, its time was over, or the task in which it was asked is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Time>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct GivenOpinion {
    /// One of `OUTCOMES`.
    pub outcome: String,
    pub note: String,
    pub officer: PersonId,
    pub at: Time,
}

impl OpinionRequest {
    /// What can be said beside the process, which has no outcomes of its own for it.
    pub const OUTCOMES: [&str; 2] = ["no-objection", "objection"];

    /// As officers of the other agency meet it. It belongs to no office, moves no token and is nobody's to claim.
    pub fn as_task(&self) -> Task {
        Task {
            id: self.id,
            step: self.step.clone(),
            activation: 0,
            token: 0,
            agency: self.agency.clone(),
            role: self.role.clone(),
            office: None,
            opened: self.asked,
            due: Some(self.until),
            allowed: None,
            escalated: false,
            closed: self.closed,
            claim: None,
            proposal: None,
        }
    }
}

impl CaseState {
    pub fn request(&self, id: TaskId) -> Option<&OpinionRequest> {
        self.requests.iter().find(|request| request.id == id)
    }

    /// Of a task that asks another agency and waits; there is one at a time.
    pub fn open_request(&self, task: TaskId) -> Option<&OpinionRequest> {
        self.open_requests().find(|request| request.task == task)
    }

    pub fn open_requests(&self) -> impl Iterator<Item = &OpinionRequest> {
        self.requests.iter().filter(|request| request.closed.is_none())
    }

    /// A task of the process, or what is asked beside it.
    pub fn task(&self, id: TaskId) -> Option<Task> {
        self.tasks.get(&id).cloned().or_else(|| self.request(id).map(OpinionRequest::as_task))
    }

    /// Whether a task is another agency's.
    pub fn is_opinion(&self, task: TaskId) -> bool {
        self.tasks.get(&task).is_some_and(|task| self.is_foreign(task))
    }

    pub fn is_foreign(&self, task: &Task) -> bool {
        task.agency != self.agency
    }

    /// Open tasks of the case's own agency.
    pub fn own_tasks(&self) -> impl Iterator<Item = &Task> {
        self.open_tasks().filter(|task| !self.is_foreign(task))
    }

    /// What the case's own agency decided last.
    pub fn decision(&self) -> Option<&OfficerDecision> {
        self.decisions.iter().rev().find(|decision| !self.is_opinion(decision.task))
    }

    /// What it decided before that, the oldest first.
    pub fn earlier_decisions(&self) -> impl Iterator<Item = &OfficerDecision> {
        let last = self.decisions.iter().rposition(|decision| !self.is_opinion(decision.task)).unwrap_or_default();
        self.decisions[..last].iter().filter(|decision| !self.is_opinion(decision.task))
    }

    /// What other agencies said, in the order in which they did.
    pub fn opinions(&self) -> impl Iterator<Item = &OfficerDecision> {
        self.decisions.iter().filter(|decision| self.is_opinion(decision.task))
    }
}
