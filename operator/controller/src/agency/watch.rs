//! Sees when an agency's namespace, or what the operator made in it, is changed or taken away, and has that agency looked at.

use std::{
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use api::Kind;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use k8s_openapi::api::{
    core::v1::{LimitRange, Namespace, ResourceQuota, Secret},
    rbac::v1::RoleBinding,
};
use kube::{
    Api, Resource, ResourceExt,
    api::PartialObjectMeta,
    runtime::{
        Controller, Predicate, PredicateConfig, WatchStreamExt, predicates,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use serde::de::DeserializeOwned;

use super::build::{CREDENTIALS, ENGINEERS, LIMITS};
use crate::{
    kind::{self, Applied},
    run::Operator,
    watch::{apart, beside_its_status, marked},
};

type Agency = PartialObjectMeta<Applied>;

/// Whose changes are told to whom.
struct Watched<'a> {
    operator: &'a Arc<Operator>,
    agencies: &'a Store<Agency>,
}

/// Only metadata is watched: of namespaces everybody's, because one may be handed over; else objects of the names that the operator
/// gives.
pub fn watched(
    controller: Controller<Agency>,
    operator: &Arc<Operator>,
    agencies: &Store<Agency>,
) -> Controller<Agency> {
    let of = Watched { operator, agencies };
    let owned = operator.memory.namespaces.clone();
    let controller =
        of.watch::<Namespace, _, _>(controller, watcher::Config::default(), ownership, move |event| owned.saw(event));
    // A quota's status says what is used of it, and has no generation of its own.
    let controller = of.watch::<ResourceQuota, _, _>(controller, named(LIMITS), beside_its_status, |_| {});
    let controller = of.watch::<LimitRange, _, _>(controller, named(LIMITS), predicates::resource_version, |_| {});
    let controller = match operator.config.engineer_role {
        Some(_) => of.watch::<RoleBinding, _, _>(controller, named(ENGINEERS), predicates::resource_version, |_| {}),
        None => controller,
    };
    match operator.config.host_image {
        // Whoever watches hosts' Secrets tells of these, too: one watch a kind.
        Some(_) => controller.reconcile_on(called(operator.clone(), agencies.clone())),
        None => of.watch::<Secret, _, _>(controller, named(CREDENTIALS), predicates::resource_version, |_| {}),
    }
}

fn named(name: &str) -> watcher::Config {
    watcher::Config::default().fields(&format!("metadata.name={name}"))
}

/// Whose it is, and whether it goes: that changes neither its labels nor a generation.
fn ownership(namespace: &PartialObjectMeta<Namespace>) -> Option<u64> {
    let (metadata, mut hasher) = (&namespace.metadata, DefaultHasher::new());
    (&metadata.labels, metadata.generation, metadata.deletion_timestamp.is_some()).hash(&mut hasher);
    Some(hasher.finish())
}

impl Watched<'_> {
    fn watch<K, P, S>(
        &self,
        controller: Controller<Agency>,
        which: watcher::Config,
        property: P,
        saw: S,
    ) -> Controller<Agency>
    where
        K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
        P: Predicate<PartialObjectMeta<K>> + Send + 'static,
        S: Fn(&watcher::Event<PartialObjectMeta<K>>) + Send + 'static,
    {
        let (rest, kind) = (self.operator.memory.at_rest.clone(), K::kind(&()).into_owned());
        rest.expects(&kind);
        let all: Api<PartialObjectMeta<K>> = Api::all(self.operator.client.clone());
        let stream = apart(watcher(all, which).default_backoff())
            .inspect_ok(move |event| {
                saw(event);
                if matches!(event, watcher::Event::InitDone) {
                    rest.listed(&kind);
                }
            })
            .map(|event| event.map(marked))
            .touched_objects()
            .predicate_filter(property, PredicateConfig::default());
        let (operator, agencies) = (self.operator.clone(), self.agencies.clone());
        controller.watches_stream(stream, move |object| {
            let agency = object.namespace().unwrap_or_else(|| object.name_any());
            operator.memory.at_rest.touch(&agency);
            operator.called(Kind::Agency, find(&agencies, &agency).into_iter().collect())
        })
    }
}

fn find(agencies: &Store<Agency>, name: &str) -> Option<ObjectRef<Agency>> {
    let named = ObjectRef::<Agency>::new_with(name, kind::resource(Kind::Agency));
    agencies.get(&named).map(|_| named)
}

/// Those whose Secret was changed or taken away.
fn called(operator: Arc<Operator>, agencies: Store<Agency>) -> impl Stream<Item = ObjectRef<Agency>> + Send + 'static {
    let rest = operator.memory.at_rest.clone();
    let called = stream::unfold(rest, |rest| async move { Some((rest.called().await, rest)) });
    called.flat_map(move |names| {
        let found = names.iter().filter_map(|name| find(&agencies, name)).collect();
        stream::iter(operator.called(Kind::Agency, found))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn seen(metadata: Value) -> Option<u64> {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        ownership(&serde_json::from_value(namespace).unwrap())
    }

    #[test]
    fn a_namespace_that_is_labelled_goes_or_is_gone_is_seen_to_change_and_a_note_on_it_is_none() {
        let namespace = json!({"name": "justice", "labels": {"xizmat.dev/agency": "justice"}});
        let with = |entry: &str, value: Value| {
            let mut changed = namespace.clone();
            changed[entry] = value;
            seen(changed)
        };
        let before = seen(namespace.clone());
        assert_ne!(with("labels", json!({})), before);
        assert_ne!(with("deletionTimestamp", json!("2026-12-01T00:00:00Z")), before);
        assert_ne!(with("generation", json!(-1)), before, "as a deletion is marked");
        assert_eq!(with("annotations", json!({"example.com/note": "x"})), before);
    }
}
