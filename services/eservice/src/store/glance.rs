//! What is there to do, and what will be soon: one look for every loop.

use std::time::Duration;

use kernel::Time;
use sql::{Error, Tx, Value, args, outbox};

use super::{claims, laid_by, placements, revisions};

/// By civil time, unless it is said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Glance {
    /// When the next action is due, or whoever holds it should be done.
    pub action: Option<Time>,
    pub timer: Option<Time>,
    /// When the next case is stuck, if it still waits then.
    pub stuck: Option<Time>,
    /// When the next case may be erased.
    pub erasure: Option<Time>,
    /// When the next of the files that nothing names may be removed.
    pub sweep: Option<Time>,
    /// When the next file is to be checked, where files are.
    pub scan: Option<Time>,
    /// Revisions or placements were heard of that are not here.
    pub revisions: bool,
    /// Another host heard something about a case that is this one's.
    pub laid_by: bool,
    /// An officer has a task.
    pub claims: bool,
    /// Messages wait for their place in the log.
    pub outgoing: bool,
    /// Until when a relay holds the log, by the database's clock.
    pub relay: Option<Time>,
}

/// What is due until `ahead` from now; what comes later is found by a later look. A host that looked for the first of all its
/// rows would search those of its neighbours too.
pub async fn read(
    tx: &mut Tx,
    now: Time,
    ahead: Duration,
    serves: impl Fn(&str, &str) -> bool,
) -> Result<Glance, Error> {
    let until = now.plus(ahead);
    let timer = "SELECT due FROM case_timers WHERE due <= $1 ORDER BY due LIMIT 1";
    let stuck = "SELECT due FROM case_waits WHERE due > $1 AND due <= $2 ORDER BY due LIMIT 1";
    // A hold that ends by then counts until it does.
    let erasure = "SELECT MIN(CASE WHEN held IS NOT NULL AND held_until > erase_due THEN held_until ELSE erase_due END)
                   FROM cases WHERE erase_due <= $1 AND (held IS NULL OR held_until <= $1) AND erased IS NULL";
    let stale = placements::stale(tx).await?;
    Ok(Glance {
        action: action(tx, now, until).await?,
        timer: first(tx, timer, args![until]).await?,
        stuck: first(tx, stuck, args![now, until]).await?,
        erasure: first(tx, erasure, args![until]).await?,
        sweep: files::pieces::next_sweep(tx, until).await?,
        // Looked for only where something checks them.
        scan: None,
        revisions: stale.iter().any(|(agency, service)| serves(agency, service))
            || !revisions::missing(tx).await?.is_empty(),
        laid_by: laid_by::any(tx).await?,
        claims: claims::any(tx).await?,
        outgoing: outbox::has_unnumbered(tx).await?,
        relay: outbox::held_until(tx).await?,
    })
}

async fn action(tx: &mut Tx, now: Time, until: Time) -> Result<Option<Time>, Error> {
    let later = "SELECT next_due FROM case_actions WHERE state = 'waiting' AND next_due > $1 AND next_due <= $2
                 ORDER BY next_due LIMIT 1";
    // Few are due: those that somebody performs now, or did when they died.
    let held =
        "SELECT MIN(held_until) FROM case_actions WHERE (state = 'waiting' AND next_due <= $1) OR state = 'started'";
    let later = first(tx, later, args![now, until]).await?;
    let held = first(tx, held, args![now]).await?;
    let lease = tx.database_now().await?;
    Ok(later.into_iter().chain(held.map(|held| now.plus(held.since(lease)))).min())
}

async fn first(tx: &mut Tx, sql: &'static str, arguments: Vec<Value>) -> Result<Option<Time>, Error> {
    Ok(tx.fetch_optional(sql, arguments).await?.map(|row| row.opt_time(0)).transpose()?.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MIGRATIONS, actions};

    const NOW: Time = Time::from_seconds(1_790_000_000);
    const HOUR: Duration = Duration::from_secs(3600);

    async fn glance(tx: &mut Tx) -> Glance {
        read(tx, NOW, HOUR, |_, service| service == "copy").await.unwrap()
    }

    async fn action(tx: &mut Tx, number: u8, due: Time) {
        let insert = "INSERT INTO case_actions (action_id, case_id, operation, effect, state, attempt, tries, next_due, held_until, body)
                      VALUES ($1, $2, 'notify', 'keyed', 'waiting', 1, 0, $3, 0, $1)";
        tx.execute(insert, args![vec![number; 32], vec![number; 16], due]).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_due_soon_is_seen_with_its_moment_and_what_somebody_performs_when_its_lease_ends() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            assert_eq!(glance(&mut tx).await, Glance::default(), "{engine}: nothing to do");
            let timer = "INSERT INTO case_timers (timer_id, case_id, due) VALUES ($1, $1, $2)";
            for (number, due) in [(1_u8, NOW.plus(HOUR * 2)), (2, NOW.plus(HOUR))] {
                tx.execute(timer, args![vec![number; 32], due]).await.unwrap();
            }
            action(&mut tx, 1, NOW.plus(HOUR / 2)).await;
            let seen = glance(&mut tx).await;
            assert_eq!((seen.timer, seen.action), (Some(NOW.plus(HOUR)), Some(NOW.plus(HOUR / 2))), "{engine}");
            action(&mut tx, 2, NOW).await;
            assert_eq!(glance(&mut tx).await.action, Some(NOW), "{engine}: nobody has it");
            actions::take(&mut tx, NOW, HOUR / 4, 10).await.unwrap();
            let held = glance(&mut tx).await.action.unwrap();
            assert!(held > NOW && held <= NOW.plus(HOUR / 4), "{engine}: {held}");
        }
    }

    #[tokio::test]
    async fn what_was_heard_of_a_service_that_runs_here_is_missed_until_it_is_read() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            placements::hear(&mut tx, "justice", "other", 1).await.unwrap();
            assert!(!glance(&mut tx).await.revisions, "{engine}: another host's");
            placements::hear(&mut tx, "justice", "copy", 1).await.unwrap();
            assert!(glance(&mut tx).await.revisions, "{engine}");
            placements::keep(&mut tx, ("justice", "copy"), 1, "", &[]).await.unwrap();
            assert!(!glance(&mut tx).await.revisions, "{engine}");
        }
    }

    #[tokio::test]
    async fn what_another_host_heard_is_seen_until_it_is_taken() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let (case, message_id) = (kernel::CaseId::from_bytes([1; 16]), kernel::MessageId::from_bytes([2; 16]));
            let place = bus::Place { message_id, epoch: 1, sequence: 7 };
            for _ in 0..2 {
                laid_by::lay(&mut tx, "justice/copy", case, ("payments", &place), NOW).await.unwrap();
            }
            assert!(glance(&mut tx).await.laid_by, "{engine}");
            let laid = laid_by::after(&mut tx, "payments", 0, 10).await.unwrap();
            assert_eq!(
                laid.iter().map(|laid| (laid.case, laid.place)).collect::<Vec<_>>(),
                [(case, place)],
                "{engine}: once"
            );
            assert!(
                laid_by::take(&mut tx, &laid[0]).await.unwrap() && !laid_by::take(&mut tx, &laid[0]).await.unwrap()
            );
            assert_eq!(glance(&mut tx).await, Glance::default(), "{engine}");
        }
    }

    #[tokio::test]
    async fn a_log_that_somebody_holds_is_seen_until_it_is_given_back_with_everything_published() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            outbox::assign(&mut tx, 10).await.unwrap();
            assert!(outbox::hold(&mut tx, b"relay", HOUR).await.unwrap());
            assert!(glance(&mut tx).await.relay.is_some(), "{engine}");
            assert!(!outbox::give_back(&mut tx, b"relay", -1).await.unwrap(), "{engine}: something is to be published");
            assert!(!outbox::give_back(&mut tx, b"other", 0).await.unwrap(), "{engine}: it is not theirs");
            assert!(outbox::give_back(&mut tx, b"relay", 0).await.unwrap(), "{engine}");
            assert_eq!(glance(&mut tx).await, Glance::default(), "{engine}");
        }
    }
}
