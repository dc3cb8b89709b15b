//! Writes what an e-service says about a case; an older version never overwrites a newer one.

use kernel::Failure;
use proto::{
    KnownCase, Text,
    eservice::v1::{AskedParty, CaseChanged, OpenTask, PastTask},
};
use sql::{Error, Tx, args};

/// True when the event told something newer than what was known.
pub async fn apply(tx: &mut Tx, event: &CaseChanged) -> Result<bool, Failure> {
    let case = event.case.clone().unwrap_or_default();
    if is_erased(tx, &case.case_id).await? {
        return Ok(false);
    }
    let written = tx
        .execute(
            "INSERT INTO entries (case_id, version, number, agency, service, phase, status, outcome, applicant, office,
                                  opened, changed, due, title, representative, represented_until, begun_by, typing_role)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT (case_id) DO UPDATE SET version = $2, number = $3, phase = $6, status = $7, outcome = $8,
                 applicant = $9, office = $10, changed = $12, due = $13, title = $14, representative = $15, represented_until = $16,
                 typing_role = $18
             WHERE entries.version < $2",
            args![
                &case.case_id,
                event.version,
                &event.number,
                &case.agency,
                &case.service,
                &event.phase,
                &event.status,
                &event.outcome,
                &event.applicant,
                &event.office,
                event.opened_us,
                event.changed_us,
                event.due_us,
                title(event.title.as_ref()),
                Some(event.representative.clone()).filter(|person| !person.is_empty()),
                event.represented_until_us,
                &event.start,
                Some(event.typing_role.clone()).filter(|role| !role.is_empty())
            ],
        )
        .await?;
    if written == 0 {
        return Ok(false);
    }
    replace_tasks(tx, &case.case_id, &event.tasks).await?;
    replace_past(tx, &case.case_id, &event.past).await?;
    replace_lookups(tx, &case.case_id, &event.lookup).await?;
    replace_parties(tx, event, &case.case_id).await?;
    replace_asked(tx, &case.case_id, &event.asked).await?;
    replace_subjects(tx, &case.case_id, &event.subjects).await?;
    Ok(true)
}

async fn replace_tasks(tx: &mut Tx, case: &[u8], tasks: &[OpenTask]) -> Result<(), Error> {
    tx.execute("DELETE FROM tasks WHERE case_id = $1", args![case]).await?;
    for task in tasks {
        let urgency = if task.due_us == 0 { i64::MAX } else { task.due_us };
        tx.execute(
            "INSERT INTO tasks (task_id, case_id, agency, role, office, step, opened, due, urgency, title, assignee,
                                claimed_until, proposer, requested, typed_by, recall)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            args![
                &task.task_id,
                case,
                &task.agency,
                &task.role,
                &task.office,
                &task.step,
                task.opened_us,
                task.due_us,
                urgency,
                title(task.title.as_ref()),
                Some(task.assignee.clone()).filter(|officer| !officer.is_empty()),
                task.claimed_until_us,
                Some(task.proposer.clone()).filter(|officer| !officer.is_empty()),
                i64::from(task.requested),
                Some(task.typed_by.concat()).filter(|officers| !officers.is_empty()),
                i64::from(task.recall)
            ],
        )
        .await?;
    }
    Ok(())
}

async fn replace_past(tx: &mut Tx, case: &[u8], tasks: &[PastTask]) -> Result<(), Error> {
    tx.execute("DELETE FROM past_tasks WHERE case_id = $1", args![case]).await?;
    for task in tasks {
        tx.execute(
            "INSERT INTO past_tasks (case_id, task_id, role, office, closed) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (case_id, task_id) DO NOTHING",
            args![case, &task.task_id, &task.role, &task.office, task.closed_us],
        )
        .await?;
    }
    Ok(())
}

async fn replace_lookups(tx: &mut Tx, case: &[u8], lookups: &[Vec<u8>]) -> Result<(), Error> {
    tx.execute("DELETE FROM lookups WHERE case_id = $1", args![case]).await?;
    for hash in lookups {
        tx.execute(
            "INSERT INTO lookups (hash, case_id) VALUES ($1, $2) ON CONFLICT (hash, case_id) DO NOTHING",
            args![hash, case],
        )
        .await?;
    }
    Ok(())
}

async fn replace_parties(tx: &mut Tx, event: &CaseChanged, case: &[u8]) -> Result<(), Error> {
    tx.execute("DELETE FROM parties WHERE case_id = $1", args![case]).await?;
    let acting = [&event.representative].into_iter().filter(|person| !person.is_empty());
    let asked = event.asked.iter().map(|asked| &asked.person);
    let named = event.parties.iter().chain(&event.kept_off).chain(&event.subjects);
    for party in named.chain(acting).chain(asked) {
        tx.execute(
            "INSERT INTO parties (case_id, party) VALUES ($1, $2) ON CONFLICT (case_id, party) DO NOTHING",
            args![case, party],
        )
        .await?;
    }
    Ok(())
}

async fn replace_asked(tx: &mut Tx, case: &[u8], asked: &[AskedParty]) -> Result<(), Error> {
    tx.execute("DELETE FROM asked WHERE case_id = $1", args![case]).await?;
    for one in asked {
        tx.execute(
            "INSERT INTO asked (case_id, person, state, since, changed, waits_until) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (case_id, person) DO NOTHING",
            args![case, &one.person, &one.state, one.asked_us, one.changed_us, one.until_us],
        )
        .await?;
    }
    Ok(())
}

async fn replace_subjects(tx: &mut Tx, case: &[u8], subjects: &[Vec<u8>]) -> Result<(), Error> {
    tx.execute("DELETE FROM subjects WHERE case_id = $1", args![case]).await?;
    for person in subjects {
        tx.execute(
            "INSERT INTO subjects (case_id, person) VALUES ($1, $2) ON CONFLICT (case_id, person) DO NOTHING",
            args![case, person],
        )
        .await?;
    }
    Ok(())
}

pub(super) fn title(text: Option<&Text>) -> String {
    let words = text.map(|text| &text.by_language);
    words.and_then(|words| serde_json::to_string(words).ok()).unwrap_or_else(|| "{}".to_owned())
}

pub(super) async fn is_erased(tx: &mut Tx, case: &[u8]) -> Result<bool, Error> {
    Ok(tx.fetch_optional("SELECT 1 FROM erased WHERE case_id = $1", args![case]).await?.is_some())
}

/// Forgets a case for good: an older event that comes late does not bring it back. That it was searched for stays in the audit; what
/// was typed for it goes with the last case that the search found.
pub async fn erase(tx: &mut Tx, case: &[u8]) -> Result<(), Error> {
    tx.execute("INSERT INTO erased (case_id) VALUES ($1) ON CONFLICT (case_id) DO NOTHING", args![case]).await?;
    for table in [
        "DELETE FROM entries WHERE case_id = $1",
        "DELETE FROM tasks WHERE case_id = $1",
        "DELETE FROM past_tasks WHERE case_id = $1",
        "DELETE FROM lookups WHERE case_id = $1",
        "DELETE FROM parties WHERE case_id = $1",
        "DELETE FROM asked WHERE case_id = $1",
        "DELETE FROM subjects WHERE case_id = $1",
        "DELETE FROM holds WHERE case_id = $1",
        "DELETE FROM reason_keys WHERE search IN (SELECT search FROM findings WHERE case_id = $1)
           AND NOT EXISTS (SELECT 1 FROM findings WHERE findings.search = reason_keys.search AND findings.case_id <> $1)",
        "DELETE FROM findings WHERE case_id = $1",
    ] {
        tx.execute(table, args![case]).await?;
    }
    Ok(())
}

/// Forgets everything, so that the next reading of the logs builds the index anew.
pub async fn clear(tx: &mut Tx) -> Result<(), Error> {
    for table in [
        "DELETE FROM entries",
        "DELETE FROM tasks",
        "DELETE FROM past_tasks",
        "DELETE FROM lookups",
        "DELETE FROM parties",
        "DELETE FROM asked",
        "DELETE FROM subjects",
        "DELETE FROM holds",
        "DELETE FROM not_begun",
        "DELETE FROM erased",
        "DELETE FROM cursors",
        "DELETE FROM inbox",
        "DELETE FROM erased_numbers",
        "DELETE FROM act_cases",
        "DELETE FROM acts",
        "DELETE FROM act_chains",
        "DELETE FROM unusual",
        "DELETE FROM unusual_weeks",
    ] {
        tx.execute(table, args![]).await?;
    }
    Ok(())
}

/// What is told of cases after a restore, in the order of their ids; of an erased one that it was, and the number that is left of it.
pub async fn known(tx: &mut Tx, after: &[u8], limit: i64) -> Result<Vec<KnownCase>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, version, number, agency, service, phase FROM entries WHERE case_id > $1
             UNION ALL
             SELECT erased.case_id, 0, COALESCE(number, ''), '', '', 'erased'
             FROM erased LEFT JOIN erased_numbers ON erased_numbers.case_id = erased.case_id WHERE erased.case_id > $1
             ORDER BY case_id LIMIT $2",
            args![after, limit],
        )
        .await?;
    let known = rows.iter().map(|row| {
        Ok(KnownCase {
            case_id: row.blob(0)?,
            version: row.int(1)?,
            number: row.text(2)?,
            agency: row.text(3)?,
            service: row.text(4)?,
            phase: row.text(5)?,
            things: Vec::new(),
        })
    });
    known.collect()
}

/// The version of a case that the index shows; of an erased one nothing newer will come.
pub async fn version(tx: &mut Tx, case: &[u8]) -> Result<i64, Error> {
    if is_erased(tx, case).await? {
        return Ok(i64::MAX);
    }
    let row = tx.fetch_optional("SELECT version FROM entries WHERE case_id = $1", args![case]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}
