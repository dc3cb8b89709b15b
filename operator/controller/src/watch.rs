//! Sees when what the operator made is changed or taken away, or a namespace handed over, and has those looked at again whom it concerns.

use std::{fmt::Debug, sync::Arc};

use api::Kind;
use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{ConfigMap, Namespace, Secret, Service, ServiceAccount},
    networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::PartialObjectMeta,
    runtime::{
        Controller, Predicate, PredicateConfig, WatchStreamExt, predicates,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::{
    agency::AGENCY_LABEL,
    host::{HOST_LABEL, MANAGED, SERVICES, Untouched},
    kind::{self, Applied},
};

type Definition = PartialObjectMeta<Applied>;
type Agency = PartialObjectMeta<Applied>;

/// An agency is looked at again when its namespace is labelled, or is no more. Nothing is kept of namespaces.
pub fn namespaces(controller: Controller<Agency>, client: &Client, agencies: &Store<Agency>) -> Controller<Agency> {
    let all: Api<PartialObjectMeta<Namespace>> = Api::all(client.clone());
    let stream = watcher(all, watcher::Config::default())
        .default_backoff()
        .map(|event| event.map(marked))
        .modify(|object| object.managed_fields_mut().clear())
        .touched_objects()
        .predicate_filter(predicates::labels.combine(predicates::generation), PredicateConfig::default());
    let known = agencies.clone();
    controller.watches_stream(stream, move |namespace| {
        let named = ObjectRef::<Agency>::new_with(&namespace.name_any(), kind::resource(Kind::Agency));
        known.get(&named).map(|_| named)
    })
}

/// Only metadata of objects with the operator's label; who stands in the annotation looks again.
pub fn hosts(
    controller: Controller<Definition>,
    client: &Client,
    definitions: &Store<Definition>,
    untouched: &Arc<Untouched>,
) -> Controller<Definition> {
    // After a watch was blind everything is looked at once: what was taken away meanwhile, nobody is told.
    untouched.was_blind();
    let (blind, mut again) = mpsc::channel(1);
    let controller = controller.reconcile_all_on(stream::poll_fn(move |context| again.poll_recv(context)));
    // A Deployment's status says whether it is available, and its controllers write it: that touches no host.
    let known = definitions.clone();
    let stream = changes::<Deployment, _>(client, predicates::resource_version, untouched, &blind);
    let mut controller = controller.watches_stream(stream, move |object| concerned(&object, &known));
    let all = untouched;
    macro_rules! watched {
        ($($kind:ty: $property:expr),*) => {$(
            let (known, untouched) = (definitions.clone(), all.clone());
            let stream = changes::<$kind, _>(client, $property, &untouched, &blind);
            controller = controller.watches_stream(stream, move |object| {
                touch(&untouched, &object);
                concerned(&object, &known)
            });
        )*};
    }
    // An autoscaler's or a budget's status says nothing that matters here.
    watched!(
        HorizontalPodAutoscaler: predicates::generation.combine(predicates::labels),
        PodDisruptionBudget: predicates::generation.combine(predicates::labels),
        NetworkPolicy: predicates::resource_version,
        Service: predicates::resource_version,
        ServiceAccount: predicates::resource_version,
        ConfigMap: predicates::resource_version,
        Secret: predicates::resource_version
    );
    controller
}

fn changes<K, P>(
    client: &Client,
    property: P,
    untouched: &Arc<Untouched>,
    blind: &mpsc::Sender<()>,
) -> impl Stream<Item = Result<PartialObjectMeta<K>, watcher::Error>> + Send + use<K, P>
where
    P: Predicate<PartialObjectMeta<K>> + Send + 'static,
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    let all: Api<PartialObjectMeta<K>> = Api::all(client.clone());
    let own = watcher::Config::default().labels(&format!("{}={}", MANAGED.0, MANAGED.1));
    let (untouched, blind, mut lists) = (untouched.clone(), blind.clone(), 0_u64);
    watcher(all, own)
        .default_backoff()
        .map(move |event| {
            event.map(|event| match event {
                watcher::Event::InitDone => {
                    lists += 1;
                    if lists > 1 {
                        untouched.was_blind();
                        // One that waits already is enough for all.
                        let _ = blind.try_send(());
                    }
                    watcher::Event::InitDone
                }
                event => marked(event),
            })
        })
        .modify(|object| object.managed_fields_mut().clear())
        .touched_objects()
        .predicate_filter(property, PredicateConfig::default())
}

/// Else a property that did not change would hide that the object is gone.
fn marked<K>(event: watcher::Event<PartialObjectMeta<K>>) -> watcher::Event<PartialObjectMeta<K>> {
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

fn touch<K>(untouched: &Untouched, object: &PartialObjectMeta<K>)
where
    PartialObjectMeta<K>: Resource,
{
    let host = object.labels().get(HOST_LABEL).map(String::as_str).unwrap_or_default();
    let metadata = object.meta();
    let (uid, version) = (metadata.uid.as_deref(), metadata.resource_version.as_deref());
    untouched.touch(&place(object), host, uid, version);
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
