//! Ids that may take effect once: commands, assertions, callbacks.

use kernel::Time;

use crate::{Error, Tx, args};

/// True when the id is new; the claim holds only if the transaction commits.
pub async fn claim(tx: &mut Tx, id: &[u8], now: Time) -> Result<bool, Error> {
    let inserted =
        tx.execute("INSERT INTO inbox (id, time) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", args![id, now]).await?;
    Ok(inserted == 1)
}

pub async fn seen(tx: &mut Tx, id: &[u8]) -> Result<bool, Error> {
    let row = tx.fetch_optional("SELECT 1 FROM inbox WHERE id = $1", args![id]).await?;
    Ok(row.is_some())
}
