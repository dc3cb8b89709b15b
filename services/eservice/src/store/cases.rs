//! Reading cases: the row, and the state sealed in it.

use kernel::{CaseId, Failure, Hash, PersonId, Random, Time, sealed::CaseKey};
use process::CaseState;
use sql::{Error, Row, Tx, args};

use crate::keys::Keys;

/// A case as it is stored, opened. There is none when its key was destroyed.
#[derive(Clone)]
pub struct Case {
    pub id: CaseId,
    pub version: i64,
    pub agency: String,
    pub service: String,
    pub revision: Hash,
    pub applicant: PersonId,
    pub wrapped_key: Vec<u8>,
    pub key: CaseKey,
    pub state: CaseState,
}

impl Case {
    /// The service as hosts are limited to it.
    pub fn hosted_service(&self) -> String {
        format!("{}/{}", self.agency, self.service)
    }
}

/// Which agency's which service a case is of.
pub async fn service(tx: &mut Tx, case: CaseId) -> Result<Option<(String, String)>, Error> {
    let row = tx.fetch_optional("SELECT agency, service FROM cases WHERE case_id = $1", args![case]).await?;
    row.map(|row| Ok((row.text(0)?, row.text(1)?))).transpose()
}

/// Of which agency's which service a case is, while it is a draft.
pub async fn draft_of(tx: &mut Tx, case: CaseId) -> Result<Option<(String, String)>, Error> {
    let select = "SELECT agency, service FROM cases WHERE case_id = $1 AND phase = 'draft' AND erased IS NULL";
    let row = tx.fetch_optional(select, args![case]).await?;
    row.map(|row| Ok((row.text(0)?, row.text(1)?))).transpose()
}

const COLUMNS: &str = "case_id, version, agency, service, revision, applicant, wrapped_key, state";

/// Binds a sealed body to its row, so that it cannot be moved to another.
pub fn place(case: CaseId, kind: &str, index: i64) -> Vec<u8> {
    [case.as_bytes().as_slice(), kind.as_bytes(), &index.to_be_bytes()].concat()
}

pub fn seal_state(case: &Case, random: &dyn Random) -> Result<Vec<u8>, Failure> {
    seal(&case.key, &case.state, &place(case.id, "state", case.version), random)
}

pub fn seal<T: serde::Serialize>(
    key: &CaseKey,
    value: &T,
    place: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, Failure> {
    let plain = serde_json::to_vec(value)
        .map_err(|error| Failure::internal("case.unwritable", "The case could not be kept.").with_detail(error))?;
    Ok(key.seal(&plain, place, random))
}

pub fn open<T: serde::de::DeserializeOwned>(key: &CaseKey, sealed: &[u8], place: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(&key.open(sealed, place)?).map_err(|error| {
        // The parser's own words could repeat a value; only the place is told.
        let (line, column) = (error.line(), error.column());
        Failure::internal("case.unreadable", "The case could not be read.")
            .with_detail(format!("stored JSON, line {line}, column {column}"))
    })
}

pub async fn read(tx: &mut Tx, keys: &Keys, id: CaseId) -> Result<Option<Case>, Failure> {
    let sql = sql::AssertSqlSafe(format!("SELECT {COLUMNS} FROM cases WHERE case_id = $1 AND erased IS NULL"));
    let row = tx.fetch_optional(sql, args![id]).await?;
    row.map(|row| opened(&row, keys)).transpose()
}

/// A service's cases that have ended, in the order of their ids.
pub async fn ended(
    tx: &mut Tx,
    keys: &Keys,
    (agency, service): (&str, &str),
    after: CaseId,
    limit: i64,
) -> Result<Vec<Case>, Failure> {
    let sql = sql::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM cases WHERE agency = $1 AND service = $2 AND phase = 'ended' AND erased IS NULL
             AND case_id > $3 ORDER BY case_id LIMIT $4"
    ));
    let rows = tx.fetch_all(sql, args![agency, service, after, limit]).await?;
    rows.iter().map(|row| opened(row, keys)).collect()
}

fn opened(row: &Row, keys: &Keys) -> Result<Case, Failure> {
    let id = row.parsed(0, CaseId::from_slice)?;
    let version = row.int(1)?;
    let agency = row.text(2)?;
    let wrapped_key = row.blob(6)?;
    let key = CaseKey::unwrap(&keys.agency(&agency)?, &wrapped_key)?;
    let state = open(&key, &row.blob(7)?, &place(id, "state", version))?;
    Ok(Case {
        id,
        version,
        agency,
        service: row.text(3)?,
        revision: row.parsed(4, Hash::from_slice)?,
        applicant: row.parsed(5, PersonId::from_slice)?,
        wrapped_key,
        key,
        state,
    })
}

/// Who applies in a case, and who acts for them; none of an erased one.
pub async fn people(tx: &mut Tx, id: CaseId) -> Result<Option<(PersonId, Option<PersonId>)>, Error> {
    let sql = "SELECT applicant, representative FROM cases WHERE case_id = $1 AND erased IS NULL";
    let row = tx.fetch_optional(sql, args![id]).await?;
    let Some(row) = row else { return Ok(None) };
    let representative = row.opt_blob(1)?.map(|id| PersonId::from_slice(&id)).transpose();
    let representative = representative.map_err(|failure| Error::Other(failure.to_string()))?;
    Ok(Some((row.parsed(0, PersonId::from_slice)?, representative)))
}

/// The newest open draft of a service's own form for an applicant, begun by `actor`.
pub async fn open_draft(
    tx: &mut Tx,
    (applicant, actor): (PersonId, PersonId),
    agency: &str,
    service: &str,
) -> Result<Option<CaseId>, Error> {
    let row = tx
        .fetch_optional(
            "SELECT case_id FROM cases
             WHERE applicant = $1 AND agency = $2 AND service = $3 AND phase = 'draft'
               AND begun_by IS NULL AND COALESCE(representative, applicant) = $4
             ORDER BY changed DESC LIMIT 1",
            args![applicant, agency, service, actor],
        )
        .await?;
    row.map(|row| row.parsed(0, CaseId::from_slice)).transpose()
}

/// Most applications on paper that one officer has to type at the same time, as a list shows them.
pub const TAKEN_IN_MAX: i64 = 50;

/// What an officer took in on paper for a service and has to type or to correct; what has lain longest first.
pub async fn taken_in(tx: &mut Tx, officer: PersonId, agency: &str, service: &str) -> Result<Vec<CaseId>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id FROM cases
             WHERE taken_by = $1 AND agency = $2 AND service = $3 AND phase IN ('draft', 'returned') AND erased IS NULL
             ORDER BY changed, case_id LIMIT $4",
            args![officer, agency, service, TAKEN_IN_MAX],
        )
        .await?;
    rows.iter().map(|row| row.parsed(0, CaseId::from_slice)).collect()
}

/// Whether this paper was taken in before, and not thrown away since.
pub async fn is_taken(tx: &mut Tx, mark: Hash) -> Result<bool, Error> {
    let select = "SELECT case_id FROM cases WHERE taken_original = $1 AND phase <> 'discarded'";
    Ok(tx.fetch_optional(select, args![mark]).await?.is_some())
}

/// What others have to type of a service, what has lain longest first.
pub async fn of_others(tx: &mut Tx, officer: PersonId, agency: &str, service: &str) -> Result<Vec<CaseId>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id FROM cases
             WHERE taken_by <> $1 AND agency = $2 AND service = $3 AND phase IN ('draft', 'returned') AND erased IS NULL
             ORDER BY changed, case_id LIMIT $4",
            args![officer, agency, service, TAKEN_IN_MAX],
        )
        .await?;
    rows.iter().map(|row| row.parsed(0, CaseId::from_slice)).collect()
}

/// Most applications on paper of nobody known that an officer is shown.
const TO_IDENTIFY_MAX: i64 = 200;

/// Of what others have to type of a service, that of which it is not known whose it is; what has lain longest first.
pub async fn to_identify(tx: &mut Tx, officer: PersonId, agency: &str, service: &str) -> Result<Vec<CaseId>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id FROM cases
             WHERE awaits_identity = 1 AND taken_by <> $1 AND agency = $2 AND service = $3 AND phase = 'draft'
               AND erased IS NULL
             ORDER BY changed, case_id LIMIT $4",
            args![officer, agency, service, TO_IDENTIFY_MAX],
        )
        .await?;
    rows.iter().map(|row| row.parsed(0, CaseId::from_slice)).collect()
}

/// Most cases of which it is told that they began from one.
const FOLLOWED_MAX: i64 = 20;

/// Cases that began from this one and were not thrown away, each with its start; the first begun first.
pub async fn followed(tx: &mut Tx, origin: CaseId) -> Result<Vec<(CaseId, String)>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, begun_by FROM cases WHERE origin = $1 AND phase <> 'discarded' AND erased IS NULL
             ORDER BY opened, case_id LIMIT $2",
            args![origin, FOLLOWED_MAX],
        )
        .await?;
    rows.iter().map(|row| Ok((row.parsed(0, CaseId::from_slice)?, row.opt_text(1)?.unwrap_or_default()))).collect()
}

/// How many that began from this case by a start are gone: thrown away, or erased.
pub async fn gone(tx: &mut Tx, origin: CaseId, start: &str) -> Result<i64, Error> {
    let select = "SELECT COUNT(*) FROM cases
                  WHERE origin = $1 AND begun_by = $2 AND (phase = 'discarded' OR erased IS NOT NULL)";
    tx.fetch_one(select, args![origin, start]).await?.int(0)
}

/// The next number of an agency in a year; the row stays locked until the submission commits or is dropped.
pub async fn next_number(tx: &mut Tx, agency: &str, year: i64) -> Result<i64, Error> {
    let row = tx
        .fetch_one(
            "INSERT INTO case_numbers (agency, year, last) VALUES ($1, $2, 1)
             ON CONFLICT (agency, year) DO UPDATE SET last = case_numbers.last + 1 RETURNING last",
            args![agency, year],
        )
        .await?;
    row.int(0)
}

/// Events of a case, opened, in order.
pub async fn events(tx: &mut Tx, case: &Case) -> Result<Vec<process::Event>, Failure> {
    events_after(tx, case, 0).await
}

/// Those that came after a version of it.
pub async fn events_after(tx: &mut Tx, case: &Case, version: i64) -> Result<Vec<process::Event>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT sequence, body FROM case_events WHERE case_id = $1 AND version > $2 ORDER BY sequence",
            args![case.id, version],
        )
        .await?;
    rows.iter().map(|row| open(&case.key, &row.blob(1)?, &place(case.id, "event", row.int(0)?))).collect()
}

/// Which case a task belongs to.
pub async fn case_of_task(tx: &mut Tx, task: kernel::TaskId) -> Result<Option<CaseId>, Error> {
    let row = tx.fetch_optional("SELECT case_id FROM case_tasks WHERE task_id = $1", args![task]).await?;
    row.map(|row| row.parsed(0, CaseId::from_slice)).transpose()
}

/// Cases that stand still although nothing waits for them: for alarms and for tests.
pub async fn stuck(tx: &mut Tx, before: Time) -> Result<i64, Error> {
    let row = tx
        .fetch_one("SELECT COUNT(*) FROM case_actions WHERE state <> 'done' AND next_due < $1", args![before])
        .await?;
    row.int(0)
}
