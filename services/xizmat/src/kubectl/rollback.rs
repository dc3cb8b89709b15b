//! `kubectl xizmat rollback`: takes a revision back. Applications follow the one before it again; cases on it end on it.

use std::process::ExitCode;

use clap::Args;
use kernel::Failure;

use super::{
    annotation::{PROMOTE, Patience, ROLLBACK},
    cluster::Cluster,
    order::{self, rolled_out},
    resource::{full_name, short, status},
    revisions::{Known, is_taken_back},
};

#[derive(Args)]
pub struct Options {
    /// The service.
    name: String,
    /// The revision to take back, or the first 12 or more digits of it; left out: the one that was brought in last by a rollout.
    revision: Option<String>,
    #[command(flatten)]
    patience: Patience,
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    let applied = cluster.definition(&options.name).await?;
    let known = Known::read(cluster, &applied).await?;
    let wanted = match &options.revision {
        Some(wanted) => known.one(wanted)?,
        None => rolled_out(&applied)?,
    };
    let name = full_name(&applied);
    if is_taken_back(&applied, &wanted) {
        println!("{name}: nobody begins with revision {} any more already.", short(&wanted));
        return Ok(ExitCode::SUCCESS);
    }
    let annotations = [(ROLLBACK, Some(wanted.as_str())), (PROMOTE, None)];
    let applied =
        order::give(cluster, &options.name, &annotations, &options.patience, |applied| is_taken_back(applied, &wanted))
            .await?;
    let active = status(&applied).active_revision.as_deref().map(short).unwrap_or("none");
    println!("{name}: revision {} is taken back; applications follow {active}.", short(&wanted));
    Ok(ExitCode::SUCCESS)
}
