//! Works while it leads, and never a moment longer: what it had begun is broken off before another may begin.

use std::{future::Future, sync::Arc, time::Duration};

use api::Kind;
use boot::metrics;
use futures::future::{BoxFuture, FusedFuture, FutureExt, join_all};
use kernel::Failure;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{every, lease::Lease, run::Operator};

/// For what has been begun when the process stops; the rest of its time is for giving back the lease.
const FINISHES: Duration = Duration::from_secs(3);
/// Later it runs out by itself.
const GIVES_BACK: Duration = Duration::from_secs(1);

/// Work on every kind until it shall stop; one that is dropped breaks off.
#[derive(Clone)]
pub struct Term {
    /// No new look begins.
    pub stop: CancellationToken,
    /// Looks that have begun and not ended.
    pub looks: TaskTracker,
}

pub async fn lead(operator: Arc<Operator>, shutdown: CancellationToken) -> Result<(), Failure> {
    let work = |term: Term| {
        let operator = operator.clone();
        let all = async move {
            join_all(Kind::ALL.map(|kind| every::watch_kind(operator.clone(), kind, term.clone()))).await
        };
        all.map(drop).boxed()
    };
    if operator.config.read_only {
        tracing::info!("read-only: this operator judges and writes nothing; it takes no lease and leads nobody");
        term(&shutdown, work, std::future::pending()).await;
        Kind::ALL.iter().for_each(|kind| operator.turns.leave(*kind));
        return Ok(());
    }
    let Operator { client, config, clock, random, waits, .. } = &*operator;
    let mut lease = Lease::new(client.clone(), &config.namespace, clock.clone(), &**random, waits.clone());
    while !shutdown.is_cancelled() {
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = lease.acquire() => {}
        }
        tracing::info!("this operator leads");
        metrics::LEADS.set(&[], 1.0);
        let ended = term(&shutdown, work, lease.keep()).await;
        metrics::LEADS.set(&[], 0.0);
        // What waits is the work of whoever leads now.
        Kind::ALL.iter().for_each(|kind| operator.turns.leave(*kind));
        if ended == Ended::Lost {
            tracing::warn!("this operator leads no more");
            // Whoever leads now watches, and knows.
            Kind::ALL.iter().for_each(|kind| waits.forget(kind.name()));
        }
    }
    // Held or not: nothing is begun any more, and nothing goes on.
    if tokio::time::timeout(GIVES_BACK, lease.release()).await.is_err() {
        tracing::warn!("the lease is not given back in time; it runs out");
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Stopped,
    Lost,
}

/// One time of leading. When it returns, no look goes on.
async fn term(
    shutdown: &CancellationToken,
    work: impl FnOnce(Term) -> BoxFuture<'static, ()>,
    lost: impl Future<Output = ()>,
) -> Ended {
    let term = Term { stop: shutdown.child_token(), looks: TaskTracker::new() };
    let mut work = work(term.clone()).fuse();
    tokio::pin!(lost);
    let ended = tokio::select! {
        () = &mut work => Ended::Stopped,
        () = shutdown.cancelled() => Ended::Stopped,
        () = &mut lost => Ended::Lost,
    };
    term.stop.cancel();
    if ended == Ended::Stopped && !work.is_terminated() {
        // Another may lead as soon as the lease is lost, and not before.
        tokio::select! {
            () = &mut work => {}
            () = &mut lost => {}
            () = tokio::time::sleep(FINISHES) => tracing::warn!("what was not finished in time is broken off"),
        }
    }
    drop(work);
    term.looks.close();
    term.looks.wait().await;
    ended
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Work whose looks each take so long, are spawned as the controller spawns them, and count when they get to their end.
    fn looks(number: u32, each: Duration, ended: &Arc<AtomicU32>) -> impl FnOnce(Term) -> BoxFuture<'static, ()> {
        let ended = ended.clone();
        move |term| {
            async move {
                let mut running = tokio::task::JoinSet::new();
                for _ in 0..number {
                    let ended = ended.clone();
                    running.spawn(term.looks.track_future(async move {
                        tokio::time::sleep(each).await;
                        ended.fetch_add(1, Ordering::SeqCst);
                    }));
                }
                term.stop.cancelled().await;
                while running.join_next().await.is_some() {}
            }
            .boxed()
        }
    }

    async fn shut_down_while(each: Duration) -> (u32, u64) {
        let (shutdown, ended, begun) = (CancellationToken::new(), Arc::default(), tokio::time::Instant::now());
        let stops = shutdown.clone();
        let all = term(&shutdown, looks(3, each, &ended), std::future::pending());
        let (how, ()) = tokio::join!(all, async move {
            tokio::task::yield_now().await;
            stops.cancel();
        });
        assert_eq!(how, Ended::Stopped);
        (ended.load(Ordering::SeqCst), begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_begun_is_finished_at_shutdown_or_broken_off_in_time_to_give_back_the_lease() {
        assert_eq!(shut_down_while(Duration::from_secs(1)).await, (3, 1));
        assert_eq!(shut_down_while(Duration::from_secs(30)).await, (0, FINISHES.as_secs()));
        // The process is given five seconds.
        assert!(FINISHES + GIVES_BACK < Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn who_leads_no_more_breaks_off_at_once() {
        let (shutdown, ended, begun) = (CancellationToken::new(), Arc::default(), tokio::time::Instant::now());
        let lost = tokio::time::sleep(Duration::from_secs(1));
        let how = term(&shutdown, looks(3, Duration::from_millis(2500), &ended), lost).await;
        assert_eq!((how, begun.elapsed().as_secs()), (Ended::Lost, 1));
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(ended.load(Ordering::SeqCst), 0, "nothing went on while another led");
    }
}
