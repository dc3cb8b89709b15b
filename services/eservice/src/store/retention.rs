//! Which cases are due to be erased, which are held, and what is left of an erased one.

use std::collections::BTreeMap;

use kernel::{CaseId, Failure, Hash, PersonId, Time};
use proto::eservice::v1::{Record, Records};
use sql::{Error, Row, Tx, args};

use super::{cases::Case, laid_by};

/// Cases whose retention is over and that no hold keeps any more.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<CaseId>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id FROM cases
             WHERE erase_due <= $1 AND (held IS NULL OR held_until <= $1) AND erased IS NULL
             ORDER BY erase_due LIMIT $2",
            args![now, limit],
        )
        .await?;
    rows.iter().map(|row| row.parsed(0, CaseId::from_slice)).collect()
}

/// Looks at a case again later; why it waits is told to whoever looks after the records.
pub async fn later(tx: &mut Tx, case: CaseId, due: Time, waits: &str) -> Result<(), Error> {
    let update = "UPDATE cases SET erase_due = $1, erase_waits = $2 WHERE case_id = $3 AND erased IS NULL";
    tx.execute(update, args![due, waits, case]).await?;
    Ok(())
}

/// A legal hold on a case, as an archivist lays it.
pub struct Hold<'a> {
    pub since: Time,
    /// None: until somebody ends it.
    pub until: Option<Time>,
    pub by: PersonId,
    /// Sealed.
    pub reason: &'a str,
}

/// Lays a hold, or gives the one that stands another end; false: it stands until then already.
pub async fn hold(tx: &mut Tx, case: CaseId, hold: &Hold<'_>) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE cases SET held = CASE WHEN held IS NULL OR held_until <= $1 THEN $1 ELSE held END,
                              held_until = $2, held_by = $3, held_for = $4
             WHERE case_id = $5 AND erased IS NULL AND (held IS NULL OR held_until IS DISTINCT FROM $2)",
            args![hold.since, hold.until, hold.by, hold.reason, case],
        )
        .await?;
    // Where it ends earlier now, the case may be due earlier.
    tx.leaves_work();
    Ok(changed == 1)
}

/// Ends a hold before its time; false: none stands.
pub async fn release(tx: &mut Tx, case: CaseId, now: Time) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE cases SET held = NULL, held_until = NULL, held_by = NULL, held_for = NULL
             WHERE case_id = $1 AND erased IS NULL AND held IS NOT NULL AND (held_until IS NULL OR held_until > $2)",
            args![case, now],
        )
        .await?;
    // The case may be due.
    tx.leaves_work();
    Ok(changed == 1)
}

/// Orders a case's erasure before its time; false: a hold stands.
pub async fn order(tx: &mut Tx, case: CaseId, now: Time, under: &BTreeMap<String, String>) -> Result<bool, Failure> {
    let changed = tx
        .execute(
            "UPDATE cases SET erase_due = $1, erased_under = $2
             WHERE case_id = $3 AND (held IS NULL OR held_until <= $1) AND erased IS NULL",
            args![now, json(under)?, case],
        )
        .await?;
    tx.leaves_work();
    Ok(changed == 1)
}

/// The act under which the erasure was ordered before its time, if it was.
pub async fn ordered(tx: &mut Tx, case: CaseId) -> Result<Option<BTreeMap<String, String>>, Failure> {
    let row = tx.fetch_one("SELECT erased_under FROM cases WHERE case_id = $1", args![case]).await?;
    Ok(row.opt_text(0)?.map(|under| texts(&under)))
}

/// Whether something the case asked for, or a message about it, has not left yet, or something that was heard not arrived.
pub async fn is_busy(tx: &mut Tx, case: CaseId) -> Result<bool, Error> {
    let open = "SELECT 1 FROM case_actions WHERE case_id = $1 AND state <> 'done' LIMIT 1";
    Ok(tx.fetch_optional(open, args![case]).await?.is_some()
        || sql::outbox::waits(tx, case).await?
        || laid_by::of_case(tx, case).await?)
}

/// Whether a case that began from this one, or from one that did (an appeal, a renewal, a correction), is a draft or runs.
pub async fn is_continued(tx: &mut Tx, case: CaseId) -> Result<bool, Error> {
    let open = "WITH RECURSIVE onward (case_id, phase) AS (
                    SELECT case_id, phase FROM cases WHERE origin = $1
                    UNION
                    SELECT cases.case_id, cases.phase FROM cases JOIN onward ON cases.origin = onward.case_id)
                SELECT phase FROM onward WHERE phase NOT IN ('discarded', 'ended') LIMIT 1";
    Ok(tx.fetch_optional(open, args![case]).await?.is_some())
}

/// Ids of everything the case ever asked for.
pub async fn actions(tx: &mut Tx, case: CaseId) -> Result<Vec<Vec<u8>>, Error> {
    let rows =
        tx.fetch_all("SELECT action_id FROM case_actions WHERE case_id = $1 ORDER BY action_id", args![case]).await?;
    rows.iter().map(|row| row.blob(0)).collect()
}

/// Destroys the key, and with it whatever it sealed; false: the case changed meanwhile, or a hold was laid on it.
/// Its sealed events stay where they are, as bytes that nothing opens any more.
pub async fn destroy(
    tx: &mut Tx,
    case: &Case,
    now: Time,
    under: &BTreeMap<String, String>,
    mark: Hash,
) -> Result<bool, Failure> {
    let destroyed = tx
        .execute(
            "UPDATE cases SET version = version + 1, wrapped_key = $1, state = $1, applicant = $2, representative = NULL,
                              taken_by = NULL, taken_original = NULL, erase_due = NULL, erase_waits = NULL, held = NULL,
                              held_until = NULL, held_by = NULL, held_for = NULL, erased = $3, erased_under = $4
             WHERE case_id = $5 AND version = $6 AND (held IS NULL OR held_until <= $3) AND erased IS NULL",
            args![Vec::<u8>::new(), mark, now, json(under)?, case.id, case.version],
        )
        .await?;
    if destroyed == 0 {
        return Ok(false);
    }
    tx.execute("DELETE FROM case_actions WHERE case_id = $1", args![case.id]).await?;
    tx.execute("DELETE FROM case_timers WHERE case_id = $1", args![case.id]).await?;
    tx.execute("DELETE FROM case_marks WHERE case_id = $1", args![case.id]).await?;
    tx.execute("DELETE FROM case_waits WHERE case_id = $1", args![case.id]).await?;
    tx.execute("DELETE FROM case_endings WHERE case_id = $1", args![case.id]).await?;
    tx.execute("DELETE FROM case_ratings WHERE case_id = $1", args![case.id]).await?;
    tx.execute("DELETE FROM reissued_documents WHERE case_id = $1", args![case.id]).await?;
    files::pieces::remove(tx, case.id).await?;
    sql::outbox::erase(tx, case.id).await?;
    tx.destroys();
    Ok(true)
}

/// What is left of an erased case.
pub struct Erased {
    pub at: Time,
    pub under: BTreeMap<String, String>,
    pub version: i64,
    pub agency: String,
    pub service: String,
    pub revision: Hash,
    pub number: String,
    pub mark: Vec<u8>,
}

pub async fn erased(tx: &mut Tx, case: CaseId) -> Result<Option<Erased>, Error> {
    let row = tx
        .fetch_optional(
            "SELECT erased, erased_under, version, agency, service, revision, number, applicant FROM cases
             WHERE case_id = $1 AND erased IS NOT NULL",
            args![case],
        )
        .await?;
    row.map(|row| {
        Ok(Erased {
            at: row.time(0)?,
            under: texts(&row.opt_text(1)?.unwrap_or_default()),
            version: row.int(2)?,
            agency: row.text(3)?,
            service: row.text(4)?,
            revision: row.parsed(5, Hash::from_slice)?,
            number: row.opt_text(6)?.unwrap_or_default(),
            mark: row.blob(7)?,
        })
    })
    .transpose()
}

/// The case that has this number in its agency.
pub async fn numbered(tx: &mut Tx, agency: &str, number: &str) -> Result<Option<CaseId>, Error> {
    let row =
        tx.fetch_optional("SELECT case_id FROM cases WHERE agency = $1 AND number = $2", args![agency, number]).await?;
    row.map(|row| row.parsed(0, CaseId::from_slice)).transpose()
}

/// How many cases of each kind a report names.
const REPORTED_MAX: i64 = 200;

/// On which case a hold stands, and who laid it; of an earlier release's it is not known.
pub struct Standing {
    pub case: CaseId,
    pub by: Option<PersonId>,
}

/// What of a service is due to be erased before a moment, the next first; and what is held now, those first that end first, each reason
/// as it is kept.
pub async fn records(
    tx: &mut Tx,
    (agency, service): (&str, &str),
    now: Time,
    until: Time,
) -> Result<(Records, Vec<Standing>), Error> {
    let due = tx
        .fetch_all(
            "SELECT number, erase_due, CASE WHEN erased_under IS NULL THEN 0 ELSE 1 END, erase_waits FROM cases
             WHERE agency = $1 AND service = $2 AND erase_due < $3 AND (held IS NULL OR held_until <= $4) AND erased IS NULL
             ORDER BY erase_due, case_id LIMIT $5",
            args![agency, service, until, now, REPORTED_MAX],
        )
        .await?;
    let held = tx
        .fetch_all(
            "SELECT number, erase_due, held, held_until, held_for, held_by, case_id FROM cases
             WHERE agency = $1 AND service = $2 AND held IS NOT NULL AND (held_until IS NULL OR held_until > $3)
               AND erased IS NULL
             ORDER BY CASE WHEN held_until IS NULL THEN 1 ELSE 0 END, held_until, held, case_id LIMIT $4",
            args![agency, service, now, REPORTED_MAX],
        )
        .await?;
    let counts = tx
        .fetch_one(
            "SELECT COALESCE(SUM(CASE WHEN held IS NULL OR held_until <= $4 THEN 0 ELSE 1 END), 0),
                    COALESCE(SUM(CASE WHEN held_until > $4 AND held_until < $3 THEN 1 ELSE 0 END), 0),
                    COALESCE(SUM(CASE WHEN (held IS NULL OR held_until <= $4) AND erase_due < $3 THEN 1 ELSE 0 END), 0)
             FROM cases WHERE agency = $1 AND service = $2 AND erased IS NULL
               AND (held IS NOT NULL OR erase_due < $3)",
            args![agency, service, until, now],
        )
        .await?;
    let found = Records {
        due: due.iter().map(due_record).collect::<Result<_, _>>()?,
        held: held.iter().map(held_record).collect::<Result<_, _>>()?,
        due_count: counts.int(2)?,
        held_count: counts.int(0)?,
        ending_count: counts.int(1)?,
    };
    Ok((found, held.iter().map(standing).collect::<Result<_, _>>()?))
}

fn due_record(row: &Row) -> Result<Record, Error> {
    Ok(Record {
        number: row.opt_text(0)?.unwrap_or_default(),
        due_us: row.opt_int(1)?.unwrap_or_default(),
        ordered: row.bool(2)?,
        waits: row.opt_text(3)?.unwrap_or_default(),
        ..Record::default()
    })
}

fn held_record(row: &Row) -> Result<Record, Error> {
    Ok(Record {
        number: row.opt_text(0)?.unwrap_or_default(),
        due_us: row.opt_int(1)?.unwrap_or_default(),
        held_us: row.opt_int(2)?.unwrap_or_default(),
        held_until_us: row.opt_int(3)?.unwrap_or_default(),
        held_for: row.opt_text(4)?.unwrap_or_default(),
        ..Record::default()
    })
}

fn standing(row: &Row) -> Result<Standing, Error> {
    let by = row.opt_blob(5)?.map(|id| PersonId::from_slice(&id)).transpose();
    let by = by.map_err(|failure| Error::Other(failure.to_string()))?;
    Ok(Standing { case: row.parsed(6, CaseId::from_slice)?, by })
}

fn json(under: &BTreeMap<String, String>) -> Result<String, Failure> {
    serde_json::to_string(under)
        .map_err(|error| Failure::internal("case.unwritable", "The case could not be kept.").with_detail(error))
}

fn texts(json: &str) -> BTreeMap<String, String> {
    serde_json::from_str(json).unwrap_or_default()
}
