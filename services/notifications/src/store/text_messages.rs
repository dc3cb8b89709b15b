//! What left for which number, for a day and by a hash only, and what that costs, by month and service.

use kernel::{Failure, Hash, MessageId, Time, segments::Segments};

use crate::domain::{
    limits::{DAY, Limits},
    quiet,
};

/// One try at handing a text message over.
#[derive(Debug, Clone, Copy)]
pub struct Try {
    pub message: MessageId,
    pub number: Hash,
    pub attempt: i64,
}

/// Counts a try before it is made. `Some`: the number had its share, and nothing was counted; it is over then. One sender runs
/// at a time: nobody counts beside it.
pub async fn count(tx: &mut sql::Tx, tried: Try, limits: Limits, now: Time) -> Result<Option<Time>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT time_us FROM text_sent WHERE number = $1 AND time_us > $2 ORDER BY time_us DESC",
            sql::args![tried.number, now.minus(DAY)],
        )
        .await?;
    let sent = rows.iter().map(|row| Ok(row.time(0)?)).collect::<Result<Vec<_>, Failure>>()?;
    if let Some(free) = limits.free_at(&sent, now) {
        return Ok(Some(free));
    }
    tx.execute(
        "INSERT INTO text_sent (message, attempt, number, time_us) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (message, attempt) DO UPDATE SET time_us = excluded.time_us",
        sql::args![tried.message, tried.attempt, tried.number, now],
    )
    .await?;
    Ok(None)
}

/// It certainly did not leave.
pub async fn uncount(tx: &mut sql::Tx, message: MessageId, attempt: i64) -> Result<(), Failure> {
    let sql = "DELETE FROM text_sent WHERE message = $1 AND attempt = $2";
    tx.execute(sql, sql::args![message, attempt]).await?;
    Ok(())
}

/// What counts for nothing any more is gone.
pub async fn forget(tx: &mut sql::Tx, now: Time) -> Result<(), Failure> {
    tx.execute("DELETE FROM text_sent WHERE time_us <= $1", sql::args![now.minus(DAY)]).await?;
    Ok(())
}

/// The gateway took a message of this service.
pub async fn spend(
    tx: &mut sql::Tx,
    agency: &str,
    service: &str,
    segments: Segments,
    price: Option<u32>,
    now: Time,
) -> Result<(), Failure> {
    let tiyin = i64::from(segments.count).saturating_mul(i64::from(price.unwrap_or_default()));
    tx.execute(
        "INSERT INTO text_spent (agency, service, month, messages, segments, tiyin) VALUES ($1, $2, $3, 1, $4, $5) \
         ON CONFLICT (month, agency, service) DO UPDATE SET messages = text_spent.messages + 1, \
         segments = text_spent.segments + excluded.segments, tiyin = text_spent.tiyin + excluded.tiyin",
        sql::args![agency, service, quiet::month(now), segments.count, tiyin],
    )
    .await?;
    Ok(())
}

/// What one service's messages of a month cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    pub agency: String,
    pub service: String,
    pub messages: i64,
    pub segments: i64,
    pub tiyin: i64,
}

/// Of one agency, or of all where none is named.
pub async fn spent(tx: &mut sql::Tx, month: &str, agency: &str) -> Result<Vec<Spent>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT agency, service, messages, segments, tiyin FROM text_spent \
             WHERE month = $1 AND ($2 = '' OR agency = $2) ORDER BY agency, service",
            sql::args![month, agency],
        )
        .await?;
    let spent = rows.iter().map(|row| {
        Ok(Spent {
            agency: row.text(0)?,
            service: row.text(1)?,
            messages: row.int(2)?,
            segments: row.int(3)?,
            tiyin: row.int(4)?,
        })
    });
    spent.collect()
}
