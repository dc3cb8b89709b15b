//! Agencies that were left as they should be and that nobody has touched since: a look at one of them asks the API server for nothing.
//!
//! Watches count who touched what the operator made of an agency. A count that was the same before a whole look and is the same now
//! says that everything stands as that look left it; the Agency itself is compared by its version. Whoever ends an agency asks the
//! API server all the same.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use k8s_openapi::api::core::v1::Secret;
use kernel::{Hash, Time};
use kube::{ResourceExt, api::PartialObjectMeta, runtime::watcher::Event};
use tokio::sync::Notify;

use super::build::CREDENTIALS;
use crate::outcome::Fact;

/// Watched with whatever else is a Secret of the operator's, or alone.
const SECRETS: &str = "Secret";

pub struct AtRest {
    known: Mutex<Known>,
    called: Notify,
    for_as_long: Duration,
}

#[derive(Default)]
struct Known {
    /// By agency.
    touches: HashMap<String, u64>,
    /// How often a watch told everything there is: what was taken away before that, nobody was told.
    listed: u64,
    /// The kinds that have to be watched, and whether each watch has told everything.
    watches: BTreeMap<String, bool>,
    /// By agency, with how often it had been touched before the look.
    left: HashMap<String, (Left, Touches)>,
    /// Agencies whose turn has come, told by a watch that is somebody else's.
    called: BTreeSet<String>,
}

/// How a whole look left an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The Agency as it was read: whatever was written on it afterwards makes another.
    pub version: String,
    /// Who signs the bus's certificate, as the agency's systems were told.
    pub authority: Option<Hash>,
    pub seal: Fact,
    pub at: Time,
}

/// How often an agency had been touched at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touches(u64);

impl AtRest {
    pub fn new(for_as_long: Duration) -> Self {
        let known = Known { watches: BTreeMap::from([(SECRETS.to_owned(), false)]), ..Known::default() };
        Self { known: Mutex::new(known), called: Notify::new(), for_as_long }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing rests before a watch of this kind has told what there is.
    pub fn expects(&self, kind: &str) {
        self.known().watches.insert(kind.to_owned(), false);
    }

    /// A watch of this kind has told everything that there is.
    pub fn listed(&self, kind: &str) {
        let mut known = self.known();
        known.watches.insert(kind.to_owned(), true);
        known.listed += 1;
    }

    /// Something that is the agency's changed or was taken away.
    pub fn touch(&self, agency: &str) {
        *self.known().touches.entry(agency.to_owned()).or_default() += 1;
    }

    pub fn touches(&self, agency: &str) -> Touches {
        self.known().count(agency)
    }

    /// What was touched since `before`, while somebody looked, does not rest.
    pub fn leave(&self, agency: &str, left: Left, before: Touches) {
        self.known().left.insert(agency.to_owned(), (left, before));
    }

    /// How the agency was left, when it still stands so.
    pub fn recall(&self, agency: &str, version: &str, now: Time) -> Option<Left> {
        let known = self.known();
        let is_watched = known.watches.values().all(|listed| *listed);
        let (left, before) = known.left.get(agency)?;
        let is_same = left.version == version && known.count(agency) == *before;
        (is_watched && is_same && now.since(left.at) < self.for_as_long).then(|| left.clone())
    }

    pub fn forget(&self, agency: &str) {
        self.known().left.remove(agency);
    }

    /// The watch of what carries the operator's label tells of Secrets once, whoever's they are.
    pub fn saw(&self, event: &Event<PartialObjectMeta<Secret>>) {
        match event {
            Event::Init => {}
            Event::InitDone => self.listed(SECRETS),
            Event::InitApply(secret) | Event::Apply(secret) | Event::Delete(secret) => {
                if secret.name_any() == CREDENTIALS {
                    self.call(&secret.namespace().unwrap_or_default());
                }
            }
        }
    }

    fn call(&self, agency: &str) {
        self.touch(agency);
        self.known().called.insert(agency.to_owned());
        self.called.notify_one();
    }

    /// The agencies whose turn has come since this was asked last.
    pub async fn called(&self) -> BTreeSet<String> {
        loop {
            let called = std::mem::take(&mut self.known().called);
            if !called.is_empty() {
                return called;
            }
            self.called.notified().await;
        }
    }
}

impl Known {
    fn count(&self, agency: &str) -> Touches {
        Touches(self.touches.get(agency).copied().unwrap_or_default() + self.listed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT: Time = Time::from_seconds(0);

    fn left() -> Left {
        Left { version: "7".into(), authority: None, seal: Fact::holds("InForce", ""), at: AT }
    }

    fn watched() -> AtRest {
        let rest = AtRest::new(Duration::from_secs(600));
        for kind in ["Namespace", SECRETS] {
            rest.expects(kind);
            rest.listed(kind);
        }
        rest
    }

    fn credentials(name: &str) -> PartialObjectMeta<Secret> {
        let metadata = json!({"name": name, "namespace": "justice"});
        serde_json::from_value(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})).unwrap()
    }

    #[test]
    fn an_agency_that_nobody_touched_stands_as_it_was_left() {
        let rest = watched();
        rest.leave("justice", left(), rest.touches("justice"));
        rest.touch("health");
        assert_eq!(rest.recall("justice", "7", AT), Some(left()));
        assert_eq!(rest.recall("justice", "8", AT), None, "somebody wrote on the Agency");
        assert_eq!(rest.recall("justice", "7", Time::from_seconds(600)), None, "now and then it is looked at whole");
        assert_eq!(rest.recall("health", "7", AT), None, "it was never looked at");
        rest.forget("justice");
        assert_eq!(rest.recall("justice", "7", AT), None);
    }

    #[test]
    fn a_touch_is_noticed_before_during_and_after_the_look() {
        let rest = watched();
        let before = rest.touches("justice");
        rest.touch("justice");
        rest.leave("justice", left(), before);
        assert_eq!(rest.recall("justice", "7", AT), None, "during it");
        rest.leave("justice", left(), rest.touches("justice"));
        assert!(rest.recall("justice", "7", AT).is_some());
        rest.touch("justice");
        assert_eq!(rest.recall("justice", "7", AT), None, "after it");
    }

    #[test]
    fn what_a_watch_may_have_missed_is_looked_at() {
        let rest = AtRest::new(Duration::from_secs(600));
        rest.leave("justice", left(), rest.touches("justice"));
        assert_eq!(rest.recall("justice", "7", AT), None, "nobody watches");
        rest.expects("Namespace");
        rest.saw(&Event::InitDone);
        rest.leave("justice", left(), rest.touches("justice"));
        assert_eq!(rest.recall("justice", "7", AT), None, "what there is was not told yet");
        rest.listed("Namespace");
        assert_eq!(rest.recall("justice", "7", AT), None, "it was left before that");
        rest.leave("justice", left(), rest.touches("justice"));
        assert!(rest.recall("justice", "7", AT).is_some());
        rest.listed("Namespace");
        assert_eq!(rest.recall("justice", "7", AT), None, "the watch began anew");
    }

    #[tokio::test]
    async fn a_secret_of_the_agencys_calls_for_a_look_at_it_and_a_hosts_does_not() {
        let rest = watched();
        rest.leave("justice", left(), rest.touches("justice"));
        rest.saw(&Event::Apply(credentials("shared-bus")));
        assert!(rest.recall("justice", "7", AT).is_some());
        rest.saw(&Event::Delete(credentials(CREDENTIALS)));
        assert_eq!(rest.recall("justice", "7", AT), None);
        assert_eq!(rest.called().await, BTreeSet::from(["justice".to_owned()]));
    }
}
