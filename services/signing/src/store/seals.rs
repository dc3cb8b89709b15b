//! Certificates of agencies' seals, and the append-only record of what each of them sealed.

use kernel::{Hash, Time, id::DocumentId};
use proto::KnownSeal;
use sql::{Error, Row, Tx, args};

pub struct Seal {
    pub serial: Vec<u8>,
    pub agency: String,
    pub key_name: String,
    /// DER.
    pub certificate: Vec<u8>,
    pub since: Time,
    pub until: Time,
}

/// The agency's newest seal that is in force.
pub async fn current(tx: &mut Tx, agency: &str, now: Time) -> Result<Option<Seal>, Error> {
    let row = tx
        .fetch_optional(
            "SELECT serial, agency, key_name, certificate, since, until FROM seals
             WHERE agency = $1 AND revoked IS NULL AND since <= $2 AND until > $2 ORDER BY since DESC LIMIT 1",
            args![agency, now],
        )
        .await?;
    row.map(|row| seal(&row)).transpose()
}

fn seal(row: &Row) -> Result<Seal, Error> {
    Ok(Seal {
        serial: row.blob(0)?,
        agency: row.text(1)?,
        key_name: row.text(2)?,
        certificate: row.blob(3)?,
        since: row.time(4)?,
        until: row.time(5)?,
    })
}

/// Whether the agency ever had a seal.
pub async fn is_of(tx: &mut Tx, agency: &str) -> Result<bool, Error> {
    Ok(tx.fetch_optional("SELECT 1 FROM seals WHERE agency = $1 LIMIT 1", args![agency]).await?.is_some())
}

pub async fn add(tx: &mut Tx, seal: &Seal) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO seals (serial, agency, key_name, certificate, since, until) VALUES ($1, $2, $3, $4, $5, $6)",
        args![&seal.serial, &seal.agency, &seal.key_name, &seal.certificate, seal.since, seal.until],
    )
    .await?;
    Ok(())
}

/// Serial and time of every revoked seal.
pub async fn revoked(tx: &mut Tx) -> Result<Vec<(Vec<u8>, Time)>, Error> {
    let rows = tx
        .fetch_all("SELECT serial, revoked FROM seals WHERE revoked IS NOT NULL ORDER BY revoked, serial", args![])
        .await?;
    rows.iter().map(|row| Ok((row.blob(0)?, row.time(1)?))).collect()
}

/// The same with their agencies, as they are compared after a restore.
pub async fn withdrawn(tx: &mut Tx) -> Result<Vec<KnownSeal>, Error> {
    let sql = "SELECT agency, serial FROM seals WHERE revoked IS NOT NULL ORDER BY agency, serial";
    let rows = tx.fetch_all(sql, args![]).await?;
    rows.iter().map(|row| Ok(KnownSeal { agency: row.text(0)?, serial: row.blob(1)? })).collect()
}

/// Records a sealed file; committed before the file is released. False: the seal was withdrawn meanwhile, and the file is not to be.
pub async fn record(tx: &mut Tx, document: DocumentId, hash: Hash, seal: &Seal, now: Time) -> Result<bool, Error> {
    // Whoever withdraws the seal waits for this one to be recorded, or this one for them.
    let held = "UPDATE seals SET agency = agency WHERE serial = $1 AND revoked IS NULL";
    if tx.execute(held, args![&seal.serial]).await? == 0 {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO sealed (document_id, hash, agency, serial, time) VALUES ($1, $2, $3, $4, $5)",
        args![document, hash, &seal.agency, &seal.serial, now],
    )
    .await?;
    Ok(true)
}

/// Seals of an agency since then: what an alarm on an unusual hour looks at.
pub async fn count_since(tx: &mut Tx, agency: &str, since: Time) -> Result<i64, Error> {
    tx.fetch_one("SELECT COUNT(*) FROM sealed WHERE agency = $1 AND time >= $2", args![agency, since]).await?.int(0)
}
