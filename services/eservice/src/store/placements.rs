//! A service's placement as the register last gave it: shares of its revisions, and whether new applications are taken.

use kernel::{Hash, Time};
use sql::{Error, Tx, args};

/// Of one revision.
pub struct Placed {
    pub revision: Hash,
    pub admitted: Time,
    pub share: i64,
}

/// Notes that the placement has this version now; it is read afterwards.
pub async fn hear(tx: &mut Tx, agency: &str, service: &str, version: i64) -> Result<(), Error> {
    let heard = tx
        .execute(
            "INSERT INTO service_placements (agency, service, version, heard, closed) VALUES ($1, $2, -1, $3, '')
             ON CONFLICT (agency, service) DO UPDATE SET heard = $3 WHERE service_placements.heard < $3",
            args![agency, service, version],
        )
        .await?;
    if heard > 0 {
        tx.leaves_work();
    }
    Ok(())
}

/// Services whose placement is not here as it was heard of.
pub async fn stale(tx: &mut Tx) -> Result<Vec<(String, String)>, Error> {
    let rows = tx.fetch_all("SELECT agency, service FROM service_placements WHERE version < heard", args![]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

/// Keeps a placement, unless a newer one is here.
pub async fn keep(
    tx: &mut Tx,
    (agency, service): (&str, &str),
    version: i64,
    closed: &str,
    placed: &[Placed],
) -> Result<(), Error> {
    let kept = tx
        .execute(
            "UPDATE service_placements SET version = $3, closed = $4 WHERE agency = $1 AND service = $2 AND version < $3",
            args![agency, service, version, closed],
        )
        .await?;
    if kept == 0 {
        return Ok(());
    }
    for Placed { revision, admitted, share } in placed {
        tx.execute(
            "UPDATE service_revisions SET share = $2, admitted = CASE WHEN admitted IS NULL THEN NULL ELSE $3 END WHERE revision = $1",
            args![*revision, *share, *admitted],
        )
        .await?;
    }
    Ok(())
}

/// Why a service takes no new applications; empty while it does.
pub async fn closed(tx: &mut Tx, agency: &str, service: &str) -> Result<String, Error> {
    let select = "SELECT closed FROM service_placements WHERE agency = $1 AND service = $2";
    let row = tx.fetch_optional(select, args![agency, service]).await?;
    Ok(row.map(|row| row.text(0)).transpose()?.unwrap_or_default())
}
