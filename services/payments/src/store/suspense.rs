//! Rows of money in suspense: what waits, what is due to go back, and which intent it paid.

use kernel::{AttemptId, Failure, IntentId, PersonId, Time};

use super::{intents, read_time, stored};
use crate::domain::{
    intent::{Intent, State},
    suspense::Suspense,
};

const COLUMNS: &str = "suspense.attempt, suspense.intent, suspense.agency, suspense.amount, suspense.reason, \
                       suspense.since_us, suspense.due_us";
/// How many open payments are offered for one item.
const FITTING_MAX: i64 = 10;

pub async fn insert(tx: &mut sql::Tx, item: &Suspense) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO suspense (attempt, intent, agency, amount, reason, since_us, due_us, closed_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        sql::args![
            item.attempt,
            item.intent,
            item.agency.clone(),
            item.amount,
            item.reason.as_str(),
            item.since.micros(),
            stored(item.due)
        ],
    )
    .await?;
    Ok(())
}

pub async fn find(tx: &mut sql::Tx, attempt: AttemptId) -> Result<Option<Suspense>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM suspense WHERE attempt = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![attempt]).await?;
    row.map(|row| read(&row)).transpose()
}

/// It waits no longer; `attached`: the intent that it paid.
pub async fn close(tx: &mut sql::Tx, attempt: AttemptId, attached: Option<IntentId>, now: Time) -> Result<(), Failure> {
    tx.execute(
        "UPDATE suspense SET due_us = 0, closed_us = $2, attached = $3 WHERE attempt = $1 AND due_us > 0",
        sql::args![attempt, now.micros(), attached],
    )
    .await?;
    Ok(())
}

pub async fn due(tx: &mut sql::Tx, now: Time, limit: i64) -> Result<Vec<AttemptId>, Failure> {
    let sql = "SELECT attempt FROM suspense WHERE due_us > 0 AND due_us <= $1 ORDER BY due_us LIMIT $2";
    let rows = tx.fetch_all(sql, sql::args![now.micros(), limit]).await?;
    rows.iter().map(|row| AttemptId::from_slice(&row.blob(0)?)).collect()
}

/// The attempt whose money paid an intent that no attempt of its own did.
pub async fn attached_to(tx: &mut sql::Tx, intent: IntentId) -> Result<Option<AttemptId>, Failure> {
    let row = tx.fetch_optional("SELECT attempt FROM suspense WHERE attached = $1", sql::args![intent]).await?;
    row.map(|row| AttemptId::from_slice(&row.blob(0)?)).transpose()
}

/// What waits, with what a finance officer finds it by.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub item: Suspense,
    pub number: String,
    pub service: String,
    pub payer: PersonId,
    pub provider: String,
    pub transaction: String,
    pub instructed: bool,
}

/// Oldest first, after a place in that order; `agency`: none for every one.
pub async fn waiting(
    tx: &mut sql::Tx,
    agency: Option<&str>,
    after: (Time, AttemptId),
    limit: i64,
) -> Result<Vec<Waiting>, Failure> {
    let of = if agency.is_some() { "suspense.agency = $4" } else { "$4 = ''" };
    let sql = format!(
        "SELECT {COLUMNS}, intent.number, intent.service, intent.payer, attempt.provider, attempt.transaction_id, \
         (SELECT count(*) FROM instruction WHERE instruction.suspense = suspense.attempt AND NOT EXISTS \
          (SELECT 1 FROM instruction_verdict AS made WHERE made.instruction = instruction.instruction)) \
         FROM suspense JOIN intent ON intent.intent = suspense.intent \
         JOIN attempt ON attempt.attempt = suspense.attempt \
         WHERE suspense.due_us > 0 AND {of} AND (suspense.since_us > $1 \
           OR (suspense.since_us = $1 AND suspense.attempt > $2)) \
         ORDER BY suspense.since_us, suspense.attempt LIMIT $3"
    );
    let args = sql::args![after.0.micros(), after.1, limit, agency.unwrap_or_default()];
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), args).await?;
    let waiting = rows.iter().map(|row| {
        Ok(Waiting {
            item: read(row)?,
            number: row.text(7)?,
            service: row.text(8)?,
            payer: PersonId::from_slice(&row.blob(9)?)?,
            provider: row.text(10)?,
            transaction: row.opt_text(11)?.unwrap_or_default(),
            instructed: row.int(12)? > 0,
        })
    });
    waiting.collect()
}

/// How many wait, and when the first of them goes back; `agency`: none for every one.
pub async fn counted(tx: &mut sql::Tx, agency: Option<&str>) -> Result<(i64, i64), Failure> {
    let of = if agency.is_some() { "agency = $1" } else { "$1 = ''" };
    let sql = format!("SELECT COUNT(*), COALESCE(MIN(due_us), 0) FROM suspense WHERE due_us > 0 AND {of}");
    let row = tx.fetch_one(sql::AssertSqlSafe(sql), sql::args![agency.unwrap_or_default()]).await?;
    Ok((row.int(0)?, row.int(1)?))
}

/// Open payments of a payer to an agency, oldest first.
pub async fn open_of(tx: &mut sql::Tx, payer: PersonId, agency: &str) -> Result<Vec<Intent>, Failure> {
    let sql = "SELECT intent FROM intent WHERE payer = $1 AND state = 'open' AND agency = $3 \
               ORDER BY created_us, intent LIMIT $2";
    let rows = tx.fetch_all(sql, sql::args![payer, FITTING_MAX, agency]).await?;
    let mut open = Vec::new();
    for row in rows {
        open.extend(intents::find(tx, IntentId::from_slice(&row.blob(0)?)?).await?);
    }
    Ok(open)
}

fn read(row: &sql::Row) -> Result<Suspense, Failure> {
    Ok(Suspense {
        attempt: AttemptId::from_slice(&row.blob(0)?)?,
        intent: IntentId::from_slice(&row.blob(1)?)?,
        agency: row.text(2)?,
        amount: row.int(3)?,
        reason: State::parse(&row.text(4)?)?,
        since: Time::from_micros(row.int(5)?),
        due: read_time(row.int(6)?),
    })
}
