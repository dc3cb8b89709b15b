//! What finance officers had money do, and the second person's word: inserted and read, never changed but for a note that is erased.

use kernel::{AttemptId, CaseId, CommandId, Failure, IntentId, PersonId, Time};

use crate::domain::{
    instruction::{Decision, Instruction, Kind, Verdict, Why},
    suspense::Suspense,
};

/// What `erase` does, as the table itself allows it: the note goes, everything else stays.
pub(super) const ERASES: &str = "NEW.note = '' AND NEW.instruction = OLD.instruction AND NEW.kind = OLD.kind
    AND NEW.agency = OLD.agency AND NEW.intent = OLD.intent AND NEW.suspense = OLD.suspense
    AND NEW.target = OLD.target AND NEW.amount = OLD.amount AND NEW.reason = OLD.reason
    AND NEW.person = OLD.person AND NEW.time_us = OLD.time_us";

const COLUMNS: &str = "instruction, kind, agency, intent, suspense, target, amount, reason, note, person, time_us";
const WAITS: &str = "NOT EXISTS (SELECT 1 FROM instruction_verdict AS made \
                     WHERE made.instruction = instruction.instruction)";

pub async fn insert(tx: &mut sql::Tx, given: &Instruction) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO instruction (instruction, kind, agency, intent, suspense, target, amount, reason, note, person, \
         time_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        sql::args![
            given.id,
            given.kind.as_str(),
            given.agency.clone(),
            given.intent,
            given.suspense.map_or_else(Vec::new, AttemptId::to_vec),
            given.target.map_or_else(Vec::new, IntentId::to_vec),
            given.amount,
            given.why.reason.clone(),
            given.why.note.clone(),
            given.by,
            given.time.micros()
        ],
    )
    .await?;
    let due = "INSERT INTO instruction_due (instruction, due_us) VALUES ($1, $2)";
    tx.execute(due, sql::args![given.id, given.lapses().micros()]).await?;
    Ok(())
}

pub async fn find(tx: &mut sql::Tx, id: CommandId) -> Result<Option<Instruction>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM instruction WHERE instruction = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![id]).await?;
    row.map(|row| read(&row)).transpose()
}

/// False: somebody decided it before.
pub async fn decide(tx: &mut sql::Tx, id: CommandId, decision: &Decision) -> Result<bool, Failure> {
    let inserted = tx
        .execute(
            "INSERT INTO instruction_verdict (instruction, verdict, person, refund, time_us) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            sql::args![id, decision.verdict.as_str(), decision.by, decision.refund, decision.time.micros()],
        )
        .await?;
    tx.execute("DELETE FROM instruction_due WHERE instruction = $1", sql::args![id]).await?;
    Ok(inserted == 1)
}

/// What has waited for too long.
pub async fn overdue(tx: &mut sql::Tx, now: Time, limit: i64) -> Result<Vec<CommandId>, Failure> {
    let sql = "SELECT instruction FROM instruction_due WHERE due_us <= $1 ORDER BY due_us, instruction LIMIT $2";
    let rows = tx.fetch_all(sql, sql::args![now.micros(), limit]).await?;
    rows.iter().map(|row| CommandId::from_slice(&row.blob(0)?)).collect()
}

pub async fn is_decided(tx: &mut sql::Tx, id: CommandId) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM instruction_verdict WHERE instruction = $1";
    Ok(tx.fetch_optional(sql, sql::args![id]).await?.is_some())
}

/// Oldest first; `agency`: none for every one.
pub async fn waiting(tx: &mut sql::Tx, agency: Option<&str>, limit: i64) -> Result<Vec<Instruction>, Failure> {
    let of = if agency.is_some() { "agency = $1" } else { "$1 = ''" };
    let sql =
        format!("SELECT {COLUMNS} FROM instruction WHERE {of} AND {WAITS} ORDER BY time_us, instruction LIMIT $2");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![agency.unwrap_or_default(), limit]).await?;
    rows.iter().map(read).collect()
}

/// What lapsed since then, newest first; `agency`: none for every one.
pub async fn lapsed(
    tx: &mut sql::Tx,
    agency: Option<&str>,
    since: Time,
    limit: i64,
) -> Result<Vec<Instruction>, Failure> {
    let of = if agency.is_some() { "agency = $1" } else { "$1 = ''" };
    let sql = format!(
        "SELECT {COLUMNS} FROM instruction WHERE {of} AND EXISTS (SELECT 1 FROM instruction_verdict AS made \
         WHERE made.instruction = instruction.instruction AND made.verdict = 'lapsed' AND made.time_us >= $2) \
         ORDER BY time_us DESC, instruction LIMIT $3"
    );
    let args = sql::args![agency.unwrap_or_default(), since.micros(), limit];
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), args).await?;
    rows.iter().map(read).collect()
}

/// What waits about the money of one payment.
pub async fn waiting_for(tx: &mut sql::Tx, intent: IntentId) -> Result<Vec<Instruction>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM instruction WHERE intent = $1 AND {WAITS} ORDER BY time_us, instruction");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![intent]).await?;
    rows.iter().map(read).collect()
}

/// The money went back by itself: what was asked for it can no longer be done.
pub async fn lapse(tx: &mut sql::Tx, item: &Suspense, now: Time) -> Result<(), Failure> {
    for given in waiting_for(tx, item.intent).await? {
        if given.suspense == Some(item.attempt) {
            let lapsed = Decision { verdict: Verdict::Lapsed, by: None, refund: None, time: now };
            decide(tx, given.id, &lapsed).await?;
        }
    }
    Ok(())
}

/// Officers' words about a case go with it, also those about money that came for another one and was to pay it.
pub async fn erase(tx: &mut sql::Tx, case: CaseId) -> Result<(), Failure> {
    tx.execute(
        "UPDATE instruction SET note = '' \
         WHERE note <> '' AND (intent IN (SELECT intent FROM intent WHERE case_id = $1) \
           OR target IN (SELECT intent FROM intent WHERE case_id = $1))",
        sql::args![case],
    )
    .await?;
    Ok(())
}

fn read(row: &sql::Row) -> Result<Instruction, Failure> {
    let (suspense, target) = (row.blob(4)?, row.blob(5)?);
    Ok(Instruction {
        id: CommandId::from_slice(&row.blob(0)?)?,
        kind: Kind::parse(&row.text(1)?)?,
        agency: row.text(2)?,
        intent: IntentId::from_slice(&row.blob(3)?)?,
        suspense: (!suspense.is_empty()).then(|| AttemptId::from_slice(&suspense)).transpose()?,
        target: (!target.is_empty()).then(|| IntentId::from_slice(&target)).transpose()?,
        amount: row.int(6)?,
        why: Why { reason: row.text(7)?, note: row.text(8)? },
        by: PersonId::from_slice(&row.blob(9)?)?,
        time: Time::from_micros(row.int(10)?),
    })
}
