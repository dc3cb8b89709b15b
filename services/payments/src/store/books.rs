//! What the ledger says over a span of time: for the end of a day, for settlements, and for one payment.

use jiff::civil::Date;
use kernel::{Failure, IntentId, Time};
use process::calendar::civil_date;

use crate::domain::{
    closing::{Balances, Counts, Movements},
    settlement::Moved,
};

const DAY_US: i64 = 86_400_000_000;
const DAY_S: i64 = 86_400;
/// Tashkent is ahead of UTC by five hours all year.
const AHEAD_US: i64 = 5 * 3_600_000_000;

/// When the books began.
pub async fn first(tx: &mut sql::Tx) -> Result<Option<Time>, Failure> {
    let row = tx.fetch_optional("SELECT time_us FROM posting ORDER BY time_us LIMIT 1", sql::args![]).await?;
    Ok(row.map(|row| row.time(0)).transpose()?)
}

/// Debits and credits of each account that was moved from `from` on and before `until`.
pub async fn movements(tx: &mut sql::Tx, from: Time, until: Time) -> Result<Movements, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT account, CAST(SUM(debit) AS BIGINT), CAST(SUM(credit) AS BIGINT) FROM (\
             SELECT debit AS account, amount AS debit, 0 AS credit FROM posting WHERE time_us >= $1 AND time_us < $2 \
             UNION ALL \
             SELECT credit AS account, 0 AS debit, amount AS credit FROM posting WHERE time_us >= $1 AND time_us < $2\
             ) AS movements GROUP BY account",
            sql::args![from.micros(), until.micros()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text(0)?, (row.int(1)?, row.int(2)?)))).collect()
}

/// Credits less debits of each account over everything before a moment.
pub async fn balances_before(tx: &mut sql::Tx, until: Time) -> Result<Balances, Failure> {
    let moved = movements(tx, Time::from_micros(i64::MIN), until).await?;
    Ok(moved.into_iter().map(|(account, (debits, credits))| (account, credits - debits)).collect())
}

pub async fn counts(tx: &mut sql::Tx, from: Time, until: Time) -> Result<Counts, Failure> {
    let row = tx
        .fetch_one(
            "SELECT count(*), \
             count(DISTINCT CASE WHEN kind IN ('captured', 'captured-late') THEN attempt END), \
             count(DISTINCT CASE WHEN kind = 'refund-owed' THEN refund END) \
             FROM posting WHERE time_us >= $1 AND time_us < $2",
            sql::args![from.micros(), until.micros()],
        )
        .await?;
    Ok(Counts { postings: row.int(0)?, payments: row.int(1)?, refunds: row.int(2)? })
}

/// Sums by civil day, agency, both accounts and provider, as far as agencies are concerned.
pub async fn moved(tx: &mut sql::Tx, from: Time, until: Time) -> Result<Vec<Moved>, Failure> {
    let sql = format!(
        "SELECT (posting.time_us + {AHEAD_US}) / {DAY_US}, intent.agency, posting.debit, posting.credit, \
         attempt.provider, CAST(SUM(posting.amount) AS BIGINT), count(*) \
         FROM posting JOIN intent ON intent.intent = posting.intent JOIN attempt ON attempt.attempt = posting.attempt \
         WHERE posting.time_us >= $1 AND posting.time_us < $2 \
           AND posting.kind IN ('captured', 'attached', 'refund-owed') \
         GROUP BY 1, 2, 3, 4, 5"
    );
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![from.micros(), until.micros()]).await?;
    let moved = rows.iter().map(|row| {
        Ok(Moved {
            day: day(row.int(0)?),
            agency: row.text(1)?,
            debit: row.text(2)?.parse()?,
            credit: row.text(3)?.parse()?,
            provider: row.text(4)?,
            amount: row.int(5)?,
            postings: row.int(6)?,
        })
    });
    moved.collect()
}

/// A day by its number since 1970.
fn day(number: i64) -> Date {
    civil_date(Time::from_seconds(number.saturating_mul(DAY_S)))
}

/// A posting as it lies in the books.
#[derive(Debug, Clone)]
pub struct Entry {
    pub debit: String,
    pub credit: String,
    pub amount: i64,
    pub kind: String,
    pub time: Time,
}

/// Everything posted for one payment, in the order in which it was.
pub async fn of_intent(tx: &mut sql::Tx, intent: IntentId) -> Result<Vec<Entry>, Failure> {
    let sql = "SELECT debit, credit, amount, kind, time_us FROM posting WHERE intent = $1 ORDER BY posting";
    let rows = tx.fetch_all(sql, sql::args![intent]).await?;
    let entries = rows.iter().map(|row| {
        Ok(Entry {
            debit: row.text(0)?,
            credit: row.text(1)?,
            amount: row.int(2)?,
            kind: row.text(3)?,
            time: row.time(4)?,
        })
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use process::calendar::start_of_day;

    use super::*;

    #[test]
    fn a_day_has_the_number_that_the_database_counts() {
        for text in ["2026-11-28T18:59:59Z", "2026-11-28T19:00:00Z", "2026-11-29T18:59:59Z"] {
            let time: Time = text.parse().unwrap();
            let counted = day((time.micros() + AHEAD_US) / DAY_US);
            assert_eq!(counted, civil_date(time), "{text}");
            assert!(start_of_day(counted) <= time);
        }
    }
}
