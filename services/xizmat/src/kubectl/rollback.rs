//! `kubectl xizmat rollback`: applications follow an earlier revision again; cases that began on the later one end on it.

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
    /// The revision to return to, or the first 12 or more digits of it; left out: the one that a rollout is compared with.
    revision: Option<String>,
    #[command(flatten)]
    patience: Patience,
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    let applied = cluster.definition(&options.name).await?;
    let known = Known::read(cluster, &applied).await?;
    let wanted = match &options.revision {
        Some(wanted) => known.one(wanted)?,
        None => compared(status(&applied).rollout.as_ref().map(|rollout| rollout.against.as_str()))?,
    };
    if revisions::is_everybodys(&applied, &wanted) {
        println!("{}: everybody's applications follow revision {} already.", full_name(&applied), short(&wanted));
        return Ok(ExitCode::SUCCESS);
    }
    annotate(cluster, &options.name, &[(ROLLBACK, Some(&wanted)), (PROMOTE, None)]).await?;
    let said = wait(cluster, &options.name, &options.patience, |applied| revisions::verdict(applied, &wanted));
    println!("{}", said.await?);
    Ok(ExitCode::SUCCESS)
}

fn compared(against: Option<&str>) -> Result<String, Failure> {
    against.filter(|revision| !revision.is_empty()).map(str::to_owned).ok_or_else(|| {
        let message = "No rollout is under way that could be taken back. Name the revision to return to; \
                       `kubectl xizmat cases` lists them.";
        Failure::conflict("kubectl.no-rollout", message)
    })
}
