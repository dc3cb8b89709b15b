//! Performs what cases asked for: takes due rows, asks the callee under the action's identity, feeds the answer back.

mod ask;
mod emitted;
mod registry;

pub use ask::money;
pub use registry::prefill;

use std::{sync::Arc, time::Duration};

use boot::{
    metrics,
    telemetry::{Kind, Work},
};
use kernel::{Failure, Time};
use process::{ActionResult, Command, OpenAction, Request, action::Effect};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    execute::{Order, no_answer, own_id},
    host::{Host, Reach},
    store::{
        actions::{self, Due},
        cases::{self, Case},
    },
};

/// How long a taken row belongs to whoever took it, unless they say that they are still at work.
const HOLD: Duration = Duration::from_secs(8);
const SAY_EVERY: Duration = Duration::from_secs(3);
/// Between two looks that find nothing, unless something is committed.
const LOOK_PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// What is being performed at shutdown may end within this; the rest is handed over. A pod has 5 s for both.
const LAST: Duration = Duration::from_secs(4);

pub fn run(kit: &boot::Kit, host: &Arc<Host>, at_once: usize) {
    // Whoever watches sees the first event that is lost as a rise, too.
    metrics::EVENTS_LOST.not_yet(&[]);
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    let at_once = at_once.max(1);
    kit.spawn("actions", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            let (mut working, hurry) = (JoinSet::new(), CancellationToken::new());
            tokio::select! {
                () = shutdown.cancelled() => {}
                never = take_and_perform(&host, at_once, &mut working, &hurry) => return never,
            }
            let late = tokio::spawn({
                let hurry = hurry.clone();
                async move {
                    tokio::time::sleep(LAST).await;
                    hurry.cancel();
                }
            });
            while working.join_next().await.is_some() {}
            late.abort();
            host.lookout.hand_over().await;
            Ok(())
        }
    });
}

/// A slow callee holds one place, not the others.
async fn take_and_perform(
    host: &Arc<Host>,
    at_once: usize,
    working: &mut JoinSet<()>,
    hurry: &CancellationToken,
) -> Result<(), Failure> {
    let places = Arc::new(Semaphore::new(at_once));
    // Every transition sends a message: that is when there may be new actions.
    let mut commits = host.database.commits();
    loop {
        let place = places.clone().acquire_owned().await;
        let first = place.map_err(|_| Failure::internal("actions.closed", "Nobody performs actions."))?;
        commits.mark_unchanged();
        let taken = take(host, places.available_permits() + 1).await?;
        drop(first);
        let idle = taken.is_empty();
        for due in taken {
            let place = places.clone().acquire_owned().await;
            let (host, hurry) = (host.clone(), hurry.clone());
            working.spawn(async move {
                tokio::select! {
                    () = perform_one(&host, &due) => {}
                    () = hurry.cancelled() => hand_over(&host, &due).await,
                }
                drop(place);
            });
        }
        while working.try_join_next().is_some() {}
        if idle {
            host.lookout.look_again();
            let due = async {
                tokio::time::sleep(LOOK_PAUSE).await;
                host.lookout.due(&*host.clock, |seen| seen.action).await;
            };
            tokio::select! {
                changed = commits.changed() => if changed.is_err() { tokio::time::sleep(LOOK_PAUSE).await },
                () = due => {}
            }
        }
    }
}

/// Takes rows that are due, under a lease.
async fn take(host: &Host, most: usize) -> Result<Vec<Due>, Failure> {
    let mut tx = host.database.quietly().read().await?;
    let waiting = actions::any_due(&mut tx, host.now()).await?;
    drop(tx);
    if !waiting {
        return Ok(Vec::new());
    }
    let mut tx = host.database.begin().await?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let due = actions::take(&mut tx, host.now(), HOLD, limit).await?;
    tx.commit().await?;
    Ok(due)
}

/// Performs what is due now and waits for all of it; says how many rows were taken.
#[cfg(test)]
pub async fn perform_due(host: &Host, at_once: usize) -> Result<usize, Failure> {
    let due = take(host, at_once).await?;
    futures::future::join_all(due.iter().map(|due| perform_one(host, due))).await;
    Ok(due.len())
}

async fn perform_one(host: &Host, due: &Due) {
    let work = Work::new(Kind::Internal, crate::ROLE, "action").because_of(due.trace);
    work.run(&*host.random, perform_under_lease(host, due)).await;
}

async fn perform_under_lease(host: &Host, due: &Due) {
    let performing = perform(host, due);
    tokio::pin!(performing);
    loop {
        tokio::select! {
            outcome = &mut performing => {
                if let Err(failure) = outcome {
                    tracing::warn!(case = %due.case_id, action = %due.action_id, ?failure, "an action waits");
                }
                return;
            }
            () = tokio::time::sleep(SAY_EVERY) => {
                if let Err(failure) = still_at_work(host, due).await {
                    tracing::warn!(action = %due.action_id, ?failure, "a lease could not be prolonged");
                }
            }
        }
    }
}

async fn still_at_work(host: &Host, due: &Due) -> Result<(), Failure> {
    hold(host, due, HOLD).await
}

/// Another copy, or the next start, takes it at once instead of waiting until its lease is over.
async fn hand_over(host: &Host, due: &Due) {
    match hold(host, due, Duration::ZERO).await {
        Ok(()) => tracing::info!(action = %due.action_id, "an action goes on elsewhere"),
        Err(failure) => tracing::warn!(action = %due.action_id, ?failure, "a lease could not be given back"),
    }
}

async fn hold(host: &Host, due: &Due, time: Duration) -> Result<(), Failure> {
    let mut tx = host.database.begin().await?;
    actions::hold(&mut tx, due.action_id, due.attempt, time).await?;
    Ok(tx.commit().await?)
}

async fn perform(host: &Host, due: &Due) -> Result<(), Failure> {
    let mut tx = host.database.read().await?;
    let case = cases::read(&mut tx, &host.keys, due.case_id).await?;
    let Some(case) = case else {
        drop(tx);
        return forget(host, due).await;
    };
    let action = actions::body(&mut tx, &case, due.action_id).await?;
    drop(tx);
    // No step waits for an event that it emitted: the case knows nothing of it any more.
    if let Request::Emit { event, attributes } = &action.request {
        return emitted::deliver(host, &case, (&action, due), event, attributes).await;
    }
    if !case.state.actions.contains_key(&due.action_id) {
        return forget(host, due).await;
    }
    if due.once && due.started_before {
        let code = "action.outcome-unknown".to_owned();
        return complete(host, &case, &action, ActionResult::Unknown { code }).await;
    }
    let expired = |host: &Host| action.expires.is_some_and(|expires| host.now() >= expires);
    if expired(host) {
        let code = "action.expired".to_owned();
        return complete(host, &case, &action, ActionResult::Unavailable { code }).await;
    }
    match attempt(host, &case, &action).await {
        Ok(result) => complete(host, &case, &action, result).await,
        Err(failure) if !failure.kind.retry() => {
            let code = failure.code.into_owned();
            complete(host, &case, &action, ActionResult::Refused { code }).await
        }
        Err(failure) if action.effect == Effect::Once => {
            let code = failure.code.into_owned();
            complete(host, &case, &action, ActionResult::Unknown { code }).await
        }
        Err(failure) => {
            let next = host.now().plus(pause(due.tries));
            let next = action.expires.map_or(next, |expires| next.min(expires));
            later(host, due, next).await?;
            Err(failure)
        }
    }
}

/// Doubles with each try.
fn pause(tries: i64) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(10);
    (PAUSE_MIN * 2_u32.pow(doublings)).min(PAUSE_MAX)
}

async fn attempt(host: &Host, case: &Case, action: &OpenAction) -> Result<ActionResult, Failure> {
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    ask::ask(host, case, &service, action).await
}

async fn complete(host: &Host, case: &Case, action: &OpenAction, result: ActionResult) -> Result<(), Failure> {
    tracing::info!(case = %case.id, step = action.step, request = action.request.name(), ?result, "an action was performed");
    let command = |_: &Case, _: &crate::host::Service, _: Option<&str>| {
        Ok(Command::CompleteAction { action_id: action.id, result: result.clone() })
    };
    let order = Order {
        case_id: case.id,
        id: own_id("complete", &[action.id.as_bytes(), &action.attempt.to_be_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &command,
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    host.execute(&order).await?;
    Ok(())
}

async fn later(host: &Host, due: &Due, next: Time) -> Result<(), Failure> {
    let mut tx = host.database.begin().await?;
    actions::later(&mut tx, due.action_id, due.attempt, next).await?;
    Ok(tx.commit().await?)
}

async fn forget(host: &Host, due: &Due) -> Result<(), Failure> {
    let mut tx = host.database.begin().await?;
    actions::forget(&mut tx, due.action_id).await?;
    Ok(tx.commit().await?)
}
