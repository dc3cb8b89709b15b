//! Which revisions a service has, and what agencies say about themselves; kept so that cases run while the register is away.

use kernel::{Hash, Time};
use sql::{Error, Row, Tx, args};

use crate::domain::offer::Offered;

/// Notes that a revision exists; its copy is fetched afterwards, and nobody is offered it before its placement is known.
pub async fn announce(tx: &mut Tx, revision: Hash, agency: &str, service: &str) -> Result<(), Error> {
    let announced = tx
        .execute(
            "INSERT INTO service_revisions (revision, agency, service, share) VALUES ($1, $2, $3, 0)
             ON CONFLICT (revision) DO NOTHING",
            args![revision, agency, service],
        )
        .await?;
    if announced > 0 {
        tx.leaves_work();
    }
    Ok(())
}

/// Announced revisions whose copy is not here yet.
pub async fn missing(tx: &mut Tx) -> Result<Vec<Hash>, Error> {
    let rows = tx.fetch_all("SELECT revision FROM service_revisions WHERE effective_from IS NULL", args![]).await?;
    rows.iter().map(|row| row.parsed(0, Hash::from_slice)).collect()
}

/// The copy is here: from which day it counts (ISO 8601 date; empty: at once).
pub async fn ready(tx: &mut Tx, revision: Hash, admitted: Time, effective_from: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE service_revisions SET admitted = $1, effective_from = $2 WHERE revision = $3",
        args![admitted, effective_from, revision],
    )
    .await?;
    Ok(())
}

/// Every revision of a service whose copy is here.
pub async fn offered(tx: &mut Tx, agency: &str, service: &str) -> Result<Vec<Offered>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT revision, effective_from, admitted, share FROM service_revisions
             WHERE agency = $1 AND service = $2 AND effective_from IS NOT NULL",
            args![agency, service],
        )
        .await?;
    let offered = |row: &Row| {
        Ok(Offered {
            revision: row.parsed(0, Hash::from_slice)?,
            effective_from: row.text(1)?,
            admitted: row.time(2)?,
            share: row.int(3)?,
        })
    };
    rows.iter().map(offered).collect()
}

/// Every service of which a revision can run here.
pub async fn services(tx: &mut Tx) -> Result<Vec<(String, String)>, Error> {
    let sql = "SELECT DISTINCT agency, service FROM service_revisions WHERE effective_from IS NOT NULL";
    let rows = tx.fetch_all(sql, args![]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

pub async fn keep_agency(tx: &mut Tx, agency: &str, resource: &[u8], now: Time) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO agencies (agency, resource, read) VALUES ($1, $2, $3)
         ON CONFLICT (agency) DO UPDATE SET resource = $2, read = $3",
        args![agency, resource, now],
    )
    .await?;
    Ok(())
}

/// The agency's resource as JSON, and when it was read.
pub async fn agency(tx: &mut Tx, agency: &str) -> Result<Option<(Vec<u8>, Time)>, Error> {
    let row = tx.fetch_optional("SELECT resource, read FROM agencies WHERE agency = $1", args![agency]).await?;
    row.map(|row| Ok((row.blob(0)?, row.time(1)?))).transpose()
}
