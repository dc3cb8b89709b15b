//! Sees when what the operator made is changed or taken away, and has the definitions that it runs looked at again.

use std::{fmt::Debug, sync::Arc};

use api::Kind;
use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{ConfigMap, Secret, Service, ServiceAccount},
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
    host::{HOST_LABEL, MANAGED, SERVICES, Untouched},
    kind::{self, Applied},
};

type Definition = PartialObjectMeta<Applied>;

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
                // Else a property that did not change would hide that the object is gone.
                watcher::Event::Delete(mut object) => {
                    object.metadata.generation = Some(-1);
                    object.metadata.resource_version = Some(String::new());
                    watcher::Event::Delete(object)
                }
                event => event,
            })
        })
        .modify(|object| object.managed_fields_mut().clear())
        .touched_objects()
        .predicate_filter(property, PredicateConfig::default())
}

fn touch<K>(untouched: &Untouched, object: &PartialObjectMeta<K>)
where
    PartialObjectMeta<K>: Resource,
{
    let host = object.labels().get(HOST_LABEL).map(String::as_str).unwrap_or_default();
    let metadata = object.meta();
    let (uid, version) = (metadata.uid.as_deref(), metadata.resource_version.as_deref());
    untouched.touch(&object.namespace().unwrap_or_default(), host, uid, version);
}

/// The services of the host; for what the agency's hosts have in common, any definition of the namespace.
fn concerned<K>(object: &PartialObjectMeta<K>, definitions: &Store<Definition>) -> Vec<ObjectRef<Definition>>
where
    PartialObjectMeta<K>: Resource,
{
    let namespace = object.namespace().unwrap_or_default();
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
