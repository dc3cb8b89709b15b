//! Hosts that were as they should be and that nobody has touched since: a look at one of them asks for its Deployment only.
//!
//! Watches count who touched a host. A count that was the same before a host was brought and is the same now says that every
//! object stands as it was left; a Deployment, which its controllers write all the time, is compared itself.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use k8s_openapi::api::apps::v1::Deployment;
use kernel::Time;

use super::place::Host;
use crate::outcome::Hosting;

/// What is forgotten costs one whole look more.
const KEPT: usize = 4096;
/// Its controllers write it with every rollout.
const ROLLOUTS: &str = "deployment.kubernetes.io/revision";

pub struct Untouched {
    known: Mutex<Known>,
    for_as_long: Duration,
}

#[derive(Default)]
struct Known {
    /// By namespace and host; under no host what all hosts of the namespace have in common.
    touches: HashMap<(String, String), u64>,
    /// How often a watch was blind for a while.
    blind: u64,
    /// Versions that this operator wrote and has not seen yet, by the object's uid.
    own: HashMap<String, String>,
    /// Versions that were seen and that nobody is known to have written: the answer to a write may come after its event.
    seen: HashMap<String, String>,
    brought: HashMap<(String, String), Brought>,
}

struct Brought {
    host: Host,
    hosting: Hosting,
    /// It has its place, and nothing is left of an earlier one.
    stays: bool,
    touches: u64,
    marks: Marks,
    at: Time,
}

/// What of a Deployment only we write, or somebody who is to be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Marks {
    uid: Option<String>,
    generation: Option<i64>,
    going: bool,
    labels: Option<BTreeMap<String, String>>,
    annotations: BTreeMap<String, String>,
}

fn marks(deployment: &Deployment) -> Marks {
    let metadata = &deployment.metadata;
    let mut annotations = metadata.annotations.clone().unwrap_or_default();
    annotations.remove(ROLLOUTS);
    Marks {
        uid: metadata.uid.clone(),
        generation: metadata.generation,
        going: metadata.deletion_timestamp.is_some(),
        labels: metadata.labels.clone(),
        annotations,
    }
}

/// How often a host had been touched at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Touches(u64);

impl Untouched {
    pub fn new(for_as_long: Duration) -> Self {
        Self { known: Mutex::default(), for_as_long }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody changed or took away an object of the host, or one that the namespace's hosts have in common.
    pub fn touch(&self, namespace: &str, host: &str, uid: Option<&str>, version: Option<&str>) {
        let mut known = self.known();
        if let Some((uid, version)) = uid.zip(version) {
            if known.own.remove(uid).as_deref() == Some(version) {
                return;
            }
            keep(&mut known.seen, uid, version);
        }
        *known.touches.entry((namespace.to_owned(), host.to_owned())).or_default() += 1;
    }

    /// What this operator wrote itself touches nothing, whether the watch or the answer to the write comes first.
    pub fn wrote(&self, namespace: &str, host: &str, uid: Option<&str>, version: Option<&str>) {
        let Some((uid, version)) = uid.zip(version) else { return };
        let mut known = self.known();
        if known.seen.get(uid).map(String::as_str) == Some(version) {
            known.seen.remove(uid);
            if let Some(count) = known.touches.get_mut(&(namespace.to_owned(), host.to_owned())) {
                *count -= 1;
            }
        } else {
            keep(&mut known.own, uid, version);
        }
    }

    /// A watch began anew: what was taken away meanwhile, nobody was told.
    pub fn was_blind(&self) {
        self.known().blind += 1;
    }

    pub fn touches(&self, namespace: &str, host: &str) -> Touches {
        Touches(self.known().count(namespace, host))
    }

    pub fn remember(
        &self,
        namespace: &str,
        host: &Host,
        before: Touches,
        (hosting, deployment): (&Hosting, &Deployment),
        at: Time,
    ) {
        let (host, hosting, marks) = (host.clone(), hosting.clone(), marks(deployment));
        let place = (namespace.to_owned(), host.name.clone());
        let brought = Brought { host, hosting, stays: false, touches: before.0, marks, at };
        self.known().brought.insert(place, brought);
    }

    /// Nothing is left of the service elsewhere.
    pub fn stays(&self, namespace: &str, host: &str) {
        if let Some(brought) = self.known().brought.get_mut(&(namespace.to_owned(), host.to_owned())) {
            brought.stays = true;
        }
    }

    /// What was said of the host, when its Deployment stands as it was left and nobody touched anything else.
    pub fn recall(&self, namespace: &str, host: &Host, deployment: &Deployment, now: Time) -> Option<Hosting> {
        let known = self.known();
        let found = known.brought.get(&(namespace.to_owned(), host.name.clone()))?;
        let same = found.host == *host
            && found.touches == known.count(namespace, &host.name)
            && found.marks == marks(deployment)
            && now.since(found.at) < self.for_as_long;
        same.then(|| found.hosting.clone())
    }

    /// Whether it is worth asking for the Deployment.
    pub fn knows(&self, namespace: &str, host: &Host, now: Time) -> bool {
        let known = self.known();
        let found = known.brought.get(&(namespace.to_owned(), host.name.clone()));
        found.is_some_and(|found| {
            found.host == *host
                && found.touches == known.count(namespace, &host.name)
                && now.since(found.at) < self.for_as_long
        })
    }

    pub fn is_settled(&self, namespace: &str, host: &Host, now: Time) -> bool {
        let place = (namespace.to_owned(), host.name.clone());
        let stays = self.known().brought.get(&place).is_some_and(|found| found.stays);
        stays && self.knows(namespace, host, now)
    }

    pub fn forget(&self, namespace: &str, host: &str) {
        self.known().brought.remove(&(namespace.to_owned(), host.to_owned()));
    }
}

impl Known {
    fn count(&self, namespace: &str, host: &str) -> u64 {
        let of = |host: &str| self.touches.get(&(namespace.to_owned(), host.to_owned())).copied().unwrap_or_default();
        of(host) + of("") + self.blind
    }
}

fn keep(versions: &mut HashMap<String, String>, uid: &str, version: &str) {
    if versions.len() >= KEPT {
        versions.clear();
    }
    versions.insert(uid.to_owned(), version.to_owned());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        host::validate::{AMOUNTS, COPIES},
        outcome::Fact,
    };

    const AT: Time = Time::from_seconds(0);

    fn host() -> Host {
        Host { name: "copy".into(), services: vec!["copy".into()], owner: None, copies: COPIES, amounts: AMOUNTS }
    }

    fn hosting() -> Hosting {
        let fact = Fact::holds("Available", "");
        Hosting {
            bus: fact.clone(),
            database: fact.clone(),
            workload: fact,
            replicas: 2,
            ready: 2,
            selector: String::new(),
        }
    }

    fn deployment(generation: i64, annotations: serde_json::Value) -> Deployment {
        let metadata = json!({"uid": "d", "generation": generation, "annotations": annotations});
        let spec = json!({"selector": {}, "template": {}});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap()
    }

    fn brought() -> Untouched {
        let untouched = Untouched::new(Duration::from_secs(600));
        let before = untouched.touches("justice", "copy");
        untouched.remember("justice", &host(), before, (&hosting(), &deployment(1, json!({}))), AT);
        untouched
    }

    #[test]
    fn a_host_that_nobody_touched_is_as_it_was_left() {
        let untouched = brought();
        let rolled_out = deployment(1, json!({ROLLOUTS: "7"}));
        assert!(untouched.recall("justice", &host(), &rolled_out, AT).is_some());
        untouched.touch("justice", "other", None, None);
        untouched.touch("health", "copy", None, None);
        assert!(untouched.recall("justice", &host(), &rolled_out, AT).is_some(), "another host, another namespace");
    }

    #[test]
    fn a_touch_of_the_host_or_of_what_all_have_in_common_is_noticed_also_while_it_was_brought() {
        for touched in ["copy", ""] {
            let untouched = brought();
            untouched.touch("justice", touched, Some("s"), Some("5"));
            assert!(untouched.recall("justice", &host(), &deployment(1, json!({})), AT).is_none());
        }
        let untouched = brought();
        let before = untouched.touches("justice", "copy");
        untouched.touch("justice", "copy", None, None);
        untouched.remember("justice", &host(), before, (&hosting(), &deployment(1, json!({}))), AT);
        assert!(untouched.recall("justice", &host(), &deployment(1, json!({})), AT).is_none());
    }

    #[test]
    fn what_the_operator_wrote_itself_touches_nothing_once() {
        let untouched = brought();
        untouched.wrote("justice", "copy", Some("s"), Some("5"));
        untouched.touch("justice", "copy", Some("s"), Some("5"));
        assert!(untouched.knows("justice", &host(), AT), "the answer came first");
        untouched.touch("justice", "copy", Some("t"), Some("7"));
        assert!(!untouched.knows("justice", &host(), AT), "whose it is, is not known yet");
        untouched.wrote("justice", "copy", Some("t"), Some("7"));
        assert!(untouched.knows("justice", &host(), AT), "the event came first");
        untouched.touch("justice", "copy", Some("s"), Some("6"));
        assert!(!untouched.knows("justice", &host(), AT));
    }

    #[test]
    fn after_a_watch_was_blind_everything_is_looked_at_whole() {
        let untouched = brought();
        untouched.was_blind();
        assert!(!untouched.knows("justice", &host(), AT));
    }

    #[test]
    fn another_deployment_another_wish_or_a_long_time_is_looked_at_whole() {
        let untouched = brought();
        assert!(untouched.recall("justice", &host(), &deployment(2, json!({})), AT).is_none());
        assert!(untouched.recall("justice", &host(), &deployment(1, json!({"a": "b"})), AT).is_none());
        let more = Host { services: vec!["copy".into(), "other".into()], ..host() };
        assert!(untouched.recall("justice", &more, &deployment(1, json!({})), AT).is_none());
        assert!(untouched.recall("justice", &host(), &deployment(1, json!({})), Time::from_seconds(600)).is_none());
    }

    #[test]
    fn only_a_host_that_has_its_place_for_good_is_settled() {
        let untouched = brought();
        assert!(!untouched.is_settled("justice", &host(), AT));
        untouched.stays("justice", "copy");
        assert!(untouched.is_settled("justice", &host(), AT));
        untouched.forget("justice", "copy");
        assert!(!untouched.is_settled("justice", &host(), AT));
    }
}
