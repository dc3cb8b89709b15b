//! Actions that are due: taken under a lease, sent again only where a repetition is harmless.

use std::time::Duration;

use kernel::{CaseId, Failure, Hash, Time, Trace};
use process::OpenAction;
use sql::{Error, Row, Tx, args};

use super::{
    cases::{self, Case},
    commit::action_place,
};

/// A row taken to be performed.
#[derive(Debug, Clone)]
pub struct Due {
    pub action_id: Hash,
    pub case_id: CaseId,
    pub once: bool,
    /// It was taken before and nothing is known of what became of it.
    pub started_before: bool,
    pub tries: i64,
    pub attempt: i64,
    pub expires: Option<Time>,
    /// Of the transition that asked for it.
    pub trace: Option<Trace>,
}

/// Takes rows whose moment has come. A `once` action becomes *started* with the same commit: it is never taken twice
/// to be sent; when its holder is gone it is taken once more, only to say that its outcome is unknown.
pub async fn take(tx: &mut Tx, now: Time, hold: Duration, limit: i64) -> Result<Vec<Due>, Error> {
    let lease = tx.database_now().await?;
    let rows = tx
        .fetch_all(
            "SELECT action_id FROM case_actions
             WHERE (state = 'waiting' AND next_due <= $1 AND held_until < $2) OR (state = 'started' AND held_until < $2)
             ORDER BY next_due LIMIT $3",
            args![now, lease, limit],
        )
        .await?;
    let mut taken = Vec::with_capacity(rows.len());
    for row in rows {
        // Whoever is second finds the lease extended.
        let row = tx
            .fetch_optional(
                "UPDATE case_actions SET held_until = $1, tries = tries + 1
                 WHERE action_id = $2 AND state <> 'done' AND held_until < $3
                 RETURNING action_id, case_id, effect, state, tries, attempt, expires, trace",
                args![lease.plus(hold), row.blob(0)?, lease],
            )
            .await?;
        taken.extend(row.map(|row| due(&row)).transpose()?);
    }
    for action in taken.iter().filter(|action| action.once) {
        tx.execute("UPDATE case_actions SET state = 'started' WHERE action_id = $1", args![action.action_id]).await?;
    }
    Ok(taken)
}

/// Whether anything is due: lets an idle loop look without writing.
pub async fn any_due(tx: &mut Tx, now: Time) -> Result<bool, Error> {
    let lease = tx.database_now().await?;
    let row = tx
        .fetch_optional(
            "SELECT 1 FROM case_actions
             WHERE (state = 'waiting' AND next_due <= $1 AND held_until < $2) OR (state = 'started' AND held_until < $2) LIMIT 1",
            args![now, lease],
        )
        .await?;
    Ok(row.is_some())
}

fn due(row: &Row) -> Result<Due, Error> {
    Ok(Due {
        action_id: row.parsed(0, Hash::from_slice)?,
        case_id: row.parsed(1, CaseId::from_slice)?,
        once: row.text(2)? == "once",
        started_before: row.text(3)? == "started",
        tries: row.int(4)?,
        attempt: row.int(5)?,
        expires: row.opt_time(6)?,
        trace: row.opt_text(7)?.as_deref().and_then(Trace::parse),
    })
}

/// Gives an action back to be tried later.
pub async fn later(tx: &mut Tx, action: Hash, attempt: i64, next_due: Time) -> Result<(), Error> {
    tx.execute(
        "UPDATE case_actions SET next_due = $1, held_until = 0 WHERE action_id = $2 AND attempt = $3 AND state = 'waiting'",
        args![next_due, action, attempt],
    )
    .await?;
    tx.leaves_work();
    Ok(())
}

/// Nobody waits for this answer any more.
pub async fn forget(tx: &mut Tx, action: Hash) -> Result<(), Error> {
    tx.execute("UPDATE case_actions SET state = 'done' WHERE action_id = $1", args![action]).await?;
    Ok(())
}

/// Whoever performs it is still at work.
pub async fn hold(tx: &mut Tx, action: Hash, attempt: i64, hold: Duration) -> Result<(), Error> {
    let lease = tx.database_now().await?;
    tx.execute(
        "UPDATE case_actions SET held_until = $1 WHERE action_id = $2 AND attempt = $3 AND state <> 'done'",
        args![lease.plus(hold), action, attempt],
    )
    .await?;
    Ok(())
}

pub async fn body(tx: &mut Tx, case: &Case, action: Hash) -> Result<OpenAction, Failure> {
    let row = tx.fetch_one("SELECT body FROM case_actions WHERE action_id = $1", args![action]).await?;
    cases::open(&case.key, &row.blob(0)?, &action_place(case.id, action))
}
