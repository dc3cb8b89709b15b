//! Has files checked that a case names: after they were attached, one after another, until something clear is known of each.
//!
//! Nobody reads a file before (`bus::filed`). Whoever dies half way leaves the file to the next, and a second verdict changes nothing.

use std::{sync::Arc, time::Duration};

use boot::{
    metrics,
    telemetry::{Kind, Work},
};
use files::{
    judged::{self, Judged, Waiting},
    pieces::Folder,
};
use kernel::Failure;

use crate::{
    execute::{act, note},
    host::Host,
    scanner::{Scanner, Verdict},
    store::cases,
};

/// Longer than a file may take; a file whose holder ended waits so long.
const HOLD: Duration = Duration::from_secs(300);
/// All that one file may take.
const LONGEST: Duration = Duration::from_secs(240);
/// A file of which nothing could be found out is looked at again after this.
const AGAIN: Duration = Duration::from_secs(30);
/// Between two rounds.
const PAUSE: Duration = Duration::from_secs(1);

/// Where no scanner is configured nothing runs.
pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    if host.scanner.is_none() {
        return;
    }
    // Whoever watches sees the first failure as a rise, too.
    for outcome in ["clean", "harmful", "failed"] {
        metrics::FILES_SCANNED.not_yet(&[outcome]);
    }
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("scanning", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = host.lookout.due(&*host.clock, |seen| seen.scan) => {}
                }
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    done = scan_due(&host) => done?,
                };
                host.lookout.look_again();
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    });
}

/// Has everything checked that is due, to the first of which nothing could be found out; says how many were judged.
pub async fn scan_due(host: &Host) -> Result<usize, Failure> {
    let Some(scanner) = &host.scanner else { return Ok(0) };
    let mut done = 0;
    while let Some(file) = take(host).await? {
        let work = Work::new(Kind::Internal, crate::ROLE, "scan");
        let judging = tokio::time::timeout(LONGEST, judge(host, scanner, &file));
        let outcome = work.run(&*host.random, async { judging.await.unwrap_or_else(|_| Err(too_slow())) }).await;
        if let Err(failure) = outcome {
            metrics::FILES_SCANNED.count(&["failed"]);
            tracing::warn!(case = %file.case, ?failure, "a file waits to be checked");
            let mut tx = host.database.begin().await?;
            judged::later(&mut tx, &file, host.now().plus(AGAIN)).await?;
            tx.commit().await?;
            break;
        }
        done += 1;
    }
    Ok(done)
}

async fn take(host: &Host) -> Result<Option<Waiting>, Failure> {
    let mut tx = host.database.quietly().read().await?;
    let due = judged::next(&mut tx, host.now()).await?;
    drop(tx);
    if due.is_none() {
        return Ok(None);
    }
    let mut tx = host.database.begin().await?;
    let taken = judged::take(&mut tx, host.now(), HOLD).await?;
    tx.commit().await?;
    Ok(taken)
}

async fn judge(host: &Host, scanner: &Scanner, file: &Waiting) -> Result<(), Failure> {
    let mut tx = host.database.read().await?;
    let case = cases::read(&mut tx, &host.keys, file.case).await?;
    drop(tx);
    // Erased meanwhile, and its files with it.
    let Some(case) = case else { return Ok(()) };
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let verdict = said(host, scanner, &folder, file).await?;
    let found = if verdict == Verdict::Clean { Judged::Clean } else { Judged::Harmful };
    let mut tx = host.database.begin().await?;
    if !judged::judge(&mut tx, file, found).await? {
        return Ok(());
    }
    if let Verdict::Harmful(what) = &verdict {
        let mut harmful = act("file.harmful", host.now(), None, case.id, &case.agency);
        harmful.detail = serde_json::json!({"file": file.address, "found": what}).to_string();
        note(&mut tx, harmful).await?;
        tracing::warn!(case = %case.id, found = what, "a harmful file was destroyed");
    }
    tx.commit().await?;
    metrics::FILES_SCANNED.count(&[if found == Judged::Clean { "clean" } else { "harmful" }]);
    Ok(())
}

/// Sends the file piece by piece; what is not there whole is not judged.
async fn said(host: &Host, scanner: &Scanner, folder: &Folder<'_>, file: &Waiting) -> Result<Verdict, Failure> {
    let mut scan = scanner.begin().await?;
    let mut left = file.size;
    for place in 0.. {
        let mut tx = host.database.quietly().read().await?;
        let piece = folder.piece_at(&mut tx, file.address, place).await?;
        drop(tx);
        let Some(piece) = piece else { break };
        left = left.saturating_sub(piece.len() as u64);
        scan.send(&piece).await?;
    }
    if left > 0 {
        metrics::FILES_MISSING.count(&[]);
        return Err(Failure::internal("file.missing", "A file that is to be checked is not there whole."));
    }
    scan.end().await
}

fn too_slow() -> Failure {
    Failure::unavailable("scanner.away", "The scanner of files takes too long just now.")
}
