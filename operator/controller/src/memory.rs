//! What the operator remembers between two looks, so that it asks platform and cluster less; nothing here is the truth.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api::Kind;
use kernel::Time;
use tokio::sync::OwnedMutexGuard;

use crate::{
    agency::AtRest,
    breaker::Breaker,
    counts::Counted,
    drift::Wanted,
    host::{Connections, Deployments, Holders, Joining, Neighbours, Untouched},
    namespaces::Namespaces,
    outcome::Fact,
    platform::{HostDatabase, Provided},
    rollout::{Load, Made, Placement},
};

/// Answers that were true lately, by what was asked.
pub struct Lately<K, V> {
    known: Mutex<HashMap<K, (V, Time)>>,
    for_as_long: Duration,
}

impl<K: Eq + Hash, V: Clone> Lately<K, V> {
    pub fn new(for_as_long: Duration) -> Self {
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

    pub fn forget_all(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn forget(&self, key: &K) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Numbers of cases in a status are this old at most, and no younger.
const NUMBERS: Duration = Duration::from_secs(60);

pub struct Memory {
    /// Revisions by the definition's uid: generation and hash.
    pub admitted: Lately<String, (i64, String)>,
    /// Agencies that the platform knows as they are, by uid: generation.
    pub agencies: Lately<String, i64>,
    /// Agencies that stand as they were left.
    pub at_rest: Arc<AtRest>,
    /// Seals that are there, by agency.
    pub seals: Lately<String, Fact>,
    /// Databases of hosts, by role.
    pub provided: Lately<String, (HostDatabase, Provided)>,
    /// Hosts that stand as they were left.
    pub hosts: Arc<Untouched>,
    /// Deployments of hosts as they stand.
    pub deployments: Arc<Deployments>,
    /// Hosts that have keys.
    pub holders: Arc<Holders>,
    /// Services that are about to come to a shared host.
    pub joining: Joining,
    /// Whose namespaces are.
    pub namespaces: Arc<Namespaces>,
    /// Objects of revisions that stand as they were left.
    pub revisions: Arc<Made>,
    /// Definitions as they were last read.
    pub neighbours: Arc<Neighbours>,
    /// What objects that are made should be like.
    pub wanted: Wanted,
    /// What the databases' server has, and what was promised of it: the latest that it told.
    pub connections: Mutex<Option<Connections>>,
    /// Whether the cluster has monitors.
    pub monitors: Lately<(), bool>,
    /// Numbers of cases by the definition's uid, as they stand in its status, with the placement that they belong to.
    pub told: Lately<String, (Placement, Load)>,
    /// What a definition's status says of its cases, by its uid; of those that have any.
    pub counted: Lately<String, Counted>,
    /// Ended cases of each revision by the definition's uid: there may be very many, so they are counted seldom.
    pub ended: Lately<String, BTreeMap<kernel::Hash, u64>>,
    /// Applications on a revision at the last look at a step of its rollout. A forgotten one is a look more.
    pub looked: Lately<String, u64>,
    /// What is put right so often that somebody else must be writing it, too.
    pub breaker: Breaker,
    /// What was said of a resource in read-only mode, by kind, namespace and name.
    pub said: Lately<(Kind, String, String), String>,
    /// Orders that could not be carried out, by the definition's uid.
    pub refused: Lately<String, String>,
    alone: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Memory {
    pub fn new(for_as_long: Duration) -> Self {
        Self {
            admitted: Lately::new(for_as_long),
            agencies: Lately::new(for_as_long),
            at_rest: Arc::new(AtRest::new(for_as_long)),
            seals: Lately::new(for_as_long),
            provided: Lately::new(for_as_long),
            hosts: Arc::new(Untouched::new(for_as_long)),
            deployments: Arc::default(),
            holders: Arc::default(),
            joining: Joining::default(),
            namespaces: Arc::default(),
            revisions: Arc::new(Made::new(for_as_long)),
            neighbours: Arc::default(),
            wanted: Wanted::default(),
            connections: Mutex::default(),
            monitors: Lately::new(for_as_long),
            told: Lately::new(NUMBERS),
            counted: Lately::new(Duration::MAX),
            ended: Lately::new(for_as_long),
            looked: Lately::new(Duration::MAX),
            breaker: Breaker::default(),
            said: Lately::new(Duration::MAX),
            refused: Lately::new(Duration::MAX),
            alone: Mutex::default(),
        }
    }

    /// Waits until nobody else works on the hosts of this namespace.
    pub async fn alone(&self, namespace: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
            alone.entry(namespace.to_owned()).or_default().clone()
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
