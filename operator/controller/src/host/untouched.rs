//! Hosts that were as they should be and that nobody has touched since: a look at one of them asks how its Deployment stands only.
//!
//! Watches count who touched a host. A count that was the same before a host was brought and is the same now says that every
//! object stands as it was left; a Deployment, which its controllers write all the time, is compared itself.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::Time;

use super::{
    place::Host,
    standing::{Marks, Standing},
    validate::Wish,
};
use crate::outcome::Hosting;

/// What is forgotten costs one whole look more.
const KEPT: usize = 4096;

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
    /// Services that have their place here, with nothing left of an earlier one, and what each wished.
    stays: BTreeMap<String, Wish>,
    touches: u64,
    marks: Marks,
    at: Time,
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
        (hosting, standing): (&Hosting, &Standing),
        at: Time,
    ) {
        let (host, hosting, marks) = (host.clone(), hosting.clone(), standing.marks.clone());
        let place = (namespace.to_owned(), host.name.clone());
        let mut known = self.known();
        let mut stays = known.brought.remove(&place).map(|brought| brought.stays).unwrap_or_default();
        stays.retain(|name, _| host.services.contains(name));
        known.brought.insert(place, Brought { host, hosting, stays, touches: before.0, marks, at });
    }

    /// Nothing is left of the service elsewhere.
    pub fn stays(&self, namespace: &str, host: &str, (name, wish): (&str, &Wish)) {
        if let Some(brought) = self.known().brought.get_mut(&(namespace.to_owned(), host.to_owned())) {
            brought.stays.insert(name.to_owned(), wish.clone());
        }
    }

    /// The service may be on its way from one of these hosts to another.
    pub fn moves(&self, namespace: &str, hosts: [&str; 2], name: &str) {
        let mut known = self.known();
        for host in hosts {
            if let Some(brought) = known.brought.get_mut(&(namespace.to_owned(), host.to_owned())) {
                brought.stays.remove(name);
            }
        }
    }

    /// What was said of the host, when its Deployment stands as it was left and nobody touched anything else.
    pub fn recall(&self, namespace: &str, host: &Host, standing: &Standing, now: Time) -> Option<Hosting> {
        let known = self.known();
        let found = known.brought.get(&(namespace.to_owned(), host.name.clone()))?;
        let same = found.host == *host
            && found.touches == known.count(namespace, &host.name)
            && found.marks == standing.marks
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

    /// The host of this name as it was brought, where the service has its place in it for good and wishes what it wished.
    pub fn home(&self, namespace: &str, host: &str, (name, wish): (&str, &Wish)) -> Option<Host> {
        let known = self.known();
        let found = known.brought.get(&(namespace.to_owned(), host.to_owned()))?;
        (found.stays.get(name) == Some(wish)).then(|| found.host.clone())
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

    fn standing(generation: i64, annotations: serde_json::Value) -> Standing {
        let metadata = json!({"uid": "d", "generation": generation, "annotations": annotations});
        let spec = json!({"selector": {}, "template": {}});
        Standing::of(&serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap())
    }

    fn wish() -> Wish {
        crate::host::wish("copy", &json!({})).unwrap()
    }

    fn brought() -> Untouched {
        let untouched = Untouched::new(Duration::from_secs(600));
        let before = untouched.touches("justice", "copy");
        untouched.remember("justice", &host(), before, (&hosting(), &standing(1, json!({}))), AT);
        untouched
    }

    #[test]
    fn a_host_that_nobody_touched_is_as_it_was_left() {
        let untouched = brought();
        let rolled_out = standing(1, json!({"deployment.kubernetes.io/revision": "7"}));
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
            assert!(untouched.recall("justice", &host(), &standing(1, json!({})), AT).is_none());
        }
        let untouched = brought();
        let before = untouched.touches("justice", "copy");
        untouched.touch("justice", "copy", None, None);
        untouched.remember("justice", &host(), before, (&hosting(), &standing(1, json!({}))), AT);
        assert!(untouched.recall("justice", &host(), &standing(1, json!({})), AT).is_none());
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
        assert!(untouched.recall("justice", &host(), &standing(2, json!({})), AT).is_none());
        assert!(untouched.recall("justice", &host(), &standing(1, json!({"a": "b"})), AT).is_none());
        let more = Host { services: vec!["copy".into(), "other".into()], ..host() };
        assert!(untouched.recall("justice", &more, &standing(1, json!({})), AT).is_none());
        assert!(untouched.recall("justice", &host(), &standing(1, json!({})), Time::from_seconds(600)).is_none());
    }

    #[test]
    fn a_service_is_at_home_once_it_has_its_place_for_good_and_until_it_wishes_another() {
        let untouched = brought();
        let home = |name: &str, wish: &Wish| untouched.home("justice", "copy", (name, wish));
        assert_eq!(home("copy", &wish()), None);
        untouched.stays("justice", "copy", ("copy", &wish()));
        assert_eq!(home("copy", &wish()), Some(host()));
        assert_eq!(home("other", &wish()), None);
        assert_eq!(home("copy", &wish().only_kept()), None, "it wishes something else");
        let more = Host { services: vec!["copy".into(), "other".into()], ..host() };
        let before = untouched.touches("justice", "copy");
        untouched.remember("justice", &more, before, (&hosting(), &standing(2, json!({}))), AT);
        assert_eq!(home("copy", &wish()), Some(more), "another came");
        untouched.remember("justice", &host(), before, (&hosting(), &standing(3, json!({}))), AT);
        untouched.moves("justice", ["copy", "shared"], "copy");
        assert_eq!(home("copy", &wish()), None, "it may be on its way");
        untouched.stays("justice", "copy", ("copy", &wish()));
        let none = Host { services: vec!["other".into()], ..host() };
        untouched.remember("justice", &none, before, (&hosting(), &standing(4, json!({}))), AT);
        assert_eq!(home("copy", &wish()), None, "it left");
    }
}
