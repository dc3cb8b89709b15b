//! Counts wrong codes in windows of an hour. A right code is never counted and never waits: it has 80 random bits, so
//! whoever knows it has the document, and nobody else's guesses may make that document unverifiable.

use kernel::{Hash, Time};
use sql::{Error, Tx, args};

const HOUR_US: i64 = 3_600_000_000;

/// Wrong codes an hour that one network, and all together, are answered; then they are told to wait, and nothing is written.
const WRONG_BY_ASKER_MAX: i64 = 30;
const WRONG_BY_ALL_MAX: i64 = 3_000;

/// Whose wrong code it was; both as keyed hashes.
pub struct Asker {
    pub network: Hash,
    pub all: Hash,
}

/// Whether this hour's wrong codes are used up.
pub async fn exhausted(tx: &mut Tx, asker: &Asker, now: Time) -> Result<bool, Error> {
    let by_asker = failed(tx, asker.network, now).await?;
    Ok(by_asker >= WRONG_BY_ASKER_MAX || failed(tx, asker.all, now).await? >= WRONG_BY_ALL_MAX)
}

pub async fn count_wrong(tx: &mut Tx, asker: &Asker, now: Time) -> Result<(), Error> {
    count(tx, asker.network, now).await?;
    count(tx, asker.all, now).await
}

/// Failures in this hour.
async fn failed(tx: &mut Tx, subject: Hash, now: Time) -> Result<i64, Error> {
    let select = "SELECT failed FROM attempts WHERE subject = $1 AND hour = $2";
    let row = tx.fetch_optional(select, args![subject, now.micros() / HOUR_US]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

async fn count(tx: &mut Tx, subject: Hash, now: Time) -> Result<(), Error> {
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
