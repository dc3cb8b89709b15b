//! What officers of another agency say about a case is an opinion; its own agency decides.

use kernel::id::TaskId;

use super::{CaseState, OfficerDecision, Task};

impl CaseState {
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

    /// What other agencies said, in the order in which they did.
    pub fn opinions(&self) -> impl Iterator<Item = &OfficerDecision> {
        self.decisions.iter().filter(|decision| self.is_opinion(decision.task))
    }
}
