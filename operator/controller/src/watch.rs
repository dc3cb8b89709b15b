//! Sees when what the operator made of hosts is changed or taken away, and has those looked at again whom it concerns.

use std::{
    fmt::Debug,
    future::ready,
    hash::{DefaultHasher, Hash, Hasher},
    marker::PhantomData,
    sync::Arc,
    time::Duration,
};

use api::Kind;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{ConfigMap, Secret, Service, ServiceAccount},
    networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DynamicObject, PartialObjectMeta},
    runtime::{
        Controller, Predicate, PredicateConfig, WatchStreamExt, predicates,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::{
    agency::{AGENCY_LABEL, CREDENTIALS},
    host::{HOST_LABEL, MANAGED, SERVICES, Untouched, monitors},
    kind::{self, Applied},
    run::Operator,
    turns::Place,
};

type Definition = PartialObjectMeta<Applied>;

/// A cluster may get to know them while the operator runs.
const LOOK_FOR_MONITORS: Duration = Duration::from_secs(60);

/// Only metadata of objects with the operator's label, but of Deployments; who stands in the annotation looks again.
pub fn hosts(
    controller: Controller<Definition>,
    operator: &Arc<Operator>,
    definitions: &Store<Definition>,
) -> Controller<Definition> {
    let (client, untouched) = (&operator.client, &operator.memory.hosts);
    // After a watch was blind everything is looked at once: what was taken away meanwhile, nobody is told.
    untouched.was_blind();
    let (blind, mut again) = mpsc::channel(1);
    let (known, its) = (definitions.clone(), operator.clone());
    let again = stream::poll_fn(move |context| again.poll_recv(context));
    let again = again.inspect(move |()| its.turns.all_come(Kind::ServiceDefinition, &known));
    let controller = controller.reconcile_all_on(again);
    // A Deployment's status says whether it is available, and its controllers write it: that touches no host.
    let (known, its) = (definitions.clone(), operator.clone());
    let stream = deployments(operator, &blind);
    let mut controller = controller
        .watches_stream(stream, move |object| its.called(Kind::ServiceDefinition, concerned(&object, &known)));
    let (holders, agencies) = (operator.memory.holders.clone(), operator.memory.at_rest.clone());
    agencies.expects(&Secret::kind(&()));
    macro_rules! watched {
        ($($kind:ty: $property:expr, $saw:expr);*) => {$(
            let (known, its) = (definitions.clone(), operator.clone());
            let stream = changes::<$kind, _, _>(client, &(), $property, $saw, (untouched, &blind));
            controller = controller.watches_stream(stream, move |object| its.touched(&object, &known));
        )*};
    }
    // An autoscaler's or a budget's status says nothing that matters here.
    watched!(
        HorizontalPodAutoscaler: beside_its_status, |_| {};
        PodDisruptionBudget: predicates::generation.combine(predicates::labels), |_| {};
        NetworkPolicy: predicates::resource_version, |_| {};
        Service: predicates::resource_version, |_| {};
        ServiceAccount: predicates::resource_version, |_| {};
        ConfigMap: predicates::resource_version, |_| {};
        Secret: predicates::resource_version, move |event| {
            holders.saw(event);
            agencies.saw(event);
        }
    );
    let (known, its, resource) = (definitions.clone(), operator.clone(), monitors());
    controller.watches_stream_with(
        monitor_changes(operator, &blind),
        move |object| its.touched(&object, &known),
        resource,
    )
}

/// The only ones whose content is read; no more of it is kept than how each stands.
fn deployments(
    operator: &Operator,
    blind: &mpsc::Sender<()>,
) -> impl Stream<Item = Result<PartialObjectMeta<Deployment>, watcher::Error>> + Send + use<> {
    let (untouched, seen) = (operator.memory.hosts.clone(), operator.memory.deployments.clone());
    let watched = watcher(Api::<Deployment>::all(operator.client.clone()), own()).default_backoff();
    apart(watched).map(begins_anew(&untouched, blind)).try_filter_map(move |event| {
        let matters = seen.saw(&event);
        let object = match event {
            watcher::Event::Apply(found) | watcher::Event::InitApply(found) | watcher::Event::Delete(found) => found,
            watcher::Event::Init | watcher::Event::InitDone => return ready(Ok(None)),
        };
        ready(Ok(matters.then(|| metadata_of(object))))
    })
}

/// Each watch waits by itself before it begins anew. A controller that hears of a failure makes all of its watches wait, and longer each
/// time: when an API server restarts, that is once for each of them.
pub fn apart<T, S>(watched: S) -> impl Stream<Item = Result<T, watcher::Error>> + Send
where
    T: Send,
    S: Stream<Item = Result<T, watcher::Error>> + Send,
{
    watched.filter_map(|event| {
        let told = event.inspect_err(|error| tracing::debug!(%error, "a watch begins anew"));
        ready(told.ok().map(Ok))
    })
}

fn metadata_of(object: Deployment) -> PartialObjectMeta<Deployment> {
    PartialObjectMeta { types: None, metadata: object.metadata, _phantom: PhantomData }
}

/// What has the operator's label.
fn own() -> watcher::Config {
    watcher::Config::default().labels(&format!("{}={}", MANAGED.0, MANAGED.1))
}

/// A second list says that the watch was blind for a while.
fn begins_anew<K>(
    untouched: &Arc<Untouched>,
    blind: &mpsc::Sender<()>,
) -> impl FnMut(Result<watcher::Event<K>, watcher::Error>) -> Result<watcher::Event<K>, watcher::Error> + Send + use<K>
{
    let (untouched, blind, mut lists) = (untouched.clone(), blind.clone(), 0_u64);
    move |event| {
        if matches!(event, Ok(watcher::Event::InitDone)) {
            lists += 1;
            if lists > 1 {
                untouched.was_blind();
                // One that waits already is enough for all.
                let _ = blind.try_send(());
            }
        }
        event
    }
}

impl Operator {
    /// Their turn has come.
    pub fn called(&self, of: Kind, concerned: Vec<ObjectRef<Definition>>) -> Vec<ObjectRef<Definition>> {
        concerned.iter().for_each(|found| self.turns.comes(&Place::of_ref(of, found)));
        concerned
    }

    /// Whom an object of a host concerns that somebody else wrote or took away.
    fn touched<K>(&self, object: &PartialObjectMeta<K>, definitions: &Store<Definition>) -> Vec<ObjectRef<Definition>>
    where
        PartialObjectMeta<K>: Resource,
    {
        let is_touched = touch(&self.memory.hosts, object);
        self.called(Kind::ServiceDefinition, if is_touched { concerned(object, definitions) } else { Vec::new() })
    }
}

/// Begins once the cluster knows monitors.
fn monitor_changes(
    operator: &Arc<Operator>,
    blind: &mpsc::Sender<()>,
) -> impl Stream<Item = Result<PartialObjectMeta<DynamicObject>, watcher::Error>> + Send + use<> {
    let untouched = operator.memory.hosts.clone();
    let (client, blind) = (operator.client.clone(), blind.clone());
    let operator = operator.clone();
    let known = stream::once(async move {
        while !operator.knows_monitors().await.unwrap_or(false) {
            tokio::time::sleep(LOOK_FOR_MONITORS).await;
        }
    });
    known.flat_map(move |()| {
        let told = (&untouched, &blind);
        changes::<DynamicObject, _, _>(&client, &monitors(), predicates::resource_version, |_| {}, told)
    })
}

/// Before Kubernetes 1.37 an autoscaler has no generation, and a quota never has one, and its controller writes its status with every measurement: who owns
/// which fields beside the status, and since when, tells what else was written.
pub fn beside_its_status<K>(object: &PartialObjectMeta<K>) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let metadata = &object.metadata;
    metadata.generation.hash(&mut hasher);
    let entries = metadata.managed_fields.iter().flatten();
    for entry in entries.filter(|entry| entry.subresource.as_deref() != Some("status")) {
        let fields = entry.fields_v1.as_ref().map(|fields| fields.0.to_string());
        let since = entry.time.as_ref().map(|time| time.0);
        (&entry.manager, &entry.operation, &entry.subresource, since, fields).hash(&mut hasher);
    }
    Some(hasher.finish())
}

fn changes<K, P, S>(
    client: &Client,
    of: &K::DynamicType,
    property: P,
    saw: S,
    (untouched, blind): (&Arc<Untouched>, &mpsc::Sender<()>),
) -> impl Stream<Item = Result<PartialObjectMeta<K>, watcher::Error>> + Send + use<K, P, S>
where
    P: Predicate<PartialObjectMeta<K>> + Send + 'static,
    S: FnMut(&watcher::Event<PartialObjectMeta<K>>) + Send + 'static,
    K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    let all: Api<PartialObjectMeta<K>> = Api::all_with(client.clone(), of);
    apart(watcher(all, own()).default_backoff())
        .map(begins_anew(untouched, blind))
        .inspect_ok(saw)
        .map(|event| event.map(marked))
        .touched_objects()
        .predicate_filter(property, PredicateConfig::default())
}

/// Else a property that did not change would hide that the object is gone.
pub fn marked<K>(event: watcher::Event<PartialObjectMeta<K>>) -> watcher::Event<PartialObjectMeta<K>> {
    match event {
        watcher::Event::Delete(mut object) => {
            object.metadata.generation = Some(-1);
            object.metadata.resource_version = Some(String::new());
            watcher::Event::Delete(object)
        }
        event => event,
    }
}

/// The agency's namespace, which is called as it is; what is kept of it in the platform's concerns its hosts all the same.
fn place<K>(object: &PartialObjectMeta<K>) -> String
where
    PartialObjectMeta<K>: Resource,
{
    object.labels().get(AGENCY_LABEL).cloned().or_else(|| object.namespace()).unwrap_or_default()
}

/// What the operator wrote itself it knows, and what the agency's own system connects with is no host's.
fn touch<K>(untouched: &Untouched, object: &PartialObjectMeta<K>) -> bool
where
    PartialObjectMeta<K>: Resource,
{
    if object.meta().name.as_deref() == Some(CREDENTIALS) {
        return false;
    }
    let host = object.labels().get(HOST_LABEL).map(String::as_str).unwrap_or_default();
    let metadata = object.meta();
    let (uid, version) = (metadata.uid.as_deref(), metadata.resource_version.as_deref());
    untouched.touch(&place(object), host, uid, version)
}

/// The services of the host; for what the agency's hosts have in common, any definition of the namespace.
fn concerned<K>(object: &PartialObjectMeta<K>, definitions: &Store<Definition>) -> Vec<ObjectRef<Definition>>
where
    PartialObjectMeta<K>: Resource,
{
    let namespace = place(object);
    let named = |name: &str| {
        ObjectRef::<Definition>::new_with(name, kind::resource(Kind::ServiceDefinition)).within(&namespace)
    };
    match object.annotations().get(SERVICES) {
        Some(services) => services.split(',').filter(|name| !name.is_empty()).map(named).collect(),
        None => {
            let neighbour = definitions.find(|definition| definition.namespace().as_deref() == Some(&namespace));
            neighbour.map(|definition| named(&definition.name_any())).into_iter().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn property(metadata: Value) -> Option<u64> {
        let object: PartialObjectMeta<HorizontalPodAutoscaler> = serde_json::from_value(json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata,
        }))
        .unwrap();
        beside_its_status(&object)
    }

    fn written(by: &str, subresource: &str, second: u32) -> Value {
        let time = format!("2026-11-29T00:00:0{second}Z");
        json!({"manager": by, "operation": "Update", "subresource": subresource, "time": time, "fieldsV1": {"f:spec": {}}})
    }

    #[test]
    fn an_autoscaler_without_a_generation_is_seen_to_change_whatever_its_own_measurements_write() {
        let operator = written("xizmat-operator", "", 1);
        let metadata =
            |version: &str, fields: Value| json!({"name": "copy", "resourceVersion": version, "managedFields": fields});
        let made = property(metadata("1", json!([operator])));
        let measured = |second| written("kube-controller-manager", "status", second);
        assert_eq!(property(metadata("2", json!([operator, measured(2)]))), made);
        assert_eq!(property(metadata("3", json!([operator, measured(3)]))), made);
        let edited = property(metadata("4", json!([operator, written("kubectl-edit", "", 4), measured(3)])));
        assert_ne!(edited, made);
        let again = property(metadata("5", json!([operator, written("kubectl-edit", "", 5), measured(3)])));
        assert_ne!(again, edited);
        let mut gone = metadata("5", json!([operator]));
        gone["generation"] = json!(-1);
        assert_ne!(property(gone), made, "as a deletion is marked");
    }
}
