//! Looks at what is deleted: what holds it up is said on it, and what ends, ends in an order that leaves nothing open.

use std::sync::Arc;

use api::Kind;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};

use super::world::{World, service};
use crate::{
    Config,
    run::{self, Operator},
};

const AGENCY: &str = "/apis/xizmat.dev/v1alpha1/agencies/justice";
const REGISTRY: &str = "/apis/xizmat.dev/v1alpha1/namespaces/justice/registries/records";
const SERVICE: &str = "/apis/xizmat.dev/v1alpha1/namespaces/justice/servicedefinitions/copy";
const NAMESPACE: &str = "/api/v1/namespaces/justice";
const BINDING: &str = "/apis/rbac.authorization.k8s.io/v1/namespaces/justice/rolebindings/xizmat-engineer";
const HOST: &str = "/apis/apps/v1/namespaces/justice/deployments/shared";
const KEYS: &str = "/api/v1/namespaces/justice/secrets/shared-bus";
const CREDENTIALS: &str = "/api/v1/namespaces/justice/secrets/bus-credentials";

struct Scene {
    world: World,
    operator: Arc<Operator>,
}

/// An agency with its namespace, engineers and credentials.
fn scene() -> Scene {
    let world = World { config: Config::default(), ..World::default() };
    for path in [BINDING, CREDENTIALS] {
        world.server.put(path, json!({"metadata": {"namespace": "justice"}}));
    }
    let operator = world.operator();
    Scene { world, operator }
}

impl Scene {
    /// A resource that is deleted and held.
    fn deleted(&self, path: &str, kind: Kind, finalizer: &str, annotations: Value) {
        let metadata = json!({
            "namespace": (kind != Kind::Agency).then_some("justice"), "uid": "u-1", "generation": 2,
            "deletionTimestamp": "2026-11-29T00:00:00Z", "finalizers": [finalizer], "annotations": annotations,
        });
        self.world
            .server
            .put(path, json!({"apiVersion": api::API_VERSION, "kind": kind.name(), "metadata": metadata, "spec": {}}));
    }

    async fn look(&self, path: &str, kind: Kind) {
        let object = self.world.server.get(path).unwrap();
        run::look(self.operator.clone(), kind, Arc::new(serde_json::from_value(object).unwrap())).await.unwrap();
    }

    /// Reason and message of a condition; nothing when the resource is gone.
    fn says(&self, path: &str, condition: &str) -> Option<(String, String)> {
        let object = self.world.server.get(path)?;
        let found = object["status"]["conditions"].as_array()?.iter().find(|one| one["type"] == condition)?;
        Some((found["reason"].as_str()?.to_owned(), found["message"].as_str()?.to_owned()))
    }

    fn withdrawn(&self) -> Vec<String> {
        self.world.platform.withdrawn()
    }

    /// Since it was asked last.
    fn deletes(&self) -> Vec<String> {
        let writes = self.world.server.writes();
        writes.iter().filter_map(|write| write.strip_prefix("DELETE ").map(str::to_owned)).collect()
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

    scene.world.server.take(SERVICE);
    scene.look(AGENCY, Kind::Agency).await;
    assert_eq!(scene.withdrawn(), ["Agency justice/justice"]);
    assert_eq!(scene.deletes(), ["rolebindings xizmat-engineer", "secrets bus-credentials"]);
    let is_there = |path: &str| scene.world.server.get(path).is_some();
    assert!(!is_there(AGENCY) && is_there(NAMESPACE), "its namespace stays");
}

#[tokio::test]
async fn an_agency_whose_end_the_exchange_has_not_heard_of_says_so_and_goes_on_later() {
    let scene = scene();
    scene.deleted(AGENCY, Kind::Agency, "xizmat.dev/exchange", json!({}));
    scene.world.platform.go_away();
    scene.look(AGENCY, Kind::Agency).await;
    let (reason, message) = scene.says(AGENCY, "Ready").unwrap();
    assert_eq!(reason, "PlatformAway");
    assert!(message.starts_with("It is deleted, and still waits:") && message.contains("test.away"), "{message}");
    assert_eq!(
        scene.deletes(),
        ["rolebindings xizmat-engineer"],
        "engineers first; what would prove the key goes last"
    );
    scene.world.platform.come_back();
    scene.look(AGENCY, Kind::Agency).await;
    assert_eq!(scene.says(AGENCY, "Ready"), None, "it is gone");
}

#[tokio::test]
async fn a_namespace_that_is_another_agencys_keeps_what_is_in_it() {
    let scene = scene();
    scene.deleted(AGENCY, Kind::Agency, "xizmat.dev/exchange", json!({}));
    scene.world.server.put(NAMESPACE, json!({"metadata": {"labels": {"xizmat.dev/agency": "health"}}}));
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
    scene.world.platform.go_away();
    scene.look(SERVICE, Kind::ServiceDefinition).await;
    let (reason, message) = scene.says(SERVICE, "Ready").unwrap();
    assert_eq!(reason, "PlatformAway");
    assert!(message.starts_with("It is deleted, and still waits:"), "{message}");
    assert_eq!(scene.world.server.reasons(), ["PlatformAway"]);
}

/// A service with an open case, that is deleted while its host runs.
async fn ending() -> Scene {
    let world = World::default();
    let operator = world.operator();
    let scene = Scene { world, operator };
    scene.world.apply("copy", 1, service());
    scene.look(SERVICE, Kind::ServiceDefinition).await;
    scene.world.platform.open(1);
    scene.world.server.put(SERVICE, json!({"metadata": {"deletionTimestamp": "2026-11-29T00:00:00Z"}}));
    scene.look(SERVICE, Kind::ServiceDefinition).await;
    let (reason, message) = scene.says(SERVICE, "Ready").unwrap();
    assert_eq!(reason, "CasesOpen", "{message}");
    assert!(scene.world.server.get(HOST).is_some());
    scene
}

impl Scene {
    /// Whether a host that somebody took away is there again after a look.
    async fn mends(&self) -> bool {
        self.world.server.take(HOST);
        self.look(SERVICE, Kind::ServiceDefinition).await;
        self.world.server.get(HOST).is_some()
    }
}

#[tokio::test]
async fn while_a_definition_ends_its_host_is_kept_in_repair_whoever_cannot_be_asked() {
    let scene = ending().await;
    scene.world.platform.go_away();
    assert!(scene.mends().await, "the register is away");
    assert_eq!(scene.says(SERVICE, "Ready").unwrap().0, "PlatformAway");
    scene.world.platform.come_back();
    scene.world.platform.silence();
    assert!(scene.mends().await, "only what is there can be asked");
    assert_eq!(scene.says(SERVICE, "Ready").unwrap().0, "NotAsked");
}

#[tokio::test]
async fn what_the_watches_have_not_told_yet_goes_with_its_definition_all_the_same() {
    let mut scene = ending().await;
    scene.world.platform.open(0);
    scene.operator = scene.world.operator();
    while scene.world.server.get(SERVICE).is_some() {
        let memory = &scene.operator.memory;
        memory.deployments.saw(&Event::Init);
        memory.deployments.saw(&Event::InitDone);
        memory.holders.saw(&Event::Init);
        memory.holders.saw(&Event::InitDone);
        scene.look(SERVICE, Kind::ServiceDefinition).await;
    }
    let is_there = |path: &str| scene.world.server.get(path).is_some();
    assert!(!is_there(HOST) && !is_there(KEYS));
    assert!(scene.world.platform.asked("withdraw_host") > 0, "nobody is on the bus in its name any more");
}

#[tokio::test]
async fn nothing_is_made_again_in_a_namespace_that_goes() {
    let scene = ending().await;
    scene.world.platform.go_away();
    let goes = json!({"metadata": {"deletionTimestamp": "2026-11-29T00:00:00Z", "finalizers": ["kubernetes"]}});
    scene.world.server.put(NAMESPACE, goes);
    assert!(!scene.mends().await);
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
    scene.world.server.put(AGENCY, agency);
    scene.world.platform.panic(true);
    scene.look(AGENCY, Kind::Agency).await;
    let (reason, message) = scene.says(AGENCY, "Ready").unwrap();
    assert_eq!(reason, "Panicked");
    assert!(message.contains("it is tried again"), "{message}");
    assert_eq!(scene.world.server.reasons(), ["Panicked"]);
    let finalizers = scene.world.server.get(AGENCY).unwrap()["metadata"]["finalizers"].clone();
    assert_eq!(finalizers, json!(["xizmat.dev/exchange"]));
}
