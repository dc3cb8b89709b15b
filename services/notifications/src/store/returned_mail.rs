//! How often letters to a person's address came back, for a month and by a hash of the address only.

use kernel::{Failure, Hash, PersonId, Time};

use crate::domain::returns::FORGOTTEN_AFTER;

/// One more came back; how many that makes.
pub async fn count(tx: &mut sql::Tx, person: PersonId, address: Hash, now: Time) -> Result<i64, Failure> {
    let row = tx
        .fetch_one(
            "INSERT INTO returned_mail (person, address, times, last_us) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (person, address) DO UPDATE SET last_us = excluded.last_us, \
             times = CASE WHEN returned_mail.last_us > $4 THEN returned_mail.times + 1 ELSE 1 END RETURNING times",
            sql::args![person, address, now, now.minus(FORGOTTEN_AFTER)],
        )
        .await?;
    Ok(row.int(0)?)
}

/// Whether at least so many came back from this address.
pub async fn is_unreachable(
    tx: &mut sql::Tx,
    person: PersonId,
    address: Hash,
    enough: u32,
    now: Time,
) -> Result<bool, Failure> {
    let sql = "SELECT COUNT(*) FROM returned_mail WHERE person = $1 AND address = $2 AND times >= $3 AND last_us > $4";
    let found = tx.fetch_one(sql, sql::args![person, address, enough, now.minus(FORGOTTEN_AFTER)]).await?;
    Ok(found.int(0)? > 0)
}

/// Whether so many came back from any of the person's addresses, today's or an earlier one.
pub async fn has_any(tx: &mut sql::Tx, person: PersonId, enough: u32, now: Time) -> Result<bool, Failure> {
    let sql = "SELECT COUNT(*) FROM returned_mail WHERE person = $1 AND times >= $2 AND last_us > $3";
    let found = tx.fetch_one(sql, sql::args![person, enough, now.minus(FORGOTTEN_AFTER)]).await?;
    Ok(found.int(0)? > 0)
}

/// What counts for nothing any more is gone.
pub async fn forget(tx: &mut sql::Tx, now: Time) -> Result<(), Failure> {
    tx.execute("DELETE FROM returned_mail WHERE last_us <= $1", sql::args![now.minus(FORGOTTEN_AFTER)]).await?;
    Ok(())
}
