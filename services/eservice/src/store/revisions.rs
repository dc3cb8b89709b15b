//! Which revisions a service has, and what agencies say about themselves; kept so that cases run while the register is away.

use kernel::{Hash, Time};
use sql::{Error, Tx, args};

/// Notes that a revision exists; its copy is fetched afterwards.
pub async fn announce(tx: &mut Tx, revision: Hash, agency: &str, service: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO service_revisions (revision, agency, service) VALUES ($1, $2, $3) ON CONFLICT (revision) DO NOTHING",
        args![revision, agency, service],
    )
    .await?;
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

/// Which revision a submission on this day follows: the one in force latest, the newest admitted among equals.
pub async fn in_force(tx: &mut Tx, agency: &str, service: &str, day: &str) -> Result<Option<Hash>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT revision, effective_from, admitted FROM service_revisions
             WHERE agency = $1 AND service = $2 AND effective_from IS NOT NULL",
            args![agency, service],
        )
        .await?;
    let mut best: Option<(String, i64, Hash)> = None;
    for row in rows {
        let candidate = (row.text(1)?, row.int(2)?, row.parsed(0, Hash::from_slice)?);
        // ISO 8601 dates compare as text.
        if candidate.0.as_str() <= day && best.as_ref().is_none_or(|best| candidate > *best) {
            best = Some(candidate);
        }
    }
    Ok(best.map(|(_, _, revision)| revision))
}

pub async fn newest_admission(tx: &mut Tx) -> Result<Option<Time>, Error> {
    let row = tx.fetch_one("SELECT MAX(admitted) FROM service_revisions", args![]).await?;
    row.opt_time(0)
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
