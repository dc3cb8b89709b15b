//! Cases and drafts as lists show them.

use kernel::{CaseId, PersonId, Time};
use sql::{Error, Row, Tx, args};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub case_id: CaseId,
    pub version: i64,
    pub number: String,
    pub agency: String,
    pub service: String,
    pub phase: String,
    pub status: String,
    pub outcome: String,
    pub applicant: PersonId,
    pub office: String,
    pub opened: Time,
    pub changed: Time,
    pub due: Time,
    /// The service's title by language, as it came (protobuf).
    pub title: Vec<u8>,
}

/// Writes the entry unless the index already knows a newer version; tells whether it did.
pub async fn put(tx: &mut Tx, entry: &Entry, lookups: &[Vec<u8>]) -> Result<bool, Error> {
    let written = tx
        .execute(
            "INSERT INTO entries (case_id, version, number, agency, service, phase, status, outcome, applicant, office,
                                  opened_us, changed_us, due_us, title)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (case_id) DO UPDATE SET
                 version = excluded.version, number = excluded.number, phase = excluded.phase, status = excluded.status,
                 outcome = excluded.outcome, office = excluded.office, changed_us = excluded.changed_us,
                 due_us = excluded.due_us, title = excluded.title
             WHERE entries.version < excluded.version",
            args![
                entry.case_id,
                entry.version,
                &entry.number,
                &entry.agency,
                &entry.service,
                &entry.phase,
                &entry.status,
                &entry.outcome,
                entry.applicant,
                &entry.office,
                entry.opened,
                entry.changed,
                entry.due,
                &entry.title
            ],
        )
        .await?;
    if written == 0 {
        return Ok(false);
    }
    tx.execute("DELETE FROM lookups WHERE case_id = $1", args![entry.case_id]).await?;
    for hash in lookups {
        tx.execute(
            "INSERT INTO lookups (hash, case_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            args![hash, entry.case_id],
        )
        .await?;
    }
    Ok(true)
}

/// The applicant's own cases, the latest change first; a discarded draft is no longer one.
pub async fn applications(tx: &mut Tx, applicant: PersonId, limit: i64) -> Result<Vec<Entry>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, version, number, agency, service, phase, status, outcome, applicant, office,
                    opened_us, changed_us, due_us, title
             FROM entries WHERE applicant = $1 AND phase <> 'discarded' ORDER BY changed_us DESC, case_id DESC LIMIT $2",
            args![applicant, limit],
        )
        .await?;
    rows.iter().map(entry).collect()
}

/// The version of this case that the index shows, if it knows the case.
pub async fn version_of(tx: &mut Tx, case_id: CaseId) -> Result<Option<i64>, Error> {
    let row = tx.fetch_optional("SELECT version FROM entries WHERE case_id = $1", args![case_id]).await?;
    row.map(|row| row.int(0)).transpose()
}

pub async fn mark_complete(tx: &mut Tx, producer: &str, at: Time) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO completeness (producer, complete_us) VALUES ($1, $2)
         ON CONFLICT (producer) DO UPDATE SET complete_us = excluded.complete_us",
        args![producer, at],
    )
    .await?;
    Ok(())
}

pub async fn complete_at(tx: &mut Tx, producer: &str) -> Result<Option<Time>, Error> {
    let row = tx.fetch_optional("SELECT complete_us FROM completeness WHERE producer = $1", args![producer]).await?;
    row.map(|row| row.time(0)).transpose()
}

fn entry(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        case_id: row.parsed(0, CaseId::from_slice)?,
        version: row.int(1)?,
        number: row.text(2)?,
        agency: row.text(3)?,
        service: row.text(4)?,
        phase: row.text(5)?,
        status: row.text(6)?,
        outcome: row.text(7)?,
        applicant: row.parsed(8, PersonId::from_slice)?,
        office: row.text(9)?,
        opened: row.time(10)?,
        changed: row.time(11)?,
        due: row.time(12)?,
        title: row.blob(13)?,
    })
}
