//! Keeps the list of revisions whole: learned at start, by event, and by looking; copies are fetched when announced.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use kernel::{Failure, Hash, Time};
use proto::register::v1::{ListRevisionsRequest, RevisionEntry};
use tokio::time::Instant;

use crate::{
    host::Host,
    store::{
        placements::{self, Placed},
        revisions,
    },
};

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
    let mut listed: Option<Instant> = None;
    let mut known = Vec::new();
    loop {
        let mut is_new = false;
        if listed.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            match served(host).await {
                Ok(entries) => {
                    listed = Some(Instant::now());
                    is_new = entries != known;
                    if is_new {
                        note(host, &entries).await?;
                        known = entries;
                    }
                }
                Err(failure) => tracing::info!(?failure, "the register's list waits"),
            }
        }
        if is_new || host.lookout.misses_revisions() {
            fetch_missing(host).await?;
            read_placements(host).await?;
            host.revised.fetch_add(1, Ordering::Relaxed);
            host.lookout.look_again();
        }
        tokio::time::sleep(PAUSE).await;
        let list = listed.map_or(Duration::ZERO, |at| LOOK_EVERY.saturating_sub(at.elapsed()));
        tokio::select! {
            () = host.lookout.due(&*host.clock, |seen| seen.revisions.then(Time::default)) => {}
            () = host.lookout.is_to_ask_register() => listed = None,
            () = tokio::time::sleep(list) => {}
        }
    }
}

/// Notes every revision the register admitted.
pub async fn learn(host: &Host) -> Result<(), Failure> {
    note(host, &served(host).await?).await
}

/// What the register lists of the services that run here, to its last page.
async fn served(host: &Host) -> Result<Vec<RevisionEntry>, Failure> {
    let (agency, services) = host.served();
    let mut request = ListRevisionsRequest { services: services.to_vec(), ..ListRevisionsRequest::default() };
    let mut served = Vec::new();
    loop {
        let page = host.platform.revisions(agency, &request).await?;
        let Some(last) = page.revisions.last() else { return Ok(served) };
        (request.after_us, request.after_revision) = (last.admitted_us, last.revision.clone());
        // A register may list others', too: of the release before this one, or where very many services are named.
        served.extend(page.revisions.into_iter().filter(|entry| host.serves(&entry.agency, &entry.service)));
        if page.whole {
            return Ok(served);
        }
    }
}

async fn note(host: &Host, entries: &[RevisionEntry]) -> Result<(), Failure> {
    let mut tx = host.database.begin().await?;
    for entry in entries {
        let revision = Hash::from_slice(&entry.revision)?;
        revisions::announce(&mut tx, revision, &entry.agency, &entry.service).await?;
        placements::hear(&mut tx, &entry.agency, &entry.service, entry.placement).await?;
    }
    Ok(tx.commit().await?)
}

/// Reads what was heard of; true while some could not be had.
pub async fn read_placements(host: &Host) -> Result<bool, Failure> {
    let mut tx = host.database.quietly().read().await?;
    let stale = placements::stale(&mut tx).await?;
    drop(tx);
    let mut waiting = false;
    for (agency, service) in stale.iter().filter(|(agency, service)| host.serves(agency, service)) {
        if let Err(failure) = read_placement(host, agency, service).await {
            tracing::warn!(agency, service, ?failure, "the placement of a service is not known");
            waiting = true;
        }
    }
    Ok(waiting)
}

async fn read_placement(host: &Host, agency: &str, service: &str) -> Result<(), Failure> {
    let told = host.platform.placement(agency, service).await?;
    let placed = told.revisions.iter().map(|placed| {
        Ok(Placed {
            revision: Hash::from_slice(&placed.revision)?,
            admitted: Time::from_micros(placed.admitted_us),
            share: i64::from(placed.share),
        })
    });
    let placed: Vec<Placed> = placed.collect::<Result<_, Failure>>()?;
    let mut tx = host.database.begin().await?;
    for placed in &placed {
        revisions::announce(&mut tx, placed.revision, agency, service).await?;
    }
    placements::keep(&mut tx, (agency, service), told.version, &told.intake_reason, &placed).await?;
    Ok(tx.commit().await?)
}

/// Fetches announced copies; true while some could not be had.
pub async fn fetch_missing(host: &Host) -> Result<bool, Failure> {
    let mut tx = host.database.quietly().read().await?;
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
