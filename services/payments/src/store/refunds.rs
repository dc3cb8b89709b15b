//! Rows of refunds, and which of them a provider must be asked about now.

use kernel::{AttemptId, Failure, IntentId, RefundId, Time};

use super::{read_time, stored};
use crate::domain::refund::{Refund, State};

const COLUMNS: &str = "refund, intent, attempt, amount, state, reason, from_suspense, tries, created_us, settled_us";

pub async fn insert(tx: &mut sql::Tx, refund: &Refund, next: Option<Time>) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO refund (refund, intent, attempt, amount, state, reason, from_suspense, tries, next_us, \
         created_us, settled_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
        sql::args![
            refund.id.to_vec(),
            refund.intent.to_vec(),
            refund.attempt.to_vec(),
            refund.amount,
            refund.state.as_str().to_owned(),
            refund.reason.clone(),
            i64::from(refund.from_suspense),
            refund.tries,
            stored(next),
            refund.created.micros()
        ],
    )
    .await?;
    Ok(())
}

/// `next`: when the provider is asked again; `None`: nothing more is to be done by itself.
pub async fn update(
    tx: &mut sql::Tx,
    refund: &Refund,
    next: Option<Time>,
    settled: Option<Time>,
) -> Result<(), Failure> {
    tx.execute(
        "UPDATE refund SET state = $2, tries = $3, next_us = $4, settled_us = $5 WHERE refund = $1",
        sql::args![refund.id.to_vec(), refund.state.as_str().to_owned(), refund.tries, stored(next), stored(settled)],
    )
    .await?;
    Ok(())
}

/// The provider is asked then, unless nothing is to be done any more.
pub async fn later(tx: &mut sql::Tx, id: RefundId, next: Time) -> Result<(), Failure> {
    let sql = "UPDATE refund SET next_us = $2 WHERE refund = $1 AND next_us > 0";
    tx.execute(sql, sql::args![id.to_vec(), next.micros()]).await?;
    Ok(())
}

pub async fn find(tx: &mut sql::Tx, id: RefundId) -> Result<Option<Refund>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM refund WHERE refund = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![id.to_vec()]).await?;
    row.map(|row| read(&row)).transpose()
}

pub async fn of_intent(tx: &mut sql::Tx, intent: IntentId) -> Result<Vec<Refund>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM refund WHERE intent = $1 ORDER BY created_us, refund");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![intent.to_vec()]).await?;
    rows.iter().map(read).collect()
}

/// The refund that explains why a provider reverses this attempt in full.
pub async fn reversing(tx: &mut sql::Tx, attempt: AttemptId, amount: i64) -> Result<Option<Refund>, Failure> {
    let sql =
        format!("SELECT {COLUMNS} FROM refund WHERE attempt = $1 AND amount = $2 AND state IN ('requested', 'asked')");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![attempt.to_vec(), amount]).await?;
    row.map(|row| read(&row)).transpose()
}

pub async fn due(tx: &mut sql::Tx, now: Time, limit: i64) -> Result<Vec<Refund>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM refund WHERE next_us > 0 AND next_us <= $1 ORDER BY next_us LIMIT $2");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![now.micros(), limit]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &sql::Row) -> Result<Refund, Failure> {
    Ok(Refund {
        id: RefundId::from_slice(&row.blob(0)?)?,
        intent: IntentId::from_slice(&row.blob(1)?)?,
        attempt: AttemptId::from_slice(&row.blob(2)?)?,
        amount: row.int(3)?,
        state: State::parse(&row.text(4)?)?,
        reason: row.text(5)?,
        from_suspense: row.int(6)? != 0,
        tries: row.int(7)?,
        created: Time::from_micros(row.int(8)?),
        settled: read_time(row.int(9)?),
    })
}
