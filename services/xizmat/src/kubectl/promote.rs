//! `kubectl xizmat promote`: gives a revision to everybody, without waiting for the steps of its rollout.

use std::process::ExitCode;

use clap::Args;
use kernel::Failure;

use super::{
    annotation::{PROMOTE, Patience, ROLLBACK, annotate, wait},
    cluster::Cluster,
    resource::{full_name, short, status},
    revisions::{self, Known},
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
        None => rolled_out(status(&applied).rollout.as_ref().map(|rollout| rollout.revision.as_str()))?,
    };
    if revisions::is_everybodys(&applied, &wanted) {
        println!("{}: everybody's applications follow revision {} already.", full_name(&applied), short(&wanted));
        return Ok(ExitCode::SUCCESS);
    }
    annotate(cluster, &options.name, &[(PROMOTE, Some(&wanted)), (ROLLBACK, None)]).await?;
    let said = wait(cluster, &options.name, &options.patience, |applied| revisions::verdict(applied, &wanted));
    println!("{}", said.await?);
    Ok(ExitCode::SUCCESS)
}

fn rolled_out(revision: Option<&str>) -> Result<String, Failure> {
    revision.filter(|revision| !revision.is_empty()).map(str::to_owned).ok_or_else(|| {
        let message = "No revision is being brought in. Name the one to promote; `kubectl xizmat cases` lists them.";
        Failure::conflict("kubectl.no-rollout", message)
    })
}
