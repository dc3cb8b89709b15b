//! Admitted revisions: immutable bytes by hash, with the register's signature.

use kernel::{Hash, Time};
use sql::{Error, Row, Tx, args};

use crate::domain::choice::Entry;

/// An admitted revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub entry: Entry,
    /// Canonical JSON (RFC 8785).
    pub definition: Vec<u8>,
    /// Compact JWS by the register.
    pub signature: String,
}

const ENTRY: &str =
    "SELECT revision, agency, service, admitted, effective_from, draft, share, placed, change, reason FROM admissions";

fn entry(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        revision: row.parsed(0, Hash::from_slice)?,
        agency: row.text(1)?,
        service: row.text(2)?,
        admitted: row.time(3)?,
        effective_from: row.text(4)?,
        draft: row.bool(5)?,
        share: row.int(6)?,
        placed: row.time(7)?,
        change: row.text(8)?,
        reason: row.text(9)?,
    })
}

/// Admits a revision, or the same bytes again with a new time.
pub async fn put(tx: &mut Tx, admission: &Admission) -> Result<(), Error> {
    let entry = &admission.entry;
    tx.execute(
        "INSERT INTO admissions (revision, agency, service, definition, admitted, admission, effective_from, draft,
                                 share, placed, change, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (revision) DO UPDATE SET admitted = $5, admission = $6, draft = $8, share = $9, placed = $10,
                                              change = $11, reason = $12",
        args![
            entry.revision,
            &entry.agency,
            &entry.service,
            &admission.definition,
            entry.admitted,
            &admission.signature,
            &entry.effective_from,
            entry.draft,
            entry.share,
            entry.placed,
            &entry.change,
            &entry.reason
        ],
    )
    .await?;
    Ok(())
}

/// Offers a revision to another share of people.
pub async fn place(tx: &mut Tx, revision: Hash, share: i64, reason: &str, now: Time) -> Result<(), Error> {
    tx.execute(
        "UPDATE admissions SET share = $2, placed = $3, reason = $4 WHERE revision = $1",
        args![revision, share, now, reason],
    )
    .await?;
    Ok(())
}

/// The revision of this hash.
pub async fn by_hash(tx: &mut Tx, revision: Hash) -> Result<Option<Admission>, Error> {
    let select = "SELECT revision, agency, service, admitted, effective_from, draft, share, placed, change, reason, definition, admission
                  FROM admissions WHERE revision = $1";
    let row = tx.fetch_optional(select, args![revision]).await?;
    let read = |row: Row| Ok(Admission { entry: entry(&row)?, definition: row.blob(10)?, signature: row.text(11)? });
    row.map(read).transpose()
}

/// The revision of a service that was admitted last.
pub async fn newest(tx: &mut Tx, agency: &str, service: &str) -> Result<Option<Entry>, Error> {
    let all = service_entries(tx, agency, service).await?;
    Ok(all.into_iter().max_by_key(|entry| entry.admitted))
}

async fn service_entries(tx: &mut Tx, agency: &str, service: &str) -> Result<Vec<Entry>, Error> {
    let select = sql::AssertSqlSafe(format!("{ENTRY} WHERE agency = $1 AND service = $2"));
    let rows = tx.fetch_all(select, args![agency, service]).await?;
    rows.iter().map(entry).collect()
}

/// Every entry; of one service when it is named.
pub async fn entries(tx: &mut Tx, of: Option<(&str, &str)>) -> Result<Vec<Entry>, Error> {
    match of {
        Some((agency, service)) => service_entries(tx, agency, service).await,
        None => tx.fetch_all(ENTRY, args![]).await?.iter().map(entry).collect(),
    }
}
