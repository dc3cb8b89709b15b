//! `kubectl xizmat why`: one paragraph from conditions, events, pods and the webhook, and what to do.

use std::process::ExitCode;

use clap::Args;
use k8s_openapi::api::coordination::v1::Lease;
use kernel::Failure;
use kube::{Api, api::ListParams};

use super::{
    cluster::{Asked, Cluster, Missing},
    dry_run,
    host::Surroundings,
    paragraph::{self, Facts, Leader},
    resource::is_unseen,
};

#[derive(Args)]
pub struct Options {
    /// The service.
    name: String,
}

const LEASE: &str = "xizmat-operator";

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    let applied = cluster.definition(&options.name).await?;
    let mut missing = Missing::default();
    let around = Surroundings::read(cluster, &cluster.namespace, &mut missing).await?;
    let leader = if is_unseen(&applied) { leader(cluster).await } else { Leader::NotAsked };
    let webhook = dry_run::webhook_away(cluster, &options.name).await?;
    let facts = Facts { applied: &applied, around: &around, leader, webhook_away: webhook, missing: &missing };
    println!("{}", paragraph::write(&facts));
    Ok(ExitCode::SUCCESS)
}

/// Who may not see leases is told the rest.
async fn leader(cluster: &Cluster) -> Leader {
    let leases: Api<Lease> = Api::all(cluster.client.clone());
    let asked = Asked { verb: "list", resource: "leases.coordination.k8s.io", namespace: None, name: None };
    let named = ListParams::default().fields(&format!("metadata.name={LEASE}"));
    let Ok(Some(found)) = Missing::default().or_note(leases.list(&named).await, asked) else { return Leader::NotAsked };
    let holders = found.items.into_iter().filter_map(|lease| lease.spec?.holder_identity);
    holders.into_iter().find(|holder| !holder.is_empty()).map_or(Leader::Nobody, Leader::Is)
}
