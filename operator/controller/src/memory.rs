//! What the operator remembers between two looks, so that it asks platform and cluster less; nothing here is the truth.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::Time;
use tokio::sync::OwnedMutexGuard;

use crate::platform::{HostDatabase, Provided};

/// Answers that were true lately, by what was asked.
pub struct Lately<K, V> {
    known: Mutex<HashMap<K, (V, Time)>>,
    for_as_long: Duration,
}

impl<K: Eq + Hash, V: Clone> Lately<K, V> {
    fn new(for_as_long: Duration) -> Self {
        Self { known: Mutex::default(), for_as_long }
    }

    pub fn get(&self, key: &K, now: Time) -> Option<V> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, at) = known.get(key)?;
        (now.since(*at) < self.for_as_long).then(|| value.clone())
    }

    pub fn put(&self, key: K, value: V, now: Time) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (value, now));
    }

    pub fn forget(&self, key: &K) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

pub struct Memory {
    /// Revisions by the definition's uid: generation and hash.
    pub admitted: Lately<String, (i64, String)>,
    /// Databases of hosts, by role.
    pub provided: Lately<String, (HostDatabase, Provided)>,
    /// Whether the cluster has monitors.
    pub monitors: Lately<(), bool>,
    namespaces: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Memory {
    pub fn new(for_as_long: Duration) -> Self {
        Self {
            admitted: Lately::new(for_as_long),
            provided: Lately::new(for_as_long),
            monitors: Lately::new(for_as_long),
            namespaces: Mutex::default(),
        }
    }

    /// Waits until nobody else works on the hosts of this namespace.
    pub async fn alone(&self, namespace: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut namespaces = self.namespaces.lock().unwrap_or_else(PoisonError::into_inner);
            namespaces.entry(namespace.to_owned()).or_default().clone()
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_believed_for_a_while() {
        let lately = Lately::new(Duration::from_secs(600));
        lately.put("a", 1, Time::from_seconds(0));
        assert_eq!(lately.get(&"a", Time::from_seconds(599)), Some(1));
        assert_eq!(lately.get(&"a", Time::from_seconds(600)), None);
        lately.forget(&"a");
        assert_eq!(lately.get(&"a", Time::from_seconds(1)), None);
    }
}
