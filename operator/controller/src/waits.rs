//! What the operator waits for: said in its log when that changes, and to whoever asks whether it is ready for as long as it lasts.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// By what is waited for, what is wrong with it.
#[derive(Clone, Default)]
pub struct Waits(Arc<Mutex<BTreeMap<String, String>>>);

impl Waits {
    fn known(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line for each thing and each reason, however often it is tried.
    pub fn wait(&self, what: &str, why: impl Into<String>) {
        let why = why.into();
        let known = self.known().insert(what.to_owned(), why.clone());
        if known.as_deref() != Some(&why) {
            tracing::warn!(what, why, "the operator waits");
        }
    }

    pub fn came(&self, what: &str) {
        if self.known().remove(what).is_some() {
            tracing::info!(what, "the operator waits for it no more");
        }
    }

    /// It is no more known whether it is there.
    pub fn forget(&self, what: &str) {
        self.known().remove(what);
    }

    /// A line for each.
    pub fn lines(&self) -> Vec<String> {
        self.known().iter().map(|(what, why)| format!("{what}: {why}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_told_until_it_comes() {
        let waits = Waits::default();
        waits.wait("the bus", "refused");
        waits.wait("the bus", "timed out");
        waits.wait("Grant", "no such kind");
        assert_eq!(waits.clone().lines(), ["Grant: no such kind", "the bus: timed out"]);
        waits.came("the bus");
        waits.came("the bus");
        assert_eq!(waits.lines(), ["Grant: no such kind"]);
    }
}
