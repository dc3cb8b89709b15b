//! Whether a service takes new applications, and how often its placement changed.

use std::collections::BTreeSet;

use sql::{Error, Tx, args};

/// A service beside its revisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    pub version: i64,
    /// Why no new applications are taken; empty while they are.
    pub closed: String,
}

/// One that never changed has version 0 and is open.
pub async fn placement(tx: &mut Tx, agency: &str, service: &str) -> Result<Placement, Error> {
    let select = "SELECT version, closed FROM placements WHERE agency = $1 AND service = $2";
    let row = tx.fetch_optional(select, args![agency, service]).await?;
    let found = row.map(|row| Ok::<_, Error>(Placement { version: row.int(0)?, closed: row.text(1)? })).transpose()?;
    Ok(found.unwrap_or_default())
}

/// Something of the placement changed; the version from now on.
pub async fn touch(tx: &mut Tx, agency: &str, service: &str) -> Result<i64, Error> {
    let row = tx
        .fetch_one(
            "INSERT INTO placements (agency, service, version, closed) VALUES ($1, $2, 1, '')
             ON CONFLICT (agency, service) DO UPDATE SET version = placements.version + 1 RETURNING version",
            args![agency, service],
        )
        .await?;
    row.int(0)
}

pub async fn set_closed(tx: &mut Tx, agency: &str, service: &str, closed: &str) -> Result<(), Error> {
    tx.execute("UPDATE placements SET closed = $3 WHERE agency = $1 AND service = $2", args![agency, service, closed])
        .await?;
    Ok(())
}

/// Services that take no new applications for this reason.
pub async fn closed(tx: &mut Tx, reason: &str) -> Result<BTreeSet<(String, String)>, Error> {
    let rows = tx.fetch_all("SELECT agency, service FROM placements WHERE closed = $1", args![reason]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}
