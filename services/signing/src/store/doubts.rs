//! Seals whose keys may be in other hands: one officer's word, another's agreement, and what was sealed since.

use kernel::{PersonId, Time};
use sql::{Error, Row, Tx, args};

/// What stands against a seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    pub reason: String,
    /// What it sealed from this moment on may be somebody else's.
    pub since: Time,
    pub by: PersonId,
    pub withdrawn_by: Option<PersonId>,
}

/// A seal of an agency, and what stands against it.
pub struct Held {
    pub serial: Vec<u8>,
    pub since: Time,
    pub until: Time,
    pub revoked: Option<Time>,
    pub doubt: Option<Doubt>,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT seals.serial, seals.since, until, revoked, reason, doubts.since, doubted_by, withdrawn_by
             FROM seals LEFT JOIN doubts ON doubts.serial = seals.serial WHERE ",
            $condition
        )
    };
}

/// An agency's seals, the newest first.
pub async fn list(tx: &mut Tx, agency: &str, limit: i64) -> Result<Vec<Held>, Error> {
    let sql = select!("seals.agency = $1 ORDER BY seals.since DESC, seals.serial LIMIT $2");
    tx.fetch_all(sql, args![agency, limit]).await?.iter().map(held).collect()
}

/// One of them.
pub async fn find(tx: &mut Tx, agency: &str, serial: &[u8]) -> Result<Option<Held>, Error> {
    let row = tx.fetch_optional(select!("seals.agency = $1 AND seals.serial = $2"), args![agency, serial]).await?;
    row.as_ref().map(held).transpose()
}

fn held(row: &Row) -> Result<Held, Error> {
    let doubt = match row.opt_text(4)? {
        None => None,
        Some(reason) => Some(Doubt {
            reason,
            since: row.time(5)?,
            by: row.parsed(6, PersonId::from_slice)?,
            withdrawn_by: row.opt_blob(7)?.is_some().then(|| row.parsed(7, PersonId::from_slice)).transpose()?,
        }),
    };
    Ok(Held { serial: row.blob(0)?, since: row.time(1)?, until: row.time(2)?, revoked: row.opt_time(3)?, doubt })
}

/// Somebody says that a seal is not to be trusted, or says it otherwise before anybody agreed. False: somebody else did before.
pub async fn add(tx: &mut Tx, (agency, serial): (&str, &[u8]), doubt: &Doubt, now: Time) -> Result<bool, Error> {
    let added = tx
        .execute(
            "INSERT INTO doubts (serial, agency, reason, since, doubted_by, doubted) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (serial) DO UPDATE
               SET reason = excluded.reason, since = excluded.since, doubted = excluded.doubted
               WHERE doubts.doubted_by = excluded.doubted_by AND doubts.withdrawn_by IS NULL",
            args![serial, agency, &doubt.reason, doubt.since, doubt.by.to_vec(), now],
        )
        .await?;
    Ok(added == 1)
}

/// Another agrees to this word: from now on the seal seals nothing. False: it was withdrawn before, or it says something else by now.
pub async fn withdraw(tx: &mut Tx, serial: &[u8], word: &Doubt, by: PersonId, now: Time) -> Result<bool, Error> {
    let agreed = tx
        .execute(
            "UPDATE doubts SET withdrawn_by = $2
             WHERE serial = $1 AND reason = $3 AND since = $4 AND withdrawn_by IS NULL",
            args![serial, by.to_vec(), &word.reason, word.since],
        )
        .await?;
    if agreed == 0 {
        return Ok(false);
    }
    tx.execute("UPDATE seals SET revoked = $2 WHERE serial = $1 AND revoked IS NULL", args![serial, now]).await?;
    Ok(true)
}

/// From when on what a withdrawn seal sealed does not count; none, where the seal is in order.
pub async fn since(tx: &mut Tx, serial: &[u8]) -> Result<Option<Time>, Error> {
    let row = tx
        .fetch_optional(
            "SELECT doubts.since FROM seals JOIN doubts ON doubts.serial = seals.serial
             WHERE seals.serial = $1 AND revoked IS NOT NULL",
            args![serial],
        )
        .await?;
    row.map(|row| row.time(0)).transpose()
}

/// A document that a seal sealed.
pub struct Sealed {
    pub number: String,
    pub service: String,
    pub kind: String,
    pub sealed: Time,
}

/// What a seal sealed from a moment on and nobody has replaced or withdrawn yet, after a number.
pub async fn sealed_since(
    tx: &mut Tx,
    serial: &[u8],
    since: Time,
    (after, limit): (&str, i64),
) -> Result<Vec<Sealed>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT number, service, kind, sealed FROM documents
             WHERE seal = $1 AND sealed >= $2 AND number > $3 AND status = 'valid' ORDER BY number LIMIT $4",
            args![serial, since, after, limit],
        )
        .await?;
    let read = |row: &Row| {
        Ok(Sealed { number: row.text(0)?, service: row.text(1)?, kind: row.text(2)?, sealed: row.time(3)? })
    };
    rows.iter().map(read).collect()
}
