//! Looks at what is deleted: what holds it up is said on it, and what ends, ends in an order that leaves nothing open.

use std::sync::{Arc, atomic::Ordering};

use api::Kind;
use kernel::{Clock, ManualClock, Random, SeededRandom, Time};
use serde_json::{Value, json};

use super::{cluster::Cluster, platform::Scripted};
use crate::{
    Config,
    run::{self, Operator},
    waits::Waits,
};

const AGENCY: &str = "/apis/xizmat.dev/v1alpha1/agencies/justice";
const REGISTRY: &str = "/apis/xizmat.dev/v1alpha1/namespaces/justice/registries/records";
const SERVICE: &str = "/apis/xizmat.dev/v1alpha1/namespaces/justice/servicedefinitions/copy";
const NAMESPACE: &str = "/api/v1/namespaces/justice";
const BINDING: &str = "/apis/rbac.authorization.k8s.io/v1/namespaces/justice/rolebindings/xizmat-engineer";
const CREDENTIALS: &str = "/api/v1/namespaces/justice/secrets/bus-credentials";

struct Scene {
    cluster: Cluster,
    platform: Arc<Scripted>,
    operator: Arc<Operator>,
}

/// An agency with its namespace, engineers and credentials.
fn scene() -> Scene {
    let (cluster, platform) = (Cluster::default(), Arc::new(Scripted::default()));
    let labels = json!({"xizmat.dev/agency": "justice"});
    cluster.put(
        NAMESPACE,
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "justice", "labels": labels}}),
    );
    cluster.put(BINDING, json!({"metadata": {"name": "xizmat-engineer", "namespace": "justice"}}));
    cluster.put(CREDENTIALS, json!({"metadata": {"name": "bus-credentials", "namespace": "justice"}}));
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Time::from_seconds(1_800_000_000)));
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
    let operator =
        Operator::new(cluster.client(), Config::default(), platform.clone(), None, (clock, random, Waits::default()));
    let operator = Arc::new(operator);
    Scene { cluster, platform, operator }
}

impl Scene {
    /// A resource that is deleted and held.
    fn deleted(&self, path: &str, kind: Kind, finalizer: &str, annotations: Value) {
        let parts: Vec<_> = path.split('/').collect();
        let namespace = (parts.len() > 6).then(|| parts[5]);
        let metadata = json!({
            "name": parts.last(), "namespace": namespace, "uid": "u-1", "generation": 2, "resourceVersion": "7",
            "deletionTimestamp": "2026-11-29T00:00:00Z", "finalizers": [finalizer], "annotations": annotations,
        });
        let object =
            json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": kind.name(), "metadata": metadata, "spec": {}});
        self.cluster.put(path, object);
    }

    async fn look(&self, path: &str, kind: Kind) {
        let object = self.cluster.kept().objects[path].clone();
        run::look(self.operator.clone(), kind, Arc::new(serde_json::from_value(object).unwrap())).await.unwrap();
    }

    /// Reason and message of a condition; nothing when the resource is gone.
    fn says(&self, path: &str, condition: &str) -> Option<(String, String)> {
        let kept = self.cluster.kept();
        let conditions = kept.objects.get(path)?["status"]["conditions"].as_array()?.clone();
        let found = conditions.iter().find(|one| one["type"] == condition)?;
        Some((found["reason"].as_str()?.to_owned(), found["message"].as_str()?.to_owned()))
    }

    fn withdrawn(&self) -> Vec<String> {
        self.platform.withdrawn.lock().unwrap().clone()
    }

    fn deletes(&self) -> Vec<String> {
        let kept = self.cluster.kept();
        kept.writes.iter().filter_map(|write| write.strip_prefix("DELETE ").map(str::to_owned)).collect()
    }
}

#[tokio::test]
async fn an_agency_stays_while_it_owns_anything_and_then_nobody_acts_in_its_name() {
    let scene = scene();
    scene.deleted(AGENCY, Kind::Agency, "xizmat.dev/exchange", json!({}));
    scene.deleted(SERVICE, Kind::ServiceDefinition, "xizmat.dev/host", json!({}));
    scene.look(AGENCY, Kind::Agency).await;
    let (reason, message) = scene.says(AGENCY, "Ready").unwrap();
    assert_eq!(reason, "StillOwns");
    assert!(message.contains("services `copy`") && message.contains("kubectl delete sd --all"), "{message}");
    assert_eq!((scene.withdrawn().len(), scene.deletes().len()), (0, 0), "nothing changes until then");

    scene.cluster.kept().objects.remove(SERVICE);
    scene.look(AGENCY, Kind::Agency).await;
    assert_eq!(scene.withdrawn(), ["Agency justice/justice"]);
    assert_eq!(scene.deletes(), [BINDING, CREDENTIALS]);
    let kept = scene.cluster.kept();
    assert!(!kept.objects.contains_key(AGENCY) && kept.objects.contains_key(NAMESPACE), "its namespace stays");
}

#[tokio::test]
async fn an_agency_whose_end_the_exchange_has_not_heard_of_says_so_and_goes_on_later() {
    let scene = scene();
    scene.deleted(AGENCY, Kind::Agency, "xizmat.dev/exchange", json!({}));
    scene.platform.is_away.store(true, Ordering::Relaxed);
    scene.look(AGENCY, Kind::Agency).await;
    let (reason, message) = scene.says(AGENCY, "Ready").unwrap();
    assert_eq!(reason, "PlatformAway");
    assert!(message.starts_with("It is deleted, and still waits:") && message.contains("bus.unavailable"), "{message}");
    assert_eq!(scene.deletes(), [BINDING], "engineers first; what would prove the key goes last");
    scene.platform.is_away.store(false, Ordering::Relaxed);
    scene.look(AGENCY, Kind::Agency).await;
    assert_eq!(scene.says(AGENCY, "Ready"), None, "it is gone");
}

#[tokio::test]
async fn a_namespace_that_is_another_agencys_keeps_what_is_in_it() {
    let scene = scene();
    scene.deleted(AGENCY, Kind::Agency, "xizmat.dev/exchange", json!({}));
    scene.cluster.put(NAMESPACE, json!({"metadata": {"name": "justice", "labels": {"xizmat.dev/agency": "health"}}}));
    scene.look(AGENCY, Kind::Agency).await;
    assert_eq!((scene.withdrawn().len(), scene.deletes().len()), (1, 0));
}

#[tokio::test]
async fn a_registry_goes_when_the_exchange_asks_it_no_more() {
    let scene = scene();
    scene.deleted(REGISTRY, Kind::Registry, "xizmat.dev/exchange", json!({}));
    scene.look(REGISTRY, Kind::Registry).await;
    assert_eq!(scene.withdrawn(), ["Registry justice/records"]);
    assert_eq!(scene.says(REGISTRY, "Ready"), None);
}

#[tokio::test]
async fn a_deleted_definition_says_when_the_platform_is_away() {
    let scene = scene();
    scene.deleted(SERVICE, Kind::ServiceDefinition, "xizmat.dev/host", json!({}));
    scene.platform.is_away.store(true, Ordering::Relaxed);
    scene.look(SERVICE, Kind::ServiceDefinition).await;
    let (reason, message) = scene.says(SERVICE, "Ready").unwrap();
    assert_eq!(reason, "PlatformAway");
    assert!(message.starts_with("It is deleted, and still waits:"), "{message}");
    assert_eq!(scene.cluster.kept().events, ["PlatformAway"]);
}

#[tokio::test]
async fn what_is_paused_is_not_let_go_and_says_why_it_stays() {
    let scene = scene();
    scene.deleted(AGENCY, Kind::Agency, "xizmat.dev/exchange", json!({"xizmat.dev/paused": "true"}));
    scene.look(AGENCY, Kind::Agency).await;
    let (_, message) = scene.says(AGENCY, "Paused").unwrap();
    assert!(message.starts_with("It is deleted, and stays") && message.contains("xizmat.dev/paused"), "{message}");
    assert_eq!((scene.withdrawn().len(), scene.deletes().len()), (0, 0));
}

#[tokio::test]
async fn a_fault_of_ours_is_said_on_the_resource_it_met() {
    let scene = scene();
    let title = json!({"uz": "A", "uz-Cyrl": "А", "kaa": "A", "ru": "А", "en": "A"});
    let metadata = json!({"name": "justice", "uid": "u-1", "generation": 1, "resourceVersion": "7"});
    let spec = json!({"title": title});
    let agency = json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": "Agency", "metadata": metadata, "spec": spec});
    scene.cluster.put(AGENCY, agency);
    scene.look(AGENCY, Kind::Agency).await;
    let (reason, message) = scene.says(AGENCY, "Ready").unwrap();
    assert_eq!(reason, "Panicked");
    assert!(message.contains("it is tried again"), "{message}");
    assert_eq!(scene.cluster.kept().events, ["Panicked"]);
    assert_eq!(scene.cluster.kept().objects[AGENCY]["metadata"]["finalizers"], json!(["xizmat.dev/exchange"]));
}
