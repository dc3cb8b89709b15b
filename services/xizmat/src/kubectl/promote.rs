//! `kubectl xizmat promote`: gives a revision to everybody, without waiting for the steps of its rollout.

use std::process::ExitCode;

use clap::Args;
use kernel::Failure;

use super::{
    annotation::{PROMOTE, Patience, ROLLBACK},
    cluster::Cluster,
    order::{self, rolled_out},
    resource::{full_name, short},
    revisions::{Known, is_everybodys},
};

#[derive(Args)]
pub struct Options {
    /// The service.
    name: String,
    /// The revision, or the first 12 or more digits of it; left out: the one that is being brought in.
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
    if is_everybodys(&applied, &wanted) {
        println!("{name}: everybody begins with revision {} already.", short(&wanted));
        return Ok(ExitCode::SUCCESS);
    }
    let annotations = [(PROMOTE, Some(wanted.as_str())), (ROLLBACK, None)];
    order::give(cluster, &options.name, &annotations, &options.patience, |applied| is_everybodys(applied, &wanted))
        .await?;
    println!("{name}: everybody begins with revision {} now.", short(&wanted));
    Ok(ExitCode::SUCCESS)
}
