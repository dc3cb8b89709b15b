//! What `decide` answers: the events to commit, and what the host has to write down because of them.

use crate::{
    action::{ActionId, OpenAction},
    case::CaseState,
    event::{Event, What},
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

    /// Actions whose rows are done with: answered, or no longer wanted because their step was left.
    pub fn closed_actions(&self) -> Vec<ActionId> {
        let closed = self.events.iter().filter_map(|event| match &event.what {
            What::ActionClosed { action, .. } => Some(*action),
            _ => None,
        });
        closed.collect()
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
