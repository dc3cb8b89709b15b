//! Counts failed attempts in windows of an hour, so that codes cannot be guessed.

use kernel::{Hash, Time};
use sql::{Error, Tx, args};

const HOUR_US: i64 = 3_600_000_000;

/// Failures in this hour.
pub async fn failed(tx: &mut Tx, subject: Hash, now: Time) -> Result<i64, Error> {
    let select = "SELECT failed FROM attempts WHERE subject = $1 AND hour = $2";
    let row = tx.fetch_optional(select, args![subject, now.micros() / HOUR_US]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

pub async fn count(tx: &mut Tx, subject: Hash, now: Time) -> Result<(), Error> {
    let hour = now.micros() / HOUR_US;
    tx.execute(
        "INSERT INTO attempts (subject, hour, failed) VALUES ($1, $2, 1)
         ON CONFLICT (subject, hour) DO UPDATE SET failed = attempts.failed + 1",
        args![subject, hour],
    )
    .await?;
    tx.execute("DELETE FROM attempts WHERE hour < $1", args![hour - 24]).await?;
    Ok(())
}
