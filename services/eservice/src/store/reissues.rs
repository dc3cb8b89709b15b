//! Documents that are issued again, many at once: the batch as two persons agreed on it, and each document's own way.

use kernel::{CaseId, DocumentId, Hash, PersonId, Time};
use sql::{Error, Row, Tx, args};

/// What is ordered for all of its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: Hash,
    /// `agency/service`.
    pub service: String,
    pub document: String,
    pub template: Hash,
    pub reason: String,
    pub note: String,
    pub proposer: PersonId,
    pub proposed: Time,
    pub approver: Option<PersonId>,
    pub finished: bool,
}

/// One of its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub document: DocumentId,
    pub case: CaseId,
    pub number: String,
    pub state: String,
    pub code: String,
}

/// Where an item stands.
pub const WAITING: &str = "waiting";
pub const ASKED: &str = "asked";
pub const ISSUED: &str = "issued";
pub const REFUSED: &str = "refused";

pub async fn propose(tx: &mut Tx, batch: &Batch, items: &[Item]) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO reissues (batch, hosted_service, document, template, reason, note, proposer, proposed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            batch.id,
            &batch.service,
            &batch.document,
            batch.template,
            &batch.reason,
            &batch.note,
            batch.proposer,
            batch.proposed
        ],
    )
    .await?;
    for item in items {
        tx.execute(
            "INSERT INTO reissued_documents (batch, document_id, hosted_service, case_id, number, state, code)
             VALUES ($1, $2, $3, $4, $5, $6, '')",
            args![batch.id, item.document, &batch.service, item.case, &item.number, WAITING],
        )
        .await?;
    }
    Ok(())
}

/// False: somebody approved it before.
pub async fn approve(tx: &mut Tx, batch: Hash, by: PersonId, now: Time) -> Result<bool, Error> {
    let update = "UPDATE reissues SET approver = $2, approved = $3 WHERE batch = $1 AND approved IS NULL";
    let changed = tx.execute(update, args![batch, by, now]).await?;
    // There is something to do from now on.
    tx.leaves_work();
    Ok(changed == 1)
}

pub async fn read(tx: &mut Tx, service: &str, batch: Hash) -> Result<Option<Batch>, Error> {
    let select =
        "SELECT batch, hosted_service, document, template, reason, note, proposer, proposed, approver, finished
                  FROM reissues WHERE batch = $1 AND hosted_service = $2";
    tx.fetch_optional(select, args![batch, service]).await?.map(|row| opened(&row)).transpose()
}

/// The newest of a service.
pub async fn newest(tx: &mut Tx, service: &str, limit: i64) -> Result<Vec<Batch>, Error> {
    let select =
        "SELECT batch, hosted_service, document, template, reason, note, proposer, proposed, approver, finished
                  FROM reissues WHERE hosted_service = $1 ORDER BY proposed DESC, batch LIMIT $2";
    tx.fetch_all(select, args![service, limit]).await?.iter().map(opened).collect()
}

/// Whether any batch is under way.
pub async fn any(tx: &mut Tx) -> Result<bool, Error> {
    let one = "SELECT 1 FROM reissues WHERE approved IS NOT NULL AND finished IS NULL ORDER BY batch LIMIT 1";
    Ok(tx.fetch_optional(one, args![]).await?.is_some())
}

/// Every batch that is under way.
pub async fn under_way(tx: &mut Tx) -> Result<Vec<Batch>, Error> {
    let select =
        "SELECT batch, hosted_service, document, template, reason, note, proposer, proposed, approver, finished
                  FROM reissues WHERE approved IS NOT NULL AND finished IS NULL ORDER BY batch";
    tx.fetch_all(select, args![]).await?.iter().map(opened).collect()
}

/// Its documents in this state, in the order of their ids.
pub async fn items(tx: &mut Tx, batch: Hash, state: &str, after: DocumentId, limit: i64) -> Result<Vec<Item>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT document_id, case_id, number, state, code FROM reissued_documents
             WHERE batch = $1 AND state = $2 AND document_id > $3 ORDER BY document_id LIMIT $4",
            args![batch, state, after, limit],
        )
        .await?;
    rows.iter().map(item).collect()
}

/// How many of its documents are in each state.
pub async fn counts(tx: &mut Tx, batch: Hash) -> Result<Vec<(String, i64)>, Error> {
    let select = "SELECT state, COUNT(*) FROM reissued_documents WHERE batch = $1 GROUP BY state ORDER BY state";
    let rows = tx.fetch_all(select, args![batch]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// What has come to its end stays so, whichever copy of the host sees it later.
pub async fn mark(tx: &mut Tx, batch: Hash, document: DocumentId, state: &str, code: &str) -> Result<(), Error> {
    let update = "UPDATE reissued_documents SET state = $3, code = $4
                  WHERE batch = $1 AND document_id = $2 AND state IN ('waiting', 'asked')";
    tx.execute(update, args![batch, document, state, code]).await?;
    Ok(())
}

/// Once none of its documents waits for anything; true: it has just come to its end.
pub async fn finish(tx: &mut Tx, batch: Hash, now: Time) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE reissues SET finished = $2 WHERE batch = $1 AND finished IS NULL AND NOT EXISTS (
                 SELECT 1 FROM reissued_documents WHERE batch = $1 AND state IN ('waiting', 'asked'))",
            args![batch, now],
        )
        .await?;
    Ok(changed == 1)
}

fn opened(row: &Row) -> Result<Batch, Error> {
    let approver = row.opt_blob(8)?.map(|id| PersonId::from_slice(&id)).transpose();
    Ok(Batch {
        id: row.parsed(0, Hash::from_slice)?,
        service: row.text(1)?,
        document: row.text(2)?,
        template: row.parsed(3, Hash::from_slice)?,
        reason: row.text(4)?,
        note: row.text(5)?,
        proposer: row.parsed(6, PersonId::from_slice)?,
        proposed: row.time(7)?,
        approver: approver.map_err(|failure| Error::Other(failure.to_string()))?,
        finished: row.opt_time(9)?.is_some(),
    })
}

fn item(row: &Row) -> Result<Item, Error> {
    Ok(Item {
        document: row.parsed(0, DocumentId::from_slice)?,
        case: row.parsed(1, CaseId::from_slice)?,
        number: row.text(2)?,
        state: row.text(3)?,
        code: row.text(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MIGRATIONS;

    const NOW: Time = Time::from_seconds(1_790_000_000);

    #[tokio::test]
    async fn a_batch_is_under_way_from_its_approval_until_nothing_of_it_waits() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let batch = Batch {
                id: Hash::of(b"batch"),
                service: "justice/copy".into(),
                document: "certificate".into(),
                template: Hash::of(b"revision"),
                reason: "error".into(),
                note: "The template named another law".into(),
                proposer: PersonId::from_bytes([2; 16]),
                proposed: NOW,
                approver: None,
                finished: false,
            };
            let items_of = [3, 4].map(|number| Item {
                document: DocumentId::from_bytes([number; 16]),
                case: CaseId::from_bytes([number; 16]),
                number: format!("justice-2026-{number}"),
                state: WAITING.into(),
                code: String::new(),
            });
            propose(&mut tx, &batch, &items_of).await.unwrap();
            assert!(!any(&mut tx).await.unwrap(), "{engine}: nobody approved it");
            assert_eq!(read(&mut tx, "justice/other", batch.id).await.unwrap(), None, "{engine}: another service's");
            assert_eq!(newest(&mut tx, "justice/copy", 9).await.unwrap(), std::slice::from_ref(&batch), "{engine}");
            assert!(newest(&mut tx, "justice/other", 9).await.unwrap().is_empty(), "{engine}");
            let second = PersonId::from_bytes([5; 16]);
            assert!(approve(&mut tx, batch.id, second, NOW).await.unwrap());
            assert!(!approve(&mut tx, batch.id, batch.proposer, NOW).await.unwrap(), "{engine}: once");
            let open = under_way(&mut tx).await.unwrap();
            assert_eq!(open, [Batch { approver: Some(second), ..batch.clone() }], "{engine}");
            let first = DocumentId::from_bytes([0; 16]);
            let page = items(&mut tx, batch.id, WAITING, first, 1).await.unwrap();
            assert_eq!(page, items_of[..1], "{engine}");
            assert_eq!(
                items(&mut tx, batch.id, WAITING, page[0].document, 9).await.unwrap(),
                items_of[1..],
                "{engine}"
            );
            for (item, state) in items_of.iter().zip([ISSUED, ASKED]) {
                mark(&mut tx, batch.id, item.document, state, "").await.unwrap();
            }
            assert!(!finish(&mut tx, batch.id, NOW).await.unwrap(), "{engine}: one is on its way");
            mark(&mut tx, batch.id, items_of[1].document, REFUSED, "document.template").await.unwrap();
            let counted = counts(&mut tx, batch.id).await.unwrap();
            assert_eq!(counted, [(ISSUED.to_owned(), 1), (REFUSED.to_owned(), 1)], "{engine}");
            assert!(finish(&mut tx, batch.id, NOW).await.unwrap() && !any(&mut tx).await.unwrap(), "{engine}");
            assert!(read(&mut tx, "justice/copy", batch.id).await.unwrap().unwrap().finished, "{engine}");
        }
    }
}
