//! Where a log ends, as its producer knows it without asking its database: readers ask time and again, nearly always for nothing.
//!
//! Several processes may write one log. What this one commits it knows, and the others say over the bus that they did (`nudge`). Such
//! a word may be lost, so what is known is believed for less than the minute after which a consumer asks again: whoever was told too
//! little hears the rest within two.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::Failure;
use sql::{Database, outbox::Head};
use tokio::{sync::watch, time::Instant};

use crate::Bus;

/// How long without a look.
pub const BELIEVED: Duration = Duration::from_secs(50);

pub struct LogEnd {
    known: Mutex<Known>,
    commits: watch::Receiver<u64>,
    believed: Duration,
}

#[derive(Default)]
struct Known {
    end: Option<End>,
    /// How often another process said that it committed something, or may have said so unheard.
    told: u64,
    /// Others are heard.
    hears: bool,
}

struct End {
    head: Head,
    before: Before,
    at: Instant,
}

/// What had been committed at a moment, as far as it was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    own: u64,
    told: u64,
}

impl LogEnd {
    /// Follows what is committed to the log; whoever else writes it has to nudge.
    pub fn follow(believed: Duration, bus: &Bus, database: &Database, kit: &boot::Kit) -> Arc<Self> {
        let end = Arc::new(Self { known: Mutex::default(), commits: database.commits(), believed });
        let (its, bus, shutdown) = (end.clone(), bus.clone(), kit.shutdown.clone());
        kit.spawn("log-end", move || {
            let (its, bus, shutdown) = (its.clone(), bus.clone(), shutdown.clone());
            async move {
                tokio::select! {
                    () = shutdown.cancelled() => Ok(()),
                    never = its.listen(&bus) => match never? {},
                }
            }
        });
        end
    }

    async fn listen(&self, bus: &Bus) -> Result<Infallible, Failure> {
        self.hears(false);
        let mut heard = bus.nudges().listen_to_log().await?;
        self.hears(true);
        loop {
            let outcome = heard.next().await;
            self.known().told += 1;
            if outcome.is_err() {
                self.hears(false);
            }
            outcome?;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hears(&self, hears: bool) {
        let mut known = self.known();
        (known.hears, known.told) = (hears, known.told + 1);
    }

    pub fn before(&self) -> Before {
        self.committed(&self.known())
    }

    fn committed(&self, known: &Known) -> Before {
        Before { own: *self.commits.borrow(), told: known.told }
    }

    /// The log was seen to end there, with nothing that waits for its place; what came since `before` is not in it.
    pub fn remember(&self, head: Head, before: Before) {
        self.known().end = Some(End { head, before, at: Instant::now() });
    }

    /// The log's end, where a reader stands at it and nothing is known to have come.
    pub fn recall(&self, epoch: i64, after: i64) -> Option<Head> {
        let known = self.known();
        let End { head, before, at } = known.end.as_ref()?;
        let is_there = head.epoch == epoch && head.last == after;
        let stands = known.hears && *before == self.committed(&known) && at.elapsed() < self.believed;
        (is_there && stands).then_some(*head)
    }
}
