//! Which hosts have keys, as the watch of Secrets tells: as long as it has any, a host is there, whatever else is gone.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::api::core::v1::Secret;
use kube::{ResourceExt, api::PartialObjectMeta, runtime::watcher::Event};

use super::{build::HOST_LABEL, dereference::services};

type Metadata = PartialObjectMeta<Secret>;

#[derive(Default)]
pub struct Holders {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By namespace and host, each of its Secrets and the services that it is for.
    held: HashMap<(String, String), HashMap<String, Vec<String>>>,
    whole: bool,
}

impl Holders {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the watch tells.
    pub fn saw(&self, event: &Event<Metadata>) {
        let mut known = self.known();
        match event {
            Event::Init => *known = Known::default(),
            Event::InitDone => known.whole = true,
            Event::InitApply(secret) | Event::Apply(secret) => {
                if let Some(place) = place(secret) {
                    known.held.entry(place).or_default().insert(secret.name_any(), services(secret));
                }
            }
            Event::Delete(secret) => {
                let Some(place) = place(secret) else { return };
                if let Some(held) = known.held.get_mut(&place) {
                    held.remove(&secret.name_any());
                    if held.is_empty() {
                        known.held.remove(&place);
                    }
                }
            }
        }
    }

    /// The services that the host's keys are for, where it has any. Outside: nothing where nobody knows.
    pub fn find(&self, namespace: &str, host: &str) -> Option<Option<Vec<String>>> {
        let known = self.known();
        let held = known.held.get(&(namespace.to_owned(), host.to_owned()));
        known.whole.then(|| held.and_then(|held| held.values().next().cloned()))
    }
}

fn place(secret: &Metadata) -> Option<(String, String)> {
    Some((secret.namespace()?, secret.labels().get(HOST_LABEL)?.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::host::SERVICES;

    fn secret(name: &str) -> Metadata {
        let metadata = json!({
            "name": name, "namespace": "justice", "labels": {HOST_LABEL: "shared"}, "annotations": {SERVICES: "a,b"},
        });
        serde_json::from_value(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})).unwrap()
    }

    #[test]
    fn a_host_holds_keys_until_the_last_is_gone_and_nobody_knows_while_the_watch_is_blind() {
        let holders = Holders::default();
        assert_eq!(holders.find("justice", "shared"), None);
        for event in [Event::Init, Event::InitApply(secret("bus")), Event::InitDone, Event::Apply(secret("database"))] {
            holders.saw(&event);
        }
        let services = Some(Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(holders.find("justice", "shared"), services);
        assert_eq!(holders.find("justice", "copy"), Some(None));
        holders.saw(&Event::Delete(secret("bus")));
        assert_eq!(holders.find("justice", "shared"), services);
        holders.saw(&Event::Delete(secret("database")));
        assert_eq!(holders.find("justice", "shared"), Some(None));
        holders.saw(&Event::Init);
        assert_eq!(holders.find("justice", "shared"), None);
    }
}
