//! What `decide` answers: the events to commit, and what the host has to write down because of them.

use kernel::Hash;

use crate::{
    action::{ActionId, OpenAction},
    case::CaseState,
    event::{Event, What},
    evidence,
    timer::{Timer, TimerId},
};

#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Empty when the command changes nothing (a repeat, something that came too late).
    pub events: Vec<Event>,
    /// The state after the events: `apply` over `events` gives exactly this.
    pub state: CaseState,
}

impl Decision {
    /// Actions to perform after commit, new ones and repeats of failed ones (same id, higher `attempt`, `not_before` set).
    pub fn actions(&self) -> Vec<OpenAction> {
        let mut wanted: Vec<OpenAction> = Vec::new();
        for event in &self.events {
            match &event.what {
                What::ActionRequested { action } => wanted.push(action.clone()),
                What::ActionRetried { action, .. } => {
                    wanted.retain(|known| known.id != *action);
                    wanted.extend(self.state.actions.get(action).cloned());
                }
                What::ActionClosed { action, .. } => wanted.retain(|known| known.id != *action),
                _ => {}
            }
        }
        wanted
    }

    /// Actions whose rows are done with: answered, or no longer wanted because their step was left, and not asked for once more.
    pub fn closed_actions(&self) -> Vec<ActionId> {
        let mut closed = Vec::new();
        for event in &self.events {
            match &event.what {
                What::ActionClosed { action, .. } => closed.push(*action),
                What::ActionRequested { action } => closed.retain(|known| *known != action.id),
                _ => {}
            }
        }
        closed
    }

    /// Files that the case names from now on: they must lie with the host.
    pub fn attached_files(&self) -> Vec<Hash> {
        let attached = self.events.iter().filter_map(|event| match &event.what {
            What::FilesChanged { attached, .. } | What::EnclosuresChanged { attached, .. } => *attached,
            _ => None,
        });
        attached.collect()
    }

    /// Files that it no longer names anywhere. What went out with a submission stays: decisions may rest on it.
    pub fn removed_files(&self) -> Vec<Hash> {
        let removed = self.events.iter().filter_map(|event| match &event.what {
            What::FilesChanged { removed, .. } => removed.filter(|_| self.state.submitted.is_none()),
            _ => None,
        });
        let forgotten = self.events.iter().filter_map(|event| match &event.what {
            What::Submitted { forgotten, .. } => Some(forgotten),
            What::CorrectionForgotten(correction) => Some(&correction.forgotten),
            _ => None,
        });
        let enclosed = self.events.iter().filter_map(|event| match &event.what {
            What::EnclosuresChanged { removed, .. } => Some(removed),
            _ => None,
        });
        let forgotten = forgotten.chain(enclosed).flatten().copied();
        removed.chain(forgotten).filter(|file| !self.names(*file)).collect()
    }

    fn names(&self, file: Hash) -> bool {
        let corrected = self.state.correction.iter().flat_map(|correction| correction.before.values());
        let before = corrected.filter_map(|before| before.answer.as_ref());
        let answers = self.state.answers.values().chain(before).filter_map(|answer| evidence::read(answer));
        let mut thread = self.state.thread_files();
        answers.flatten().any(|named| named.hash == file) || thread.any(|named| named.hash == file)
    }

    /// Timers to set after commit.
    pub fn timers(&self) -> Vec<&Timer> {
        let set = self.events.iter().filter_map(|event| match &event.what {
            What::TimerSet { timer } => self.state.timers.get(&timer.id),
            _ => None,
        });
        set.collect()
    }

    /// Timers to remove: fired or cancelled.
    pub fn removed_timers(&self) -> Vec<TimerId> {
        let removed = self.events.iter().filter_map(|event| match &event.what {
            What::TimerCancelled { timer } | What::TimerFired { timer } => Some(*timer),
            _ => None,
        });
        removed.collect()
    }
}
