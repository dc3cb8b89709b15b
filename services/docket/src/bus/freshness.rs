//! How old the index may be: when it last held everything that the e-services' log had.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use kernel::{Failure, Time};
use proto::{OutboxRead, eservice::v1::operations::OUTBOX_READ};

use sql::cursor::Position;

use super::Docket;

const LOOK_EVERY: Duration = Duration::from_secs(3);
/// From this age on, lists say that they may be behind.
const STALE: Duration = Duration::from_secs(10);

/// When the index was last seen to be complete.
#[derive(Default)]
pub struct Freshness(AtomicI64);

impl Freshness {
    pub fn complete_at(&self, now: Time) {
        self.0.store(now.micros(), Ordering::Relaxed);
    }

    /// The index's age, and whether it must be said.
    pub fn age(&self, now: Time) -> (i64, bool) {
        let age = now.since(Time::from_micros(self.0.load(Ordering::Relaxed)));
        (i64::try_from(age.as_micros()).unwrap_or(i64::MAX), age > STALE)
    }
}

pub fn watch(kit: &boot::Kit, docket: &Arc<Docket>) {
    let (docket, shutdown) = (docket.clone(), kit.shutdown.clone());
    kit.spawn("freshness", move || {
        let (docket, shutdown) = (docket.clone(), shutdown.clone());
        async move {
            loop {
                match is_complete(&docket).await {
                    Ok(true) => docket.freshness.complete_at(docket.clock.now()),
                    Ok(false) => {}
                    Err(failure) => tracing::debug!(?failure, "the e-services' log cannot be read"),
                }
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
    });
}

/// Asks the logs themselves whether anything is missing here.
async fn is_complete(docket: &Docket) -> Result<bool, Failure> {
    for log in bus::logs(&docket.bus, &docket.database, "eservice").await? {
        let mut tx = docket.database.read().await?;
        let position = sql::cursor::read(&mut tx, &log.cursor()).await?;
        drop(tx);
        // Asked every few seconds: it must not keep a host that has nothing to do at its database.
        let request = OutboxRead { epoch: position.epoch, after: position.sequence, limit: 1, lately: true };
        let rows = match docket.bus.request(&OUTBOX_READ, &log.name, &request).await {
            Ok(rows) => rows,
            // A log that nobody ever heard of is none.
            Err(failure) if failure.code == bus::NOT_RUNNING && position == Position::default() => continue,
            Err(failure) => return Err(failure),
        };
        if rows.last != 0 && (rows.epoch != position.epoch || rows.last > position.sequence) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_nobody_confirmed_for_a_while_says_so() {
        let freshness = Freshness::default();
        let now = Time::from_seconds(1_790_000_000);
        assert!(freshness.age(now).1, "never confirmed");
        freshness.complete_at(now);
        assert_eq!(freshness.age(now), (0, false));
        assert!(freshness.age(now.plus(STALE * 2)).1);
    }
}
