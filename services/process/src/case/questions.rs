//! The thread of a case: what officers ask the applicant while they have a task, and what was answered.

use kernel::{
    Time,
    id::{PersonId, TaskId},
};
use serde::{Deserialize, Serialize};

use super::{CaseState, Waiting};
use crate::evidence::FileReference;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// From 1 within the case.
    pub number: u32,
    pub task: TaskId,
    pub step: String,
    pub text: String,
    pub officer: PersonId,
    pub asked: Time,
    /// Until then it can be answered.
    pub until: Time,
    /// The task's deadline when its time stopped; absent where no time ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Since when nobody waits for an answer: it came, its time was over, its task was no longer needed, or it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Time>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken_back: bool,
    /// What the officer enclosed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileReference>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub text: String,
    pub by: PersonId,
    pub at: Time,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileReference>,
}

impl Question {
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// `open`, `answered`, `unanswered`, `taken-back`
    pub fn state(&self) -> &'static str {
        match (&self.answer, self.closed) {
            _ if self.taken_back => "taken-back",
            (Some(_), _) => "answered",
            (None, None) => "open",
            (None, Some(_)) => "unanswered",
        }
    }
}

impl CaseState {
    /// The question of a task that waits for its answer; there is one at a time.
    pub fn open_question(&self, task: TaskId) -> Option<&Question> {
        self.questions.iter().find(|question| question.task == task && question.is_open())
    }

    /// How what a token waits for is told, and how much it is worth telling: an officer who asked waits for the applicant.
    pub(super) fn standing(&self, waiting: &Waiting) -> (u8, &'static str) {
        match waiting {
            Waiting::Task { task } if self.open_question(*task).is_some() => (0, "asked"),
            other => other.status(),
        }
    }
}
