//! Events that wait for the host of their case's service, in the order in which they were laid by.

use bus::Place;
use kernel::{CaseId, MessageId, Time};
use sql::{Error, Row, Tx, args};

/// An event laid by for a service of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaidBy {
    /// Grows in the order of laying.
    pub number: i64,
    pub case: CaseId,
    pub place: Place,
}

/// Lays an event by for the host of a service, as `agency/service`; once.
pub async fn lay(
    tx: &mut Tx,
    service: &str,
    case: CaseId,
    (producer, place): (&str, &Place),
    now: Time,
) -> Result<(), Error> {
    // Without the name of an index: PostgreSQL would ask for the right to see the row.
    tx.execute(
        "INSERT INTO events_laid_by (hosted_service, case_id, producer, message_id, epoch, sequence, laid)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        args![service, case, producer, place.message_id, place.epoch, place.sequence, now],
    )
    .await?;
    // Whoever has rows of a service under its role takes its events, whatever its settings say.
    tx.leaves_work();
    Ok(())
}

/// Takes back what was laid by for a case that there is none of. One statement asks for both: a host that does not see the row
/// does not see the case either. False: the event waits for whoever does.
pub async fn is_nobodys(tx: &mut Tx, service: &str, case: CaseId, message: MessageId) -> Result<bool, Error> {
    let taken = tx
        .execute(
            "DELETE FROM events_laid_by WHERE hosted_service = $1 AND case_id = $2 AND message_id = $3
             AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.case_id = $2 AND erased IS NULL)",
            args![service, case, message],
        )
        .await?;
    Ok(taken > 0)
}

/// What waits for this host after a number.
pub async fn after(tx: &mut Tx, producer: &str, number: i64, limit: i64) -> Result<Vec<LaidBy>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT place, case_id, message_id, epoch, sequence FROM events_laid_by
             WHERE place > $1 AND producer = $2 ORDER BY place LIMIT $3",
            args![number, producer, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<LaidBy, Error> {
    let place = Place { message_id: row.parsed(2, MessageId::from_slice)?, epoch: row.int(3)?, sequence: row.int(4)? };
    Ok(LaidBy { number: row.int(0)?, case: row.parsed(1, CaseId::from_slice)?, place })
}

/// Whether anything waits for this host.
pub async fn any(tx: &mut Tx) -> Result<bool, Error> {
    Ok(tx.fetch_optional("SELECT 1 FROM events_laid_by LIMIT 1", args![]).await?.is_some())
}

/// Whether anything about this case waits.
pub async fn of_case(tx: &mut Tx, case: CaseId) -> Result<bool, Error> {
    let one = "SELECT 1 FROM events_laid_by WHERE case_id = $1 LIMIT 1";
    Ok(tx.fetch_optional(one, args![case]).await?.is_some())
}

/// Takes it, in the transaction of its effect; false: another copy did, or another host has the service by now.
pub async fn take(tx: &mut Tx, laid: &LaidBy) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM events_laid_by WHERE place = $1", args![laid.number]).await? == 1)
}
