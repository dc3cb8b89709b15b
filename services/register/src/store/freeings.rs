//! Agencies that would publish without approval, and since when.

use kernel::Time;
use sql::{Error, Tx, args};

/// When the agency's resource began to ask for it; nothing when it does not, or may.
pub async fn freeing(tx: &mut Tx, agency: &str) -> Result<Option<Time>, Error> {
    let row = tx.fetch_optional("SELECT asked FROM freeings WHERE agency = $1", args![agency]).await?;
    row.map(|row| row.time(0)).transpose()
}

/// The same, and nobody else speaks of it until the transaction ends: of two at once the second knows what the first said.
pub async fn hold_freeing(tx: &mut Tx, agency: &str) -> Result<Option<Time>, Error> {
    let update = "UPDATE freeings SET asked = asked WHERE agency = $1 RETURNING asked";
    let row = tx.fetch_optional(update, args![agency]).await?;
    row.map(|row| row.time(0)).transpose()
}

pub async fn ask_freeing(tx: &mut Tx, agency: &str, now: Time) -> Result<(), Error> {
    tx.execute("INSERT INTO freeings (agency, asked) VALUES ($1, $2)", args![agency, now]).await?;
    Ok(())
}

/// It is agreed, or nobody asks for it any more.
pub async fn end_freeing(tx: &mut Tx, agency: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM freeings WHERE agency = $1", args![agency]).await?;
    Ok(())
}
