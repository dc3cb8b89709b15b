//! Documents that their case forgot in a restore, and numbers that were given in a life that was lost.

use kernel::{
    Time,
    id::{CaseId, DocumentId},
};
use sql::{Error, Tx, args};

use super::documents::RECEIPT;

/// A document as far as it is compared.
pub struct Told {
    pub case: CaseId,
    pub id: DocumentId,
    pub number: String,
    pub status: String,
    pub owner: String,
    pub service: String,
}

/// Documents of the next cases after one, in the order of these: at most so many cases. Receipts stay out: cases know nothing
/// of them, payments does.
pub async fn of_cases(tx: &mut Tx, after: &[u8], limit: i64) -> Result<Vec<Told>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, document_id, number, status, owner, service FROM documents
             WHERE kind <> $3 AND case_id IN (
                 SELECT DISTINCT case_id FROM documents WHERE case_id > $1 AND kind <> $3 ORDER BY case_id LIMIT $2)
             ORDER BY case_id, document_id",
            args![after, limit, RECEIPT],
        )
        .await?;
    let told = rows.iter().map(|row| {
        Ok(Told {
            case: row.parsed(0, CaseId::from_slice)?,
            id: row.parsed(1, DocumentId::from_slice)?,
            number: row.text(2)?,
            status: row.text(3)?,
            owner: row.text(4)?,
            service: row.text(5)?,
        })
    });
    told.collect()
}

pub async fn unclaim(tx: &mut Tx, case: CaseId, document: DocumentId, now: Time) -> Result<bool, Error> {
    let unclaim = "UPDATE documents SET unclaimed = $3 WHERE document_id = $1 AND case_id = $2 AND unclaimed IS NULL";
    Ok(tx.execute(unclaim, args![document, case, now]).await? == 1)
}

/// Of a case's documents of a kind, those that it does not know and that still count.
pub async fn unclaimed(tx: &mut Tx, case: CaseId, kind: &str) -> Result<Vec<DocumentId>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT document_id FROM documents
             WHERE case_id = $1 AND kind = $2 AND unclaimed IS NOT NULL AND status = 'valid' ORDER BY document_id",
            args![case, kind],
        )
        .await?;
    rows.iter().map(|row| row.parsed(0, DocumentId::from_slice)).collect()
}

/// How many numbers of an agency were given, in each year and pattern.
pub async fn given(tx: &mut Tx, agency: &str) -> Result<Vec<(i64, String, i64)>, Error> {
    let sql = "SELECT year, pattern, last FROM numbers WHERE agency = $1 ORDER BY year, pattern";
    let rows = tx.fetch_all(sql, args![agency]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?, row.int(2)?))).collect()
}

pub async fn skip(tx: &mut Tx, agency: &str, year: i64, pattern: &str, last: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO numbers (agency, year, pattern, last) VALUES ($1, $2, $3, $4)
         ON CONFLICT (agency, year, pattern) DO UPDATE SET last = $4 WHERE numbers.last < $4",
        args![agency, year, pattern, last],
    )
    .await?;
    Ok(())
}
