//! Outgoing messages as a log: written with the state change, numbered after the commit, read by anybody who lags.

use std::time::Duration;

use kernel::{
    Time, Trace,
    id::{CaseId, MessageId},
};

use crate::{Error, Row, Tx, args};

/// A message to be published once its transaction has committed. The body carries references, no form data.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub message_id: MessageId,
    pub name: String,
    pub agency: String,
    pub case: Option<(CaseId, i64)>,
    pub time: Time,
    pub body: Vec<u8>,
}

/// A committed message with its place in the log.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub sequence: i64,
    pub message: Outgoing,
    /// What it was enqueued in.
    pub trace: Option<Trace>,
}

/// The log's identity and end. A restored database starts a new epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub epoch: i64,
    pub last: i64,
}

/// Writes a message beside the change that it tells of, with the trace in which both happen.
pub async fn enqueue(tx: &mut Tx, message: &Outgoing) -> Result<(), Error> {
    let case = message.case.map(|(case, _)| case);
    let case_sequence = message.case.map(|(_, sequence)| sequence);
    tx.execute(
        "INSERT INTO outbox (message_id, name, agency, case_id, case_sequence, time, body, trace)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            message.message_id,
            &message.name,
            &message.agency,
            case,
            case_sequence,
            message.time,
            &message.body,
            Trace::current().map(|trace| trace.to_string())
        ],
    )
    .await?;
    tx.leaves_work();
    Ok(())
}

/// The log's head, made at first use. In a reading transaction of a log that was never touched: `(0, 0)`.
pub async fn head(tx: &mut Tx) -> Result<Head, Error> {
    let row = tx.fetch_optional("SELECT epoch, last FROM outbox_head WHERE one = 1", args![]).await?;
    row.map_or(Ok(Head { epoch: 0, last: 0 }), |row| head_of(&row))
}

fn head_of(row: &Row) -> Result<Head, Error> {
    Ok(Head { epoch: row.int(0)?, last: row.int(1)? })
}

/// Gives the next dense sequences to rows that have committed without one; returns the head after it.
/// Whoever else numbers at the same moment waits on the head's row, so numbers neither repeat nor skip.
pub async fn assign(tx: &mut Tx, limit: i64) -> Result<Head, Error> {
    let now = tx.database_now().await?;
    tx.execute(
        "INSERT INTO outbox_head (one, epoch, last, held_until) VALUES (1, $1, 0, 0) ON CONFLICT (one) DO NOTHING",
        args![now],
    )
    .await?;
    let row = tx.fetch_one("UPDATE outbox_head SET last = last WHERE one = 1 RETURNING epoch, last", args![]).await?;
    let head = head_of(&row)?;
    let numbered = tx
        .execute(
            "UPDATE outbox SET sequence = $1 + numbered.place
             FROM (SELECT id, row_number() OVER (ORDER BY id) AS place
                   FROM (SELECT id FROM outbox WHERE sequence IS NULL ORDER BY id LIMIT $2) AS fresh) AS numbered
             WHERE outbox.id = numbered.id",
            args![head.last, limit],
        )
        .await?;
    let last = head.last + i64::try_from(numbered).unwrap_or_default();
    tx.execute("UPDATE outbox_head SET last = $1 WHERE one = 1", args![last]).await?;
    Ok(Head { last, ..head })
}

/// Who holds the log, and until when. Whoever gave it back had published all of it.
pub async fn held_until(tx: &mut Tx) -> Result<Option<Time>, Error> {
    let holder = "SELECT held_until FROM outbox_head WHERE one = 1 AND holder IS NOT NULL";
    tx.fetch_optional(holder, args![]).await?.map(|row| row.time(0)).transpose()
}

/// Whether rows wait for a sequence: lets an idle relay look without writing.
pub async fn has_unnumbered(tx: &mut Tx) -> Result<bool, Error> {
    let row = tx.fetch_optional("SELECT 1 FROM outbox WHERE sequence IS NULL LIMIT 1", args![]).await?;
    Ok(row.is_some())
}

/// Rows after a sequence, in order.
pub async fn read(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Recorded>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT sequence, message_id, name, agency, case_id, case_sequence, time, body, trace
             FROM outbox WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            args![after, limit],
        )
        .await?;
    rows.iter().map(recorded).collect()
}

/// An agency's rows after a sequence, in order; others' leave gaps.
pub async fn read_of(tx: &mut Tx, agency: &str, after: i64, limit: i64) -> Result<Vec<Recorded>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT sequence, message_id, name, agency, case_id, case_sequence, time, body, trace
             FROM outbox WHERE agency = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
            args![agency, after, limit],
        )
        .await?;
    rows.iter().map(recorded).collect()
}

fn recorded(row: &Row) -> Result<Recorded, Error> {
    let case = match (row.opt_blob(4)?, row.opt_int(5)?) {
        (Some(id), Some(sequence)) => {
            let id = CaseId::from_slice(&id).map_err(|error| Error::Other(error.to_string()))?;
            Some((id, sequence))
        }
        _ => None,
    };
    let message = Outgoing {
        message_id: row.parsed(1, MessageId::from_slice)?,
        name: row.text(2)?,
        agency: row.text(3)?,
        case,
        time: row.time(6)?,
        body: row.blob(7)?,
    };
    let trace = row.opt_text(8)?.as_deref().and_then(Trace::parse);
    Ok(Recorded { sequence: row.int(0)?, message, trace })
}

/// Whether a message of this case has not got its place in the log yet.
pub async fn waits(tx: &mut Tx, case: CaseId) -> Result<bool, Error> {
    let row =
        tx.fetch_optional("SELECT 1 FROM outbox WHERE case_id = $1 AND sequence IS NULL LIMIT 1", args![case]).await?;
    Ok(row.is_some())
}

/// Leaves of a case's messages only their places: whoever reads the log later gets empty rows with their sequences.
pub async fn erase(tx: &mut Tx, case: CaseId) -> Result<u64, Error> {
    tx.execute(
        "UPDATE outbox SET name = '', agency = '', case_id = NULL, case_sequence = NULL, body = $2, trace = NULL
         WHERE case_id = $1",
        args![case, Vec::<u8>::new()],
    )
    .await
}

/// Lets one relay publish at a time: true while `holder` has the lease. Only an optimisation: numbering is fenced by itself.
pub async fn hold(tx: &mut Tx, holder: &[u8], lease: Duration) -> Result<bool, Error> {
    let now = tx.database_now().await?;
    tx.execute(
        "INSERT INTO outbox_head (one, epoch, last, held_until) VALUES (1, $1, 0, 0) ON CONFLICT (one) DO NOTHING",
        args![now],
    )
    .await?;
    let held = tx
        .execute(
            "UPDATE outbox_head SET holder = $1, held_until = $2
             WHERE one = 1 AND (holder = $1 OR holder IS NULL OR held_until < $3)",
            args![holder, now.plus(lease), now],
        )
        .await?;
    Ok(held == 1)
}

/// Gives the lease back once everything up to `published` is published and nothing came after it. False: something did.
pub async fn give_back(tx: &mut Tx, holder: &[u8], published: i64) -> Result<bool, Error> {
    let given = tx
        .execute(
            "UPDATE outbox_head SET holder = NULL, held_until = 0 WHERE one = 1 AND holder = $1 AND last = $2",
            args![holder, published],
        )
        .await?;
    Ok(given == 1)
}

/// After a restore: consumers notice the new epoch and read the log again. Later than every epoch of before, whatever the clock
/// says, and nobody holds the log from before.
pub async fn start_epoch(tx: &mut Tx) -> Result<i64, Error> {
    let now = tx.database_now().await?.micros();
    let row = tx
        .fetch_one(
            "INSERT INTO outbox_head (one, epoch, last, held_until) VALUES (1, $1, 0, 0)
             ON CONFLICT (one) DO UPDATE SET holder = NULL, held_until = 0,
                 epoch = CASE WHEN outbox_head.epoch < $1 THEN $1 ELSE outbox_head.epoch + 1 END
             RETURNING epoch",
            args![now],
        )
        .await?;
    row.int(0)
}
