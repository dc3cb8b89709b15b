//! What every service answers about its data after a restore, and how it puts right what it disagrees about with the others.
//!
//! While its database is being recovered a service refuses everything else. Comparing is done by whoever asks all of them.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Clock, Failure};
use proto::{
    KnownCase, KnownSeal, LogPosition, Operation, RecoveryEnd, RecoveryEnded, RecoveryPage, RecoveryRead, Ruling,
};
use sql::{Database, Tx, outbox, recovery};

use crate::{Call, Service};

const CASES_MAX: i32 = 500;

/// Which cases are asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub agency: String,
    /// Where a host of one service is asked.
    pub service: Option<String>,
    /// Cases after this one.
    pub after: Vec<u8>,
    pub limit: i64,
}

/// What is a service's own about a recovery. By default it knows nothing of cases and has nothing to put right.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// What it knows about cases, in the order of their ids.
    async fn known(&self, _tx: &mut Tx, _wanted: &Wanted) -> Result<Vec<KnownCase>, Failure> {
        Ok(Vec::new())
    }

    /// Which of these persons it does not know; only identity keeps persons.
    async fn missing(&self, _tx: &mut Tx, _persons: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Failure> {
        Ok(Vec::new())
    }

    /// Every service that was published, as `agency/service`.
    async fn services(&self, _tx: &mut Tx) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    /// Which seals were withdrawn, as far as it knows.
    async fn withdrawn_seals(&self, _tx: &mut Tx) -> Result<Vec<KnownSeal>, Failure> {
        Ok(Vec::new())
    }

    /// Does its part about one disagreement, once, however often it is told; what it has no part in it leaves.
    async fn put_right(&self, _ruling: &Ruling) -> Result<(), Failure> {
        Ok(())
    }

    /// What is done with rows that no other host of the same database sees: told to each of them before any of them ends the
    /// recovery of all, and once more, so done once.
    async fn own_rows(&self, _tx: &mut Tx) -> Result<(), Failure> {
        Ok(())
    }

    /// What ends with every recovery, in the transaction that ends it.
    async fn end(&self, _tx: &mut Tx) -> Result<(), Failure> {
        Ok(())
    }
}

/// A service that keeps nothing about cases.
pub struct Nothing;
impl Keeper for Nothing {}

/// Adds both operations to a service.
pub fn answering(
    service: Service,
    (read, end): (&Operation<RecoveryRead, RecoveryPage>, &Operation<RecoveryEnd, RecoveryEnded>),
    database: &Database,
    clock: &Arc<dyn Clock>,
    keeper: Arc<dyn Keeper>,
) -> Service {
    let (reads, knows) = (database.clone(), keeper.clone());
    let (ends, clock, callee) = (database.clone(), clock.clone(), end.callee);
    service
        .on(read, move |call| page(reads.clone(), knows.clone(), call))
        .on(end, move |call| finish(callee, ends.clone(), clock.clone(), keeper.clone(), call))
}

async fn page(database: Database, keeper: Arc<dyn Keeper>, call: Call<RecoveryRead>) -> Result<RecoveryPage, Failure> {
    let limit = call.request.limit.clamp(1, CASES_MAX);
    let wanted = Wanted {
        agency: call.agency,
        service: call.service,
        after: call.request.after.clone(),
        limit: i64::from(limit),
    };
    let mut tx = database.read().await?;
    let last = recovery::last(&mut tx).await?;
    let head = outbox::head(&mut tx).await?;
    let positions = recovery::positions(&mut tx).await?.into_iter();
    let newest = recovery::newest(&mut tx).await?;
    let services = keeper.services(&mut tx).await?;
    let missing = keeper.missing(&mut tx, &call.request.persons).await?;
    let withdrawn_seals = keeper.withdrawn_seals(&mut tx).await?;
    let cases = keeper.known(&mut tx, &wanted).await?;
    let ended = last.as_ref().and_then(|recovery| recovery.ended);
    Ok(RecoveryPage {
        ended: ended.is_some(),
        began_us: last.as_ref().map_or(0, |recovery| recovery.began.micros()),
        ended_us: ended.map_or(0, kernel::Time::micros),
        name: last.map(|recovery| recovery.name).unwrap_or_default(),
        epoch: head.epoch,
        last: head.last,
        positions: positions.map(|(log, at)| LogPosition { log, epoch: at.epoch, sequence: at.sequence }).collect(),
        newest_us: newest.map_or(0, kernel::Time::micros),
        more: i32::try_from(cases.len()).is_ok_and(|count| count == limit),
        cases,
        services,
        missing,
        withdrawn_seals,
    })
}

async fn finish(
    role: &'static str,
    database: Database,
    clock: Arc<dyn Clock>,
    keeper: Arc<dyn Keeper>,
    call: Call<RecoveryEnd>,
) -> Result<RecoveryEnded, Failure> {
    let RecoveryEnd { name, rulings, whole } = call.request;
    let mut tx = database.read().await?;
    let open = recovery::last(&mut tx).await?.filter(|recovery| recovery.ended.is_none());
    let epoch = outbox::head(&mut tx).await?.epoch;
    drop(tx);
    match open {
        // It ended before: whoever tells a second time has to hear that it did.
        None => return Ok(RecoveryEnded { epoch }),
        Some(open) if open.name != name => {
            let message = format!("The recovery that is open is called {}. Name it.", open.name);
            return Err(Failure::conflict("recovery.other-name", message));
        }
        Some(_) => {}
    }
    for ruling in &rulings {
        keeper.put_right(ruling).await?;
    }
    let mut tx = database.begin().await?;
    keeper.own_rows(&mut tx).await?;
    if !whole {
        tx.commit().await?;
        return Ok(RecoveryEnded { epoch });
    }
    keeper.end(&mut tx).await?;
    let ended = recovery::end(&mut tx, role, clock.now()).await?;
    tx.commit().await?;
    tracing::info!(recovery = name, "the recovery has ended: this service serves after its next start");
    Ok(RecoveryEnded { epoch: ended.unwrap_or(epoch) })
}

/// What is asked meanwhile.
pub(crate) fn refused() -> Failure {
    Failure::unavailable("platform.recovering", "The platform is being restored. Try again later.")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use kernel::{Hash, ManualClock, MessageId, Time};

    use super::*;

    const NOW: Time = Time::from_seconds(1_790_000_000);

    /// Counts its parts, and the ends.
    #[derive(Default)]
    struct Counting {
        parts: AtomicUsize,
        ends: AtomicUsize,
    }

    #[async_trait]
    impl Keeper for Counting {
        async fn own_rows(&self, _: &mut Tx) -> Result<(), Failure> {
            self.parts.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }

        async fn end(&self, _: &mut Tx) -> Result<(), Failure> {
            self.ends.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    }

    fn told(whole: bool) -> Call<RecoveryEnd> {
        Call {
            request: RecoveryEnd { name: "flood".into(), rulings: Vec::new(), whole },
            body_hash: Hash::from_bytes([0; 32]),
            agency: "justice".into(),
            service: None,
            caller: "operator".into(),
            speaks_for: None,
            message_id: MessageId::from_bytes([1; 16]),
            time: NOW,
            deadline: NOW,
            person: None,
        }
    }

    #[tokio::test]
    async fn each_host_of_a_database_has_its_part_before_the_first_of_them_ends_for_all() {
        for (engine, settings) in testkit::stores() {
            let database = Database::open(&settings, &[]).await.unwrap();
            assert!(recovery::begin(&settings, "flood").await.unwrap());
            let hosts = [Arc::new(Counting::default()), Arc::new(Counting::default())];
            let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW));
            for whole in [false, true] {
                for host in &hosts {
                    finish("eservice", database.clone(), clock.clone(), host.clone(), told(whole)).await.unwrap();
                }
            }
            let counted = hosts.map(|host| (host.parts.load(Ordering::SeqCst), host.ends.load(Ordering::SeqCst)));
            assert_eq!(counted, [(2, 1), (1, 0)], "{engine}: the second finds it ended, and had its part before");
            assert!(!recovery::begin(&settings, "flood").await.unwrap());
        }
    }
}
