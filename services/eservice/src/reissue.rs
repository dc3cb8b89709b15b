//! Documents that two persons had issued again are, one case after the other: each is asked for once, however often the host is stopped
//! on the way, and what could not be made is kept with its reason.

use std::{sync::Arc, time::Duration};

use boot::telemetry::{Kind, Work};
use kernel::{DocumentId, ErrorKind, Failure};
use process::{Command, case::RecallState};

use crate::{
    execute::{Order, act, no_answer, own_id},
    host::Host,
    store::{
        cases,
        reissues::{self, ASKED, Batch, ISSUED, Item, REFUSED, WAITING},
    },
};

/// Between two rounds, while any batch is under way: signing makes one document after the other.
const PAUSE: Duration = Duration::from_secs(5);
const TOGETHER: i64 = 100;

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("reissues", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = host.lookout.due(&*host.clock, |seen| seen.reissues.then(kernel::Time::default)) => {}
                }
                if let Err(failure) = go_on(&host).await {
                    tracing::warn!(?failure, "documents that are to be issued again wait");
                }
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    });
}

/// Asks for what waits, and sees what became of what was asked for; says how many batches came to their end.
pub async fn go_on(host: &Host) -> Result<usize, Failure> {
    let mut tx = host.database.quietly().read().await?;
    let batches = reissues::under_way(&mut tx).await?;
    drop(tx);
    let mut ended = 0;
    for batch in &batches {
        ask_for_all(host, batch).await?;
        see_all(host, batch).await?;
        let mut tx = host.database.begin().await?;
        ended += usize::from(reissues::finish(&mut tx, batch.id, host.now()).await?);
        tx.commit().await?;
    }
    Ok(ended)
}

async fn ask_for_all(host: &Host, batch: &Batch) -> Result<(), Failure> {
    let mut reached = DocumentId::from_bytes([0; 16]);
    loop {
        let found = items(host, batch, WAITING, reached).await?;
        let Some(last) = found.last() else { return Ok(()) };
        reached = last.document;
        for item in &found {
            let work = Work::new(Kind::Internal, crate::ROLE, "reissue");
            match work.run(&*host.random, ask_for(host, batch, item)).await {
                Ok(()) => mark(host, batch, item, (ASKED, "")).await?,
                Err(failure) if passes(failure.kind) => {
                    tracing::info!(case = %item.case, ?failure, "a document is issued again later");
                }
                Err(failure) => mark(host, batch, item, (REFUSED, &failure.code)).await?,
            }
        }
    }
}

/// What may succeed another time.
fn passes(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable | ErrorKind::Internal | ErrorKind::Stale | ErrorKind::TooMany)
}

/// The command's id follows from batch and document: asked again after a stop, it has no second effect.
async fn ask_for(host: &Host, batch: &Batch, item: &Item) -> Result<(), Failure> {
    let agency = batch.service.split('/').next().unwrap_or_default();
    let mut reissued = act("document.reissued", host.now(), None, item.case, agency);
    reissued.detail = serde_json::json!({
        "document": item.document, "batch": batch.id, "reason": batch.reason,
        "proposer": batch.proposer, "approver": batch.approver,
    })
    .to_string();
    let second = batch.approver.unwrap_or(batch.proposer);
    let (document, officer, template) = (item.document, batch.proposer, batch.template);
    let order = Order {
        case_id: item.case,
        id: own_id("reissue", &[batch.id.as_bytes(), item.document.as_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: vec![reissued],
        command: &|_, _, _| {
            let reason = batch.reason.clone();
            Ok(Command::ReissueDocument { document, reason, officer, second, template })
        },
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    host.execute(&order).await.map(|_| ())
}

async fn see_all(host: &Host, batch: &Batch) -> Result<(), Failure> {
    let mut reached = DocumentId::from_bytes([0; 16]);
    loop {
        let found = items(host, batch, ASKED, reached).await?;
        let Some(last) = found.last() else { return Ok(()) };
        reached = last.document;
        for item in &found {
            if let Some(end) = stands(host, item).await? {
                mark(host, batch, item, end).await?;
            }
        }
    }
}

/// What became of it; none as long as the new one is being made.
async fn stands(host: &Host, item: &Item) -> Result<Option<(&'static str, &'static str)>, Failure> {
    let mut tx = host.database.read().await?;
    let case = cases::read(&mut tx, &host.keys, item.case).await?;
    drop(tx);
    let documents = case.map(|case| case.state.documents).unwrap_or_default();
    let known = documents.into_iter().find(|known| known.document == item.document);
    let is_made = known.as_ref().is_some_and(|known| known.replacing().is_some());
    Ok(match known.and_then(|known| known.recall).map(|recall| recall.state) {
        _ if is_made => None,
        Some(RecallState::Superseded) => Some((ISSUED, "")),
        // The case says why in its history: the old one counts as before, or an officer withdrew it meanwhile.
        Some(RecallState::Proposed | RecallState::Replacing | RecallState::Revoked) | None => {
            Some((REFUSED, "document.kept"))
        }
    })
}

async fn items(host: &Host, batch: &Batch, state: &str, after: DocumentId) -> Result<Vec<Item>, Failure> {
    let mut tx = host.database.read().await?;
    Ok(reissues::items(&mut tx, batch.id, state, after, TOGETHER).await?)
}

async fn mark(host: &Host, batch: &Batch, item: &Item, (state, code): (&str, &str)) -> Result<(), Failure> {
    let mut tx = host.database.begin().await?;
    reissues::mark(&mut tx, batch.id, item.document, state, code).await?;
    Ok(tx.commit().await?)
}
