//! Remembers message ids within the window in which a message is accepted, so that none is accepted twice.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Mutex,
    time::Duration,
};

use kernel::{Failure, Time, id::MessageId};

use crate::keys::refused;

/// How far a sender's clock may differ from ours.
pub const WINDOW: Duration = Duration::from_secs(300);
const MOST: usize = 1_000_000;

#[derive(Default)]
pub struct Seen(Mutex<State>);

#[derive(Default)]
struct State {
    ids: HashSet<MessageId>,
    by_time: BTreeSet<(Time, MessageId)>,
}

impl Seen {
    /// Accepts a message once, and only near its time.
    pub fn accept(&self, id: MessageId, time: Time, now: Time) -> Result<(), Failure> {
        if time > now.plus(WINDOW) || time < now.minus(WINDOW) {
            return Err(refused("its time is too far from ours"));
        }
        let mut state = self.0.lock().expect("no holder of this lock panics");
        let oldest = now.minus(WINDOW);
        while let Some(&(first, first_id)) = state.by_time.first() {
            if first >= oldest && state.ids.len() < MOST {
                break;
            }
            state.by_time.pop_first();
            state.ids.remove(&first_id);
        }
        if !state.ids.insert(id) {
            return Err(refused("it was received before"));
        }
        state.by_time.insert((time, id));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_accepted_once_and_only_near_its_time() {
        let seen = Seen::default();
        let now = Time::from_seconds(1_800_000_000);
        let id = MessageId::from_bytes([1; 16]);
        assert!(seen.accept(id, now, now).is_ok());
        assert!(seen.accept(id, now, now).is_err());
        let other = MessageId::from_bytes([2; 16]);
        assert!(seen.accept(other, now.minus(WINDOW * 2), now).is_err(), "too old");
        assert!(seen.accept(other, now.plus(WINDOW * 2), now).is_err(), "too new");
        assert!(seen.accept(id, now, now.plus(WINDOW * 2)).is_err(), "forgotten, yet too old");
    }
}
