//! An order to the operator: annotations, and then either what was ordered, or the operator's refusal, which it tells as an event.

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, future};
use k8s_openapi::api::core::v1::Event;
use kernel::Failure;
use kube::{
    Api, ResourceExt,
    api::ListParams,
    runtime::{WatchStreamExt, watcher},
};

use super::{
    annotation::{Patience, annotate, late, wait_for},
    cluster::Cluster,
    resource::{Applied, status},
};

/// What the operator calls an order that it does not carry out.
const REFUSED: &str = "OrderRefused";

/// The revision that a rollout brings in.
pub fn rolled_out(applied: &Applied) -> Result<String, Failure> {
    let rollout = status(applied).rollout.as_ref().map(|rollout| rollout.revision.clone());
    rollout.filter(|revision| !revision.is_empty()).ok_or_else(|| {
        let message = "No revision is being brought in by a rollout. Name the one that is meant; `kubectl xizmat cases` lists them.";
        Failure::conflict("kubectl.no-rollout", message)
    })
}

/// The definition as it is when the order is carried out.
pub async fn give(
    cluster: &Cluster,
    name: &str,
    annotations: &[(&str, Option<&str>)],
    patience: &Patience,
    done: impl Fn(&Applied) -> bool,
) -> Result<Applied, Failure> {
    let events: Api<Event> = Api::namespaced(cluster.client.clone(), &cluster.namespace);
    let about = format!("involvedObject.kind=ServiceDefinition,involvedObject.name={name},reason={REFUSED}");
    let before = told(&events, &about).await;
    annotate(cluster, name, annotations).await?;
    let limit = Duration::from_secs(patience.seconds());
    let refused = refusal(&events, &about, &before);
    let waited = tokio::select! {
        carried_out = tokio::time::timeout(limit, wait_for(cluster, name, done)) => carried_out,
        why = refused => return Err(refused_order(&why)),
    };
    match waited {
        Ok(carried_out) => carried_out,
        // The same refusal is told only once, however often the same is ordered.
        Err(_) => match told(&events, &about).await.into_values().next_back() {
            Some((_, why)) => Err(refused_order(&why)),
            None => Err(late(&cluster.definition(name).await?, patience)),
        },
    }
}

/// Version and words of each refusal, by name; who may not read events waits for the status alone.
async fn told(events: &Api<Event>, about: &str) -> BTreeMap<String, (Option<String>, String)> {
    let listed = events.list(&ListParams::default().fields(about)).await;
    listed.map(|list| list.items.into_iter().map(one).collect()).unwrap_or_default()
}

fn one(event: Event) -> (String, (Option<String>, String)) {
    (event.name_any(), (event.resource_version(), event.message.unwrap_or_default()))
}

/// Never ends while nothing is refused that was not refused before.
async fn refusal(events: &Api<Event>, about: &str, before: &BTreeMap<String, (Option<String>, String)>) -> String {
    let changes = watcher(events.clone(), watcher::Config::default().fields(about)).default_backoff().applied_objects();
    let new = changes.filter_map(|event| {
        let event = event.ok().map(one).filter(|(name, told)| before.get(name) != Some(told));
        future::ready(event.map(|(_, (_, why))| why))
    });
    let first = Box::pin(new).next().await;
    match first {
        Some(why) => why,
        None => future::pending().await,
    }
}

fn refused_order(why: &str) -> Failure {
    Failure::conflict("kubectl.order-refused", format!("The operator does not carry it out: {why}"))
}
