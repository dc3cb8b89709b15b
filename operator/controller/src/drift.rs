//! Tells what others did from what is wanted anew: an object that must be written though nothing else is wanted of it than before
//! was changed, or taken away, by somebody else.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

use boot::metrics;
use serde_json::Value;

/// Sums of what was wanted last, by the sum of the object's kind, namespace and name: there are many, and some hold secrets.
#[derive(Default)]
pub struct Wanted {
    known: Mutex<HashMap<u64, u64>>,
}

impl Wanted {
    fn known(&self) -> MutexGuard<'_, HashMap<u64, u64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It stands as it is wanted. True when the same was wanted at an earlier look.
    pub fn keep(&self, (kind, namespace, name): (&str, &str, &str), wanted: &Value) -> bool {
        let wanted = sum(wanted);
        self.known().insert(sum((kind, namespace, name)), wanted) == Some(wanted)
    }

    /// It had to be written, and is now.
    pub fn corrected(&self, place: (&str, &str, &str), wanted: &Value) {
        if self.keep(place, wanted) {
            metrics::DRIFT.count(&[place.0]);
        }
    }

    /// It is not wanted any more.
    pub fn forget(&self, place: (&str, &str, &str)) {
        self.known().remove(&sum(place));
    }
}

fn sum(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_wanted_before_and_must_be_written_again_was_changed_by_others() {
        let (wanted, place) = (Wanted::default(), ("NetworkPolicy", "justice", "copy"));
        assert!(!wanted.keep(place, &json!({"spec": 1})), "it is made");
        assert!(wanted.keep(place, &json!({"spec": 1})), "it had to be made again");
        assert!(!wanted.keep(place, &json!({"spec": 2})), "it is wanted otherwise");
        assert!(!wanted.keep(("NetworkPolicy", "health", "copy"), &json!({"spec": 2})));
        wanted.forget(place);
        assert!(!wanted.keep(place, &json!({"spec": 2})), "it was taken away by the operator itself");
    }

    #[test]
    fn corrections_are_counted_by_kind() {
        let (wanted, place) = (Wanted::default(), ("LimitRange", "justice", "limits"));
        wanted.corrected(place, &json!(1));
        wanted.corrected(place, &json!(1));
        let counted = metrics::DRIFT.values();
        assert!(counted.contains(&(vec!["LimitRange".to_owned()], 1.0)), "{counted:?}");
    }
}
