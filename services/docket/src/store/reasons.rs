//! The keys of what officers typed for a search: when a key goes, so do the words.

use kernel::{MessageId, Time};
use sql::{Error, Tx, args};

/// `ends`: of a search that found nobody.
pub async fn keep(tx: &mut Tx, search: MessageId, wrapped: &[u8], ends: Option<Time>) -> Result<(), Error> {
    tx.execute("INSERT INTO reason_keys (search, wrapped, ends) VALUES ($1, $2, $3)", args![search, wrapped, ends])
        .await?;
    Ok(())
}

pub async fn wrapped(tx: &mut Tx, search: MessageId) -> Result<Option<Vec<u8>>, Error> {
    let row = tx.fetch_optional("SELECT wrapped FROM reason_keys WHERE search = $1", args![search]).await?;
    row.map(|row| row.blob(0)).transpose()
}

/// Forgets what is over; false: there was nothing. A case may have been erased at the very moment of a search.
pub async fn forget(tx: &mut Tx, now: Time) -> Result<bool, Error> {
    tx.execute("DELETE FROM findings WHERE case_id IN (SELECT case_id FROM erased)", args![]).await?;
    let gone = tx
        .execute(
            "DELETE FROM reason_keys WHERE ends <= $1
             OR (ends IS NULL AND NOT EXISTS (SELECT 1 FROM findings WHERE findings.search = reason_keys.search))",
            args![now],
        )
        .await?;
    Ok(gone > 0)
}
