//! Keeps the list of revisions whole: learned at start, by event, and by looking; copies are fetched when announced.

use std::{sync::Arc, time::Duration};

use kernel::{Failure, Hash};

use crate::{host::Host, store::revisions};

/// How often the register is asked, beside its events.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How soon an announced copy is fetched, or tried again.
const PAUSE: Duration = Duration::from_secs(1);

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("revisions", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                never = keep_up(&host) => never,
            }
        }
    });
}

async fn keep_up(host: &Host) -> Result<(), Failure> {
    let mut listed: Option<tokio::time::Instant> = None;
    loop {
        if listed.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            match learn(host).await {
                Ok(()) => listed = Some(tokio::time::Instant::now()),
                Err(failure) => tracing::info!(?failure, "the register's list waits"),
            }
        }
        fetch_missing(host).await?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Notes every revision the register admitted.
pub async fn learn(host: &Host) -> Result<(), Failure> {
    let entries = host.platform.revisions(None).await?;
    let mut tx = host.database.begin().await?;
    for entry in entries.iter().filter(|entry| host.serves(&entry.agency, &entry.service)) {
        let revision = Hash::from_slice(&entry.revision)?;
        revisions::announce(&mut tx, revision, &entry.agency, &entry.service).await?;
    }
    Ok(tx.commit().await?)
}

/// Fetches announced copies; true while some could not be had.
pub async fn fetch_missing(host: &Host) -> Result<bool, Failure> {
    let mut tx = host.database.read().await?;
    let missing = revisions::missing(&mut tx).await?;
    drop(tx);
    let mut waiting = false;
    for revision in missing {
        if let Err(failure) = fetch(host, revision).await {
            tracing::warn!(%revision, ?failure, "a revision is not ready");
            waiting = true;
        }
    }
    Ok(waiting)
}

async fn fetch(host: &Host, revision: Hash) -> Result<(), Failure> {
    let admitted = host.platform.revision(revision).await?;
    let definition = process::revision::read(&admitted.definition, revision)
        .map_err(|error| Failure::internal("revision.unreadable", "A revision cannot be read.").with_detail(error))?;
    let from = definition.spec.effective_from.as_ref().map(|from| from.date.clone());
    let mut tx = host.database.begin().await?;
    revisions::ready(&mut tx, revision, admitted.admitted, &from.unwrap_or_default()).await?;
    Ok(tx.commit().await?)
}
