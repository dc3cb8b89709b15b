//! Rows of attempts, found by our id, by their intent or by the provider's transaction.

use kernel::{AttemptId, Failure, IntentId, Time};

use super::{read_time, stored};
use crate::domain::attempt::{Attempt, State};

const COLUMNS: &str = "attempt, intent, provider, state, transaction_id, provider_us, held_us, paid_us, ended_us, \
                       reason, amount, created_us";

pub async fn insert(tx: &mut sql::Tx, attempt: &Attempt) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO attempt (attempt, intent, provider, state, transaction_id, provider_us, held_us, paid_us, \
         ended_us, reason, amount, created_us, ask_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)",
        sql::args![
            attempt.id.to_vec(),
            attempt.intent.to_vec(),
            attempt.provider.clone(),
            attempt.state.as_str().to_owned(),
            attempt.transaction.clone(),
            attempt.provider_time.micros(),
            stored(attempt.held),
            stored(attempt.paid),
            stored(attempt.ended),
            attempt.reason,
            attempt.amount,
            attempt.created.micros()
        ],
    )
    .await?;
    Ok(())
}

pub async fn update(tx: &mut sql::Tx, attempt: &Attempt) -> Result<(), Failure> {
    tx.execute(
        "UPDATE attempt SET state = $2, transaction_id = $3, provider_us = $4, held_us = $5, paid_us = $6, \
         ended_us = $7, reason = $8 WHERE attempt = $1",
        sql::args![
            attempt.id.to_vec(),
            attempt.state.as_str().to_owned(),
            attempt.transaction.clone(),
            attempt.provider_time.micros(),
            stored(attempt.held),
            stored(attempt.paid),
            stored(attempt.ended),
            attempt.reason
        ],
    )
    .await?;
    Ok(())
}

pub async fn find(tx: &mut sql::Tx, id: AttemptId) -> Result<Option<Attempt>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM attempt WHERE attempt = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![id.to_vec()]).await?;
    row.map(|row| read(&row)).transpose()
}

pub async fn by_transaction(tx: &mut sql::Tx, provider: &str, transaction: &str) -> Result<Option<Attempt>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM attempt WHERE provider = $1 AND transaction_id = $2");
    let args = sql::args![provider.to_owned(), transaction.to_owned()];
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), args).await?;
    row.map(|row| read(&row)).transpose()
}

/// Oldest first.
pub async fn of_intent(tx: &mut sql::Tx, intent: IntentId) -> Result<Vec<Attempt>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM attempt WHERE intent = $1 ORDER BY created_us, attempt");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![intent.to_vec()]).await?;
    rows.iter().map(read).collect()
}

/// Transactions a provider opened successfully, by the provider's own time, both ends included.
pub async fn statement(tx: &mut sql::Tx, provider: &str, from: Time, to: Time) -> Result<Vec<Attempt>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attempt WHERE provider = $1 AND transaction_id IS NOT NULL \
         AND provider_us >= $2 AND provider_us <= $3 ORDER BY provider_us, attempt"
    );
    let args = sql::args![provider.to_owned(), from.micros(), to.micros()];
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), args).await?;
    rows.iter().map(read).collect()
}

/// What a provider holds, the longest held first, whichever clock says so.
pub async fn held(tx: &mut sql::Tx, provider: &str, limit: i64) -> Result<Vec<Attempt>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attempt WHERE provider = $1 AND state = 'held' \
         ORDER BY CASE WHEN held_us < provider_us THEN held_us ELSE provider_us END LIMIT $2"
    );
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![provider, limit]).await?;
    rows.iter().map(read).collect()
}

/// When the provider is to be asked about it; `None`: no more.
pub async fn ask_at(tx: &mut sql::Tx, id: AttemptId, at: Option<Time>) -> Result<(), Failure> {
    tx.execute("UPDATE attempt SET ask_us = $2 WHERE attempt = $1", sql::args![id.to_vec(), stored(at)]).await?;
    Ok(())
}

pub async fn to_ask(tx: &mut sql::Tx, now: Time, limit: i64) -> Result<Vec<Attempt>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM attempt WHERE ask_us > 0 AND ask_us <= $1 ORDER BY ask_us LIMIT $2");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![now.micros(), limit]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &sql::Row) -> Result<Attempt, Failure> {
    Ok(Attempt {
        id: AttemptId::from_slice(&row.blob(0)?)?,
        intent: IntentId::from_slice(&row.blob(1)?)?,
        provider: row.text(2)?,
        state: State::parse(&row.text(3)?)?,
        transaction: row.opt_text(4)?,
        provider_time: Time::from_micros(row.int(5)?),
        held: read_time(row.int(6)?),
        paid: read_time(row.int(7)?),
        ended: read_time(row.int(8)?),
        reason: row.opt_int(9)?,
        amount: row.int(10)?,
        created: Time::from_micros(row.int(11)?),
    })
}
