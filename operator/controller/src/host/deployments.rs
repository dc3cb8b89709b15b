//! The hosts' Deployments as their watch told of them, trimmed: a look at a host that stands asks the API server nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::api::apps::v1::Deployment;
use kube::{ResourceExt, runtime::watcher::Event};

use super::{neighbours::version, standing::Standing};

#[derive(Default)]
pub struct Deployments {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By namespace and name.
    seen: HashMap<(String, String), Seen>,
    /// The watch has told of all of them.
    whole: bool,
    /// The newest version that it told of: what is older and not known is gone.
    newest: u64,
}

struct Seen {
    version: u64,
    standing: Standing,
    /// The watch told of it as it is here; an answer to our own write may have come first.
    told: bool,
}

impl Deployments {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the watch tells; whether it matters to whoever runs there.
    pub fn saw(&self, event: &Event<Deployment>) -> bool {
        let mut known = self.known();
        match event {
            Event::Init => {
                *known = Known::default();
                false
            }
            Event::InitApply(deployment) | Event::Apply(deployment) => known.note(deployment, true),
            Event::InitDone => {
                known.whole = true;
                false
            }
            Event::Delete(deployment) => {
                known.newest = known.newest.max(version(&deployment.metadata));
                let place = place(deployment);
                if known.seen.get(&place).is_some_and(|seen| seen.version <= version(&deployment.metadata)) {
                    known.seen.remove(&place);
                }
                true
            }
        }
    }

    /// As it was answered to a write. The watch may have told meanwhile that it is gone.
    pub fn wrote(&self, deployment: &Deployment) {
        let mut known = self.known();
        let is_known = known.seen.contains_key(&place(deployment));
        if known.whole && (is_known || version(&deployment.metadata) > known.newest) {
            known.note(deployment, false);
        }
    }

    /// The API server has none.
    pub fn is_gone(&self, namespace: &str, host: &str) {
        self.known().seen.remove(&(namespace.to_owned(), host.to_owned()));
    }

    /// How the host's Deployment stands, where it has one. Outside: nothing where the API server has to be asked.
    pub fn find(&self, namespace: &str, host: &str) -> Option<Option<Standing>> {
        let known = self.known();
        let seen = known.seen.get(&(namespace.to_owned(), host.to_owned()));
        known.whole.then(|| seen.map(|seen| seen.standing.clone()))
    }
}

impl Known {
    fn note(&mut self, deployment: &Deployment, told: bool) -> bool {
        let (place, version) = (place(deployment), version(&deployment.metadata));
        if told {
            self.newest = self.newest.max(version);
        }
        let before = self.seen.get(&place);
        if before.is_some_and(|seen| seen.version > version) {
            // What is newer is told, too.
            return false;
        }
        let standing = Standing::of(deployment);
        let matters = before.is_none_or(|seen| !seen.told || standing.tells_else(&seen.standing));
        self.seen.insert(place, Seen { version, standing, told: told || !matters });
        matters
    }
}

fn place(deployment: &Deployment) -> (String, String) {
    (deployment.namespace().unwrap_or_default(), deployment.name_any())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(version: u64, ready: i32) -> Deployment {
        let metadata = json!({"namespace": "justice", "name": "shared", "resourceVersion": version.to_string()});
        let status = json!({"replicas": 1, "updatedReplicas": 1, "readyReplicas": ready});
        serde_json::from_value(json!({"metadata": metadata, "status": status})).unwrap()
    }

    fn whole() -> Deployments {
        let deployments = Deployments::default();
        deployments.saw(&Event::Init);
        assert!(deployments.saw(&Event::InitApply(deployment(1, 0))));
        assert!(deployments.find("justice", "shared").is_none(), "others may be to come");
        deployments.saw(&Event::InitDone);
        deployments
    }

    fn ready(deployments: &Deployments) -> Option<i32> {
        deployments.find("justice", "shared").flatten().map(|standing| standing.ready)
    }

    #[test]
    fn only_what_changes_how_a_host_stands_is_worth_a_look() {
        let deployments = whole();
        assert!(!deployments.saw(&Event::Apply(deployment(2, 0))));
        assert!(deployments.saw(&Event::Apply(deployment(3, 1))));
        assert_eq!(ready(&deployments), Some(1));
    }

    #[test]
    fn an_answer_may_come_before_its_event_and_an_event_late() {
        let deployments = whole();
        deployments.wrote(&deployment(5, 1));
        assert!(!deployments.saw(&Event::Apply(deployment(4, 0))));
        assert_eq!(ready(&deployments), Some(1));
        assert!(deployments.saw(&Event::Apply(deployment(5, 1))), "others have not been told yet");
        assert!(!deployments.saw(&Event::Apply(deployment(6, 1))));
        deployments.saw(&Event::Delete(deployment(5, 1)));
        assert_eq!(ready(&deployments), Some(1), "it was made again since");
        assert!(deployments.saw(&Event::Delete(deployment(7, 1))));
        assert_eq!(ready(&deployments), None);
        deployments.wrote(&deployment(6, 1));
        assert_eq!(ready(&deployments), None, "it was answered before it went");
        deployments.wrote(&deployment(8, 1));
        assert_eq!(ready(&deployments), Some(1), "it was made again");
    }

    #[test]
    fn while_the_watch_is_blind_nothing_is_known() {
        let deployments = whole();
        deployments.saw(&Event::Init);
        assert_eq!(ready(&deployments), None);
    }
}
