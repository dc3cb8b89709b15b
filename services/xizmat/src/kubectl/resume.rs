//! `kubectl xizmat resume`: lets the operator look at a service again.

use std::process::ExitCode;

use clap::Args;
use kernel::Failure;

use super::{
    annotation::{PAUSED, Patience, annotate, wait},
    cluster::Cluster,
    resource::{Applied, condition, full_name, holds, is_unseen},
};

#[derive(Args)]
pub struct Options {
    /// The service.
    name: String,
    #[command(flatten)]
    patience: Patience,
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    cluster.definition(&options.name).await?;
    annotate(cluster, &options.name, &[(PAUSED, None)]).await?;
    let seen = |applied: &Applied| !holds(applied, "Paused") && !is_unseen(applied);
    let applied = wait(cluster, &options.name, &options.patience, seen).await?;
    let ready = condition(&applied, "Ready").map(|ready| format!(": Ready is {} ({})", ready.status, ready.reason));
    println!("{} is looked after again{}.", full_name(&applied), ready.unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}
