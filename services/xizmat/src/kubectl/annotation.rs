//! What a person tells the operator: an annotation on the definition, and the wait for what the operator says of it.

use std::time::Duration;

use api::Kind;
use clap::Args;
use kernel::Failure;
use kube::{
    api::{Patch, PatchParams},
    runtime::wait::await_condition,
};
use serde_json::json;

use super::{
    cluster::{Asked, Cluster, refusal},
    resource::{Applied, condition},
};

/// Whose fields the annotations are.
pub const MANAGER: &str = "kubectl-xizmat";
pub const PAUSED: &str = "xizmat.dev/paused";
pub const PROMOTE: &str = "xizmat.dev/promote";
pub const ROLLBACK: &str = "xizmat.dev/rollback";

#[derive(Args)]
pub struct Patience {
    /// Seconds to wait for the operator.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    timeout: u64,
}

impl Patience {
    pub fn seconds(&self) -> u64 {
        self.timeout
    }
}

/// Sets annotations, or with `None` takes them away.
pub async fn annotate(cluster: &Cluster, name: &str, annotations: &[(&str, Option<&str>)]) -> Result<(), Failure> {
    let annotations: serde_json::Map<_, _> =
        annotations.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let patch = json!({"metadata": {"annotations": annotations}});
    let how = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
    let api = cluster.resources(Kind::ServiceDefinition, &cluster.namespace);
    let patched = api.patch(name, &how, &Patch::Merge(&patch)).await;
    patched.map(drop).map_err(|error| refusal(&error, asked(cluster, name, "patch")))
}

/// Waits until it is so, for as long as a person is patient.
pub async fn wait(
    cluster: &Cluster,
    name: &str,
    patience: &Patience,
    done: impl Fn(&Applied) -> bool,
) -> Result<Applied, Failure> {
    let limit = Duration::from_secs(patience.seconds());
    match tokio::time::timeout(limit, wait_for(cluster, name, done)).await {
        Ok(waited) => waited,
        Err(_) => Err(late(&cluster.definition(name).await?, patience)),
    }
}

/// Waits until it is so, however long.
pub async fn wait_for(cluster: &Cluster, name: &str, done: impl Fn(&Applied) -> bool) -> Result<Applied, Failure> {
    let api = cluster.resources(Kind::ServiceDefinition, &cluster.namespace);
    let there = |found: Option<&Applied>| found.is_none_or(&done);
    match await_condition(api, name, there).await {
        Ok(Some(applied)) => Ok(applied),
        Ok(None) => Err(Failure::not_found("kubectl.not-found", format!("`{name}` was removed meanwhile."))),
        Err(error) => {
            let message = format!(
                "The annotation is written; what the operator makes of it could not be watched: {error}. \
                 `kubectl xizmat status {name}` shows it."
            );
            Err(Failure::unavailable("kubectl.unwatched", message))
        }
    }
}

pub fn late(applied: &Applied, patience: &Patience) -> Failure {
    let said = ["RolloutHealthy", "Ready"].iter().filter_map(|kind| condition(applied, kind));
    let said: Vec<String> = said
        .map(|found| format!("{} is {} ({}): {}", found.type_, found.status, found.reason, found.message))
        .collect();
    let said = if said.is_empty() { "nothing yet".to_owned() } else { said.join(" ") };
    let message = format!(
        "The annotation is written, and the operator has not acted on it within {} s. It says: {said} The annotation stays \
         and takes effect when the operator comes to it; `kubectl xizmat why` tells what it waits for.",
        patience.timeout
    );
    Failure::unavailable("kubectl.not-acted-on", message)
}

fn asked<'a>(cluster: &'a Cluster, name: &'a str, verb: &'a str) -> Asked<'a> {
    Asked { verb, resource: "servicedefinitions.xizmat.dev", namespace: Some(&cluster.namespace), name: Some(name) }
}
