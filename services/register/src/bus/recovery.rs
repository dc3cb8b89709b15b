//! What the register tells after a restore: which services hosts run or ran, so that these can be asked.

use std::{cmp::Reverse, collections::BTreeSet};

use ::bus::recovery::Keeper;
use api::{Level, ServiceDefinition};
use async_trait::async_trait;
use kernel::{Failure, Hash};
use sql::Tx;

use crate::store;

pub struct Recovered;

#[async_trait]
impl Keeper for Recovered {
    /// Nobody applies for what was never more than described.
    async fn services(&self, tx: &mut Tx) -> Result<Vec<String>, Failure> {
        let mut entries = store::entries(tx, None).await?;
        // Of nearly every service the newest says it.
        entries.sort_by_key(|entry| Reverse(entry.admitted));
        let mut services = BTreeSet::new();
        for entry in entries {
            let service = format!("{}/{}", entry.agency, entry.service);
            if !services.contains(&service) && is_hosted(tx, entry.revision).await? {
                services.insert(service);
            }
        }
        Ok(services.into_iter().collect())
    }
}

/// What cannot be read any more may have cases.
async fn is_hosted(tx: &mut Tx, revision: Hash) -> Result<bool, Failure> {
    let admitted = store::by_hash(tx, revision).await?;
    let definition = admitted.and_then(|one| serde_json::from_slice::<ServiceDefinition>(&one.definition).ok());
    Ok(definition.is_none_or(|definition| definition.spec.level == Level::Hosted))
}

#[cfg(test)]
mod tests {
    use kernel::Time;
    use serde_json::json;

    use super::*;
    use crate::{domain::choice::Entry, store::Admission};

    fn admission(service: &str, number: u8, level: &str) -> Admission {
        let metadata = json!({"name": service, "namespace": "justice"});
        let spec = json!({"title": {"en": "Copy"}, "agency": "justice", "level": level});
        let resource =
            json!({"apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": metadata, "spec": spec});
        Admission {
            entry: Entry {
                revision: Hash::of(&[number]),
                agency: "justice".into(),
                service: service.into(),
                admitted: Time::from_micros(i64::from(number)),
                effective_from: String::new(),
                draft: false,
                share: 100,
                placed: Time::from_micros(i64::from(number)),
                change: "first".into(),
                reason: String::new(),
            },
            definition: resource.to_string().into_bytes(),
            signature: String::new(),
        }
    }

    #[tokio::test]
    async fn hosts_are_asked_about_what_was_ever_hosted_and_about_what_cannot_be_read() {
        for (engine, database) in testkit::databases(store::MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let unreadable = Admission { definition: b"{".to_vec(), ..admission("old", 5, "listed") };
            for admitted in [
                admission("copy", 1, "hosted"),
                admission("described", 2, "listed"),
                admission("elsewhere", 3, "external"),
                admission("copy", 4, "listed"),
                unreadable,
            ] {
                store::put(&mut tx, &admitted).await.unwrap();
            }
            let services = Recovered.services(&mut tx).await.unwrap();
            assert_eq!(services, ["justice/copy", "justice/old"], "{engine}");
        }
    }
}
