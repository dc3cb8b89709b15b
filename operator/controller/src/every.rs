//! Watches one kind everywhere, and has what changed of it looked at, one look at a resource at a time.

use std::{convert::Infallible, sync::Arc, time::Duration};

use api::Kind;
use futures::{Stream, StreamExt, TryStreamExt};
use kube::{
    Api, ResourceExt,
    api::PartialObjectMeta,
    runtime::{
        Controller, Predicate, PredicateConfig, WatchStreamExt, controller, predicates,
        reflector::{ObjectRef, Store, store::Writer},
        watcher,
    },
};

use crate::{
    agency, counts, exchanged,
    kind::{self, Applied},
    lead::Term,
    rollout,
    run::{Operator, look},
    turns::{COUNT_EVERY, Place},
    waits::Waits,
    watch,
};

type Watched = PartialObjectMeta<Applied>;

/// Events of one edit that come together are one look.
const DEBOUNCE: Duration = Duration::from_millis(50);
/// Written by `kubectl apply` on the client's side.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Only metadata is watched and kept; a resource is read whole when its turn comes.
pub async fn watch_kind(operator: Arc<Operator>, of: Kind, term: Term) {
    let resource = kind::resource(of);
    let all: Api<Watched> = Api::all_with(operator.client.clone(), &resource);
    let writer = Writer::new(resource.clone());
    let reader = writer.as_reader();
    let changed = predicates::generation.combine(predicates::annotations);
    let waits = operator.waits.clone();
    let neighbours = (of == Kind::ServiceDefinition).then(|| operator.memory.neighbours.clone());
    let all =
        watcher(all, watcher::Config::default()).inspect(move |event| watched(&waits, of, event)).default_backoff();
    let changes = watch::apart(all)
        .modify(trim)
        .inspect_ok(move |event| neighbours.iter().for_each(|neighbours| neighbours.saw(event)))
        .reflect(writer)
        .touched_objects()
        .predicate_filter(changed, PredicateConfig::default());
    let its = operator.clone();
    let changes = changes.inspect_ok(move |object| {
        its.turns.comes(&Place { of, namespace: object.namespace(), name: object.name_any() });
    });
    let settings = controller::Config::default().concurrency(operator.config.at_once).debounce(DEBOUNCE);
    let controller = Controller::for_stream_with(changes, reader.clone(), resource).with_config(settings);
    // Whoever waits for the platform longest has waited enough when it is there again.
    let (its, known) = (operator.clone(), reader.clone());
    let returns = operator.platform.returns().inspect(move |()| its.turns.all_come(of, &known));
    let controller = controller.reconcile_all_on(returns);
    let controller = match of {
        Kind::Agency => agency::watched(controller, &operator, &reader),
        Kind::ServiceDefinition => {
            let gone = rollout::gone(&operator, reader.clone());
            let counted = counts::changes(operator.clone(), reader.clone());
            let controller = controller.reconcile_on(called(operator.clone(), of, gone)).reconcile_on(called(
                operator.clone(),
                of,
                counted,
            ));
            match operator.config.host_image {
                Some(_) => watch::hosts(controller, &operator, &reader),
                None => controller,
            }
        }
        Kind::Grant | Kind::GrantRequest => {
            let decided = exchanged::changes(operator.clone(), of, reader.clone());
            controller.reconcile_on(called(operator.clone(), of, decided))
        }
        _ => controller,
    };
    let Term { stop, looks } = term;
    let looked = controller
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(
            move |object, operator| looks.track_future(look(operator, of, object)),
            |_, never: &Infallible, _| match *never {},
            operator.clone(),
        )
        .for_each(|outcome| async {
            if let Err(error) = outcome {
                tracing::debug!(%error, "a look was not begun");
            }
        });
    tokio::select! {
        () = looked => {}
        never = measure(&operator, of, reader) => match never {},
    }
}

/// Their turn has come.
fn called(
    operator: Arc<Operator>,
    of: Kind,
    found: impl Stream<Item = ObjectRef<Watched>> + Send + 'static,
) -> impl Stream<Item = ObjectRef<Watched>> + Send + 'static {
    found.inspect(move |found| operator.turns.comes(&Place::of_ref(of, found)))
}

/// Counts for as long as the watch lives.
async fn measure(operator: &Operator, of: Kind, known: Store<Watched>) -> Infallible {
    // Until then nothing is known to be there; a store that never is has no watch either.
    let _ = known.wait_until_ready().await;
    let resource = kind::resource(of);
    let named = |place: &Place| {
        let named = ObjectRef::<Watched>::new_with(&place.name, resource.clone());
        match &place.namespace {
            Some(namespace) => named.within(namespace),
            None => named,
        }
    };
    loop {
        operator.turns.tell(of, |place| known.get(&named(place)).is_some());
        tokio::time::sleep(COUNT_EVERY).await;
    }
}

/// Nobody reads them, and the second holds the whole resource once more where it was applied from the client's side.
fn trim(object: &mut PartialObjectMeta<Applied>) {
    object.managed_fields_mut().clear();
    object.annotations_mut().remove(LAST_APPLIED);
}

/// A kind that the cluster does not know is waited for, and an API server that does not answer.
fn watched<K>(waits: &Waits, of: Kind, event: &Result<watcher::Event<K>, watcher::Error>) {
    use watcher::Error::{InitialListFailed, WatchStartFailed};
    match event {
        // A list begins; it may fail.
        Ok(watcher::Event::Init) => {}
        Ok(_) => waits.came(of.name()),
        Err(InitialListFailed(kube::Error::Api(status)) | WatchStartFailed(kube::Error::Api(status)))
            if status.code == 404 =>
        {
            let why = "the cluster does not know this kind: install the chart\u{2019}s resource definitions";
            waits.wait(of.name(), why);
        }
        Err(error @ InitialListFailed(_)) => waits.wait(of.name(), error.to_string()),
        // A watch that ends is begun anew; when it cannot be, it is listed first.
        Err(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nobody_reads_is_not_kept_in_memory() {
        let mut object: PartialObjectMeta<Applied> = serde_json::from_value(json!({
            "apiVersion": api::API_VERSION,
            "kind": "ServiceDefinition",
            "metadata": {
                "name": "copy",
                "annotations": {LAST_APPLIED: "all of it once more", "xizmat.dev/paused": "true"},
                "managedFields": [{"manager": "kubectl"}],
            },
        }))
        .unwrap();
        trim(&mut object);
        assert_eq!(object.annotations().keys().collect::<Vec<_>>(), ["xizmat.dev/paused"]);
        assert!(object.managed_fields().is_empty());
    }
}
