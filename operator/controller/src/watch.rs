//! Sees when what the operator made is changed or taken away, and has the definitions that it runs looked at again.

use std::fmt::Debug;

use api::Kind;
use futures::{Stream, StreamExt};
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

use crate::{
    host::{MANAGED, SERVICES},
    kind::{self, Applied},
};

type Definition = PartialObjectMeta<Applied>;

/// Only metadata of objects with the operator's label; who stands in the annotation looks again.
pub fn hosts(
    controller: Controller<Definition>,
    client: &Client,
    definitions: &Store<Definition>,
) -> Controller<Definition> {
    let mut controller = controller;
    macro_rules! watched {
        ($($kind:ty: $property:expr),*) => {$(
            let known = definitions.clone();
            let stream = changes::<$kind>(client, $property);
            controller = controller.watches_stream(stream, move |object| concerned(&object, &known));
        )*};
    }
    // A Deployment's status says whether it is available; an autoscaler's or a budget's says nothing that matters here.
    watched!(
        Deployment: predicates::resource_version,
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

fn changes<K>(
    client: &Client,
    property: impl Predicate<PartialObjectMeta<K>> + Send + 'static,
) -> impl Stream<Item = Result<PartialObjectMeta<K>, watcher::Error>> + Send + 'static
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    let all: Api<PartialObjectMeta<K>> = Api::all(client.clone());
    let own = watcher::Config::default().labels(&format!("{}={}", MANAGED.0, MANAGED.1));
    watcher(all, own)
        .default_backoff()
        .map(|event| {
            event.map(|event| match event {
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
