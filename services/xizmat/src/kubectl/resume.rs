//! `kubectl xizmat resume`: lets the operator look at a service again.

use std::process::ExitCode;

use clap::Args;
use kernel::Failure;

use super::{
    annotation::{PAUSED, Patience, annotate, wait},
    cluster::Cluster,
    resource::{condition, full_name, holds, is_unseen},
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
    let said = wait(cluster, &options.name, &options.patience, |applied| {
        let seen = !holds(applied, "Paused") && !is_unseen(applied);
        let ready = condition(applied, "Ready").filter(|_| seen)?;
        let name = full_name(applied);
        Some(Ok(format!("{name} is looked after again: Ready is {} ({}).", ready.status, ready.reason)))
    });
    println!("{}", said.await?);
    Ok(ExitCode::SUCCESS)
}
