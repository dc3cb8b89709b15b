//! Whose namespaces are, as their watch told it: a look does not ask the API server each time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt, api::PartialObjectMeta, runtime::watcher::Event};

use crate::{agency::AGENCY_LABEL, outcome::Stopped, run::Operator};

type Metadata = PartialObjectMeta<Namespace>;

/// Namespaces that have an owner and are not going, by name. Of any other the API server is asked.
#[derive(Default)]
pub struct Namespaces {
    owners: Mutex<HashMap<String, String>>,
}

impl Namespaces {
    fn owners(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the watch tells.
    pub fn saw(&self, event: &Event<Metadata>) {
        let mut owners = self.owners();
        match event {
            Event::Init => owners.clear(),
            Event::InitDone => {}
            Event::InitApply(namespace) | Event::Apply(namespace) => {
                let name = namespace.name_any();
                match namespace.labels().get(AGENCY_LABEL) {
                    Some(owner) if namespace.metadata.deletion_timestamp.is_none() => {
                        owners.insert(name, owner.clone());
                    }
                    _ => {
                        owners.remove(&name);
                    }
                }
            }
            Event::Delete(namespace) => {
                owners.remove(&namespace.name_any());
            }
        }
    }

    pub fn owner(&self, name: &str) -> Option<String> {
        self.owners().get(name).cloned()
    }
}

impl Operator {
    /// As the API server says now, whatever its watch told.
    pub async fn namespace(&self, name: &str) -> Result<Option<Metadata>, Stopped> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        Ok(namespaces.get_metadata_opt(name).await?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn namespace(labels: serde_json::Value, going: Option<&str>) -> Metadata {
        let metadata = json!({"name": "justice", "labels": labels, "deletionTimestamp": going});
        serde_json::from_value(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})).unwrap()
    }

    #[test]
    fn an_owner_is_known_while_the_namespace_is_theirs_and_stays() {
        let namespaces = Namespaces::default();
        let owned = || namespace(json!({AGENCY_LABEL: "justice"}), None);
        for ends in [
            Event::Apply(namespace(json!({}), None)),
            Event::Apply(namespace(json!({AGENCY_LABEL: "justice"}), Some("2026-11-30T00:00:00Z"))),
            Event::Delete(owned()),
            Event::Init,
        ] {
            namespaces.saw(&Event::Apply(owned()));
            assert_eq!(namespaces.owner("justice").as_deref(), Some("justice"));
            namespaces.saw(&ends);
            assert_eq!(namespaces.owner("justice"), None, "{ends:?}");
        }
    }
}
