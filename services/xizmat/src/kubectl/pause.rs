//! `kubectl xizmat pause`: keeps the operator away from a service; what runs keeps running.

use std::process::ExitCode;

use clap::Args;
use kernel::Failure;

use super::{
    annotation::{PAUSED, Patience, annotate, wait},
    cluster::Cluster,
    resource::{full_name, holds},
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
    annotate(cluster, &options.name, &[(PAUSED, Some("true"))]).await?;
    let applied = wait(cluster, &options.name, &options.patience, |applied| holds(applied, "Paused")).await?;
    let name = full_name(&applied);
    println!("{name} is paused: what runs keeps running, and what is changed waits for `kubectl xizmat resume`.");
    Ok(ExitCode::SUCCESS)
}
