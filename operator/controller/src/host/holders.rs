//! Which hosts have keys, as the watch of Secrets tells: as long as it has any, a host is there, whatever else is gone.

use std::{
    collections::BTreeMap,
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
    /// By namespace and Secret, its host and the services that it is for.
    held: BTreeMap<(String, String), (String, Vec<String>)>,
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
                match secret.labels().get(HOST_LABEL) {
                    Some(host) => known.held.insert(place(secret), (host.clone(), services(secret))),
                    None => known.held.remove(&place(secret)),
                };
            }
            Event::Delete(secret) => {
                known.held.remove(&place(secret));
            }
        }
    }

    /// The services that the host's keys are for, where it has any. Outside: nothing where nobody knows.
    pub fn find(&self, namespace: &str, host: &str) -> Option<Option<Vec<String>>> {
        let known = self.known();
        let all = known.held.range((namespace.to_owned(), String::new())..);
        let mut here = all.take_while(|((within, _), _)| within == namespace).map(|(_, held)| held);
        let found = here.find(|(holder, _)| holder == host).map(|(_, services)| services.clone());
        known.whole.then_some(found)
    }
}

fn place(secret: &Metadata) -> (String, String) {
    (secret.namespace().unwrap_or_default(), secret.name_any())
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
