//! Objects of revisions that stand as they were left: a look at their definition does not ask for them again.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use kernel::{Hash, Time};

use super::objects::Told;
use crate::memory::Lately;

/// What each object says, by its revision.
pub type Said = BTreeMap<Hash, Told>;

pub struct Made {
    /// By the definition's uid.
    known: Lately<String, Said>,
    /// How often one was taken away, or may have been.
    gone: AtomicU64,
}

/// How often objects had gone at a moment.
pub struct Before(u64);

impl Made {
    pub fn new(for_as_long: Duration) -> Self {
        Self { known: Lately::new(for_as_long), gone: AtomicU64::default() }
    }

    pub fn before(&self) -> Before {
        Before(self.gone.load(Ordering::SeqCst))
    }

    /// They were made so; what went meanwhile may have been one of them.
    pub fn say(&self, uid: String, said: Said, before: &Before, now: Time) {
        self.known.put(uid.clone(), said, now);
        if self.before().0 != before.0 {
            self.known.forget(&uid);
        }
    }

    pub fn said(&self, uid: &String, now: Time) -> Option<Said> {
        self.known.get(uid, now)
    }

    pub fn is_gone(&self, uid: &String) {
        self.gone.fetch_add(1, Ordering::SeqCst);
        self.known.forget(uid);
    }

    /// A watch was blind for a while.
    pub fn any_may_be_gone(&self) {
        self.gone.fetch_add(1, Ordering::SeqCst);
        self.known.forget_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(0);

    #[test]
    fn what_goes_while_objects_are_made_is_not_believed_to_be_there() {
        let made = Made::new(Duration::from_secs(600));
        let uid = "a".to_owned();
        let said = Said::from([(Hash::of(b"1"), Told::default())]);
        made.say(uid.clone(), said.clone(), &made.before(), NOW);
        assert_eq!(made.said(&uid, NOW), Some(said.clone()));
        made.is_gone(&uid);
        assert_eq!(made.said(&uid, NOW), None);
        let before = made.before();
        made.any_may_be_gone();
        made.say(uid.clone(), said, &before, NOW);
        assert_eq!(made.said(&uid, NOW), None);
    }
}
