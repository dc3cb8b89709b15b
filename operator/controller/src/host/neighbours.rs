//! The definitions of each namespace as they were last read: one that shares a host does not read all of them at each look.
//!
//! The watch says which there are, and which changed since they were read. While it is blind nothing here is used.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{api::PartialObjectMeta, runtime::watcher::Event};

use super::place::{Member, is_dedicated};
use crate::{config::Engine, kind::Applied};

#[derive(Default)]
pub struct Neighbours {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By namespace and name.
    definitions: HashMap<String, BTreeMap<String, Definition>>,
    /// The watch has told of all of them.
    whole: bool,
    /// Of the watch's lists: what the last one did not name is gone.
    list: u64,
}

struct Definition {
    version: u64,
    list: u64,
    /// None: it changed since it was read, or was never read.
    read: Option<Member>,
}

/// What is known of a namespace.
pub struct Within {
    pub members: Vec<Member>,
    /// To be read before the members are all there are.
    pub unread: Vec<String>,
}

impl Neighbours {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the watch of definitions tells.
    pub fn saw(&self, event: &Event<PartialObjectMeta<Applied>>) {
        let mut known = self.known();
        match event {
            Event::Init => {
                known.list += 1;
                known.whole = false;
            }
            Event::InitApply(object) | Event::Apply(object) => known.note(&object.metadata),
            Event::InitDone => {
                let list = known.list;
                known.definitions.retain(|_, named| {
                    named.retain(|_, definition| definition.list == list);
                    !named.is_empty()
                });
                known.whole = true;
            }
            Event::Delete(object) => known.forget(&object.metadata),
        }
    }

    /// It was not there when it was to be read.
    pub fn is_gone(&self, namespace: &str, name: &str) {
        if let Some(named) = self.known().definitions.get_mut(namespace) {
            named.remove(name);
        }
    }

    /// It was read. An older version than the watch told of stays unread.
    pub fn read(&self, metadata: &ObjectMeta, member: Member) {
        let mut known = self.known();
        let definition = known.entry(metadata);
        if version(metadata) >= definition.version {
            definition.version = version(metadata);
            definition.read = Some(member);
        }
    }

    /// Definitions of which the watch told, without those that are known to run elsewhere or nowhere.
    pub fn sharing(&self, namespace: &str, engine: Engine) -> Vec<String> {
        let shares = |member: &Member| member.wish.hosted && !member.going && !is_dedicated(&member.wish, engine);
        let known = self.known();
        let all = known.definitions.get(namespace).into_iter().flatten();
        all.filter(|(_, definition)| definition.read.as_ref().is_none_or(shares))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Nothing while the watch has not told of all definitions.
    pub fn within(&self, namespace: &str) -> Option<Within> {
        let known = self.known();
        if !known.whole {
            return None;
        }
        let mut within = Within { members: Vec::new(), unread: Vec::new() };
        for (name, definition) in known.definitions.get(namespace).into_iter().flatten() {
            match &definition.read {
                Some(member) => within.members.push(member.clone()),
                None => within.unread.push(name.clone()),
            }
        }
        Some(within)
    }
}

impl Known {
    fn entry(&mut self, metadata: &ObjectMeta) -> &mut Definition {
        let list = self.list;
        let namespace = metadata.namespace.clone().unwrap_or_default();
        let named = self.definitions.entry(namespace).or_default();
        let name = metadata.name.clone().unwrap_or_default();
        named.entry(name).or_insert(Definition { version: 0, list, read: None })
    }

    fn note(&mut self, metadata: &ObjectMeta) {
        let list = self.list;
        let definition = self.entry(metadata);
        definition.list = list;
        // The watch may be behind what was read meanwhile.
        if version(metadata) > definition.version {
            definition.version = version(metadata);
            definition.read = None;
        }
    }

    fn forget(&mut self, metadata: &ObjectMeta) {
        let namespace = metadata.namespace.as_deref().unwrap_or_default();
        if let Some(named) = self.definitions.get_mut(namespace) {
            named.remove(metadata.name.as_deref().unwrap_or_default());
        }
    }
}

/// Versions of one kind grow.
pub fn version(metadata: &ObjectMeta) -> u64 {
    metadata.resource_version.as_deref().and_then(|version| version.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use serde_json::json;

    use super::*;
    use crate::host::wish;

    fn metadata(name: &str, version: u64) -> ObjectMeta {
        ObjectMeta {
            namespace: Some("justice".into()),
            name: Some(name.into()),
            resource_version: Some(version.to_string()),
            ..ObjectMeta::default()
        }
    }

    fn object(name: &str, version: u64) -> PartialObjectMeta<Applied> {
        PartialObjectMeta { types: None, metadata: metadata(name, version), _phantom: PhantomData }
    }

    fn member(name: &str) -> Member {
        let wish = wish(name, &json!({})).unwrap();
        Member { name: name.into(), uid: format!("uid-{name}"), going: false, admitted: true, wish }
    }

    fn names(neighbours: &Neighbours) -> (Vec<String>, Vec<String>) {
        let Within { members, unread } = neighbours.within("justice").unwrap();
        (members.into_iter().map(|member| member.name).collect(), unread)
    }

    fn watched(names: &[(&str, u64)], neighbours: &Neighbours) {
        neighbours.saw(&Event::Init);
        for (name, version) in names {
            neighbours.saw(&Event::InitApply(object(name, *version)));
        }
        neighbours.saw(&Event::InitDone);
    }

    #[test]
    fn what_changed_since_it_was_read_is_read_again_and_nothing_else() {
        let neighbours = Neighbours::default();
        watched(&[("a", 1), ("b", 2)], &neighbours);
        neighbours.read(&metadata("a", 1), member("a"));
        neighbours.read(&metadata("b", 2), member("b"));
        assert_eq!(names(&neighbours), (vec!["a".into(), "b".into()], vec![]));
        neighbours.saw(&Event::Apply(object("a", 3)));
        assert_eq!(names(&neighbours), (vec!["b".into()], vec!["a".into()]));
        neighbours.read(&metadata("a", 1), member("a"));
        assert_eq!(names(&neighbours).1, ["a"], "an older answer came late");
        neighbours.read(&metadata("a", 5), member("a"));
        neighbours.saw(&Event::Apply(object("a", 4)));
        neighbours.saw(&Event::Apply(object("a", 5)));
        assert!(names(&neighbours).1.is_empty(), "the watch was behind");
        neighbours.saw(&Event::Delete(object("b", 7)));
        assert_eq!(names(&neighbours), (vec!["a".into()], vec![]));
    }

    #[test]
    fn who_is_known_to_run_alone_or_nowhere_comes_to_no_shared_host() {
        let neighbours = Neighbours::default();
        let names = ["alone", "beside", "described", "going", "unread"];
        watched(&names.map(|name| (name, 1)), &neighbours);
        let spec = |name: &str| match name {
            "alone" => json!({}),
            "described" => json!({"level": "listed"}),
            _ => json!({"deployment": {"isolation": "shared"}}),
        };
        for name in &names[..4] {
            let wish = wish(name, &spec(name)).unwrap();
            let going = *name == "going";
            neighbours.read(&metadata(name, 1), Member { going, wish, ..member(name) });
        }
        assert_eq!(neighbours.sharing("justice", Engine::Postgresql), ["beside", "unread"]);
        assert_eq!(neighbours.sharing("justice", Engine::Sqlite), ["alone", "beside", "unread"]);
    }

    #[test]
    fn while_the_watch_is_blind_nothing_is_known_and_afterwards_what_went_meanwhile_is_gone() {
        let neighbours = Neighbours::default();
        assert!(neighbours.within("justice").is_none(), "nobody told of all");
        watched(&[("a", 1), ("b", 2)], &neighbours);
        neighbours.read(&metadata("a", 1), member("a"));
        neighbours.saw(&Event::Init);
        assert!(neighbours.within("justice").is_none());
        neighbours.saw(&Event::InitApply(object("a", 1)));
        neighbours.saw(&Event::InitDone);
        assert_eq!(names(&neighbours), (vec!["a".into()], vec![]), "what did not change is not read again");
    }
}
