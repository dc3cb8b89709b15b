//! Finds payments by their number, the provider's, the case's, by amount and by day.

use kernel::{Failure, IntentId, Time};

use super::{attempts, intents, refunds, suspense};
use crate::domain::{
    attempt::{Attempt, State},
    intent::Intent,
    refund::Refund,
};

/// How many payments one number may name before the rest is left out.
const NAMED_MAX: i64 = 200;

/// What is looked for; `agency`: none for every one.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub agency: Option<&'a str>,
    pub term: &'a str,
    /// Tiyin; 0: any.
    pub amount: i64,
    /// Made or paid from this moment on, and before that one.
    pub span: Option<(Time, Time)>,
    /// After this place, newest first.
    pub after: (Time, IntentId),
    pub limit: i64,
}

/// A payment with its attempts and refunds.
#[derive(Debug, Clone)]
pub struct Found {
    pub intent: Intent,
    pub attempts: Vec<Attempt>,
    pub refunds: Vec<Refund>,
}

impl Found {
    /// The attempt that was paid, or else the newest one.
    pub fn telling(&self) -> Option<&Attempt> {
        let paid = |attempt: &&Attempt| matches!(attempt.state, State::Paid | State::Reversed);
        self.attempts.iter().find(paid).or_else(|| self.attempts.last())
    }
}

pub async fn search(tx: &mut sql::Tx, wanted: &Wanted<'_>) -> Result<Vec<Found>, Failure> {
    let ids = if wanted.term.is_empty() { by_time(tx, wanted).await? } else { by_number(tx, wanted).await? };
    let mut found = Vec::new();
    for id in ids {
        found.extend(whole(tx, id).await?);
    }
    Ok(found)
}

pub async fn whole(tx: &mut sql::Tx, id: IntentId) -> Result<Option<Found>, Failure> {
    let Some(intent) = intents::find(tx, id).await? else { return Ok(None) };
    let mut tried = attempts::of_intent(tx, id).await?;
    // Money that waited in suspense may have paid it.
    if let Some(attached) = suspense::attached_to(tx, id).await? {
        tried.extend(attempts::find(tx, attached).await?);
    }
    Ok(Some(Found { attempts: tried, refunds: refunds::of_intent(tx, id).await?, intent }))
}

/// The amount, and the place after which the list goes on.
const FITS: &str = "(amount = $1 OR $1 = 0) AND (created_us < $2 OR (created_us = $2 AND intent < $3))";

/// A number names few payments: an index finds them, whatever else is asked of them.
async fn by_number(tx: &mut sql::Tx, wanted: &Wanted<'_>) -> Result<Vec<IntentId>, Failure> {
    let own: Vec<u8> = wanted.term.parse::<IntentId>().map_or_else(|_| Vec::new(), IntentId::to_vec);
    let (from, until) = wanted.span.unwrap_or((Time::from_micros(i64::MIN), Time::from_micros(i64::MAX)));
    let sql = format!(
        "SELECT intent FROM intent WHERE intent IN (\
         SELECT intent FROM intent WHERE number = $7 \
         UNION SELECT intent FROM intent WHERE intent = $8 \
         UNION SELECT intent FROM attempt WHERE transaction_id = $7) \
         AND (agency = $4 OR $4 = '') AND {FITS} \
         AND ((created_us >= $5 AND created_us < $6) OR (captured_us >= $5 AND captured_us < $6)) \
         ORDER BY created_us DESC, intent DESC LIMIT $9"
    );
    let args = sql::args![
        wanted.amount,
        wanted.after.0.micros(),
        wanted.after.1,
        wanted.agency.unwrap_or_default(),
        from.micros(),
        until.micros(),
        wanted.term,
        own,
        wanted.limit.min(NAMED_MAX)
    ];
    ids(&tx.fetch_all(sql::AssertSqlSafe(sql), args).await?)
}

/// Newest first, and so in two parts: what was made in the span, then what was only paid in it. Each page begins where the last one
/// ended: an index leads there, and a long list is not gone through once for each of its pages.
async fn by_time(tx: &mut sql::Tx, wanted: &Wanted<'_>) -> Result<Vec<IntentId>, Failure> {
    let Some((from, until)) = wanted.span else { return Ok(Vec::new()) };
    let made = "created_us >= $6 AND created_us < $7";
    let mut found = part(tx, wanted, made, (from, until), wanted.limit).await?;
    let left = wanted.limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
    if left > 0 {
        let only_paid = "captured_us >= $6 AND captured_us < $7 AND captured_us > 0 AND created_us < $6";
        found.extend(part(tx, wanted, only_paid, (from, until), left).await?);
    }
    Ok(found)
}

async fn part(
    tx: &mut sql::Tx,
    wanted: &Wanted<'_>,
    condition: &str,
    (from, until): (Time, Time),
    limit: i64,
) -> Result<Vec<IntentId>, Failure> {
    let sql = format!(
        "SELECT intent FROM intent WHERE {condition} AND created_us <= $2 AND (agency = $4 OR $4 = '') AND {FITS} \
         ORDER BY created_us DESC, intent DESC LIMIT $5"
    );
    let args = sql::args![
        wanted.amount,
        wanted.after.0.micros(),
        wanted.after.1,
        wanted.agency.unwrap_or_default(),
        limit,
        from.micros(),
        until.micros()
    ];
    ids(&tx.fetch_all(sql::AssertSqlSafe(sql), args).await?)
}

fn ids(rows: &[sql::Row]) -> Result<Vec<IntentId>, Failure> {
    rows.iter().map(|row| IntentId::from_slice(&row.blob(0)?)).collect()
}
