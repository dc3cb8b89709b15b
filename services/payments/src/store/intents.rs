//! Rows of intents. Whoever changes one locks it first, so that two callbacks for one intent take turns on either engine.

use kernel::{CaseId, Failure, Hash, IntentId, Money, PersonId, Time};

use super::{read_time, stored};
use crate::domain::intent::{Case, Closing, Intent, State, unreadable};

const COLUMNS: &str = "intent, case_id, agency, service, revision, step, fee, number, payer, amount, split, arithmetic, \
                       state, closing, expires_us, created_us, captured_us, representative";

pub async fn insert(tx: &mut sql::Tx, intent: &Intent) -> Result<(), Failure> {
    let split = serde_json::to_vec(&intent.split).expect("shares are plain values");
    tx.execute(
        "INSERT INTO intent (intent, case_id, agency, service, revision, step, fee, number, payer, amount, split, \
         arithmetic, state, closing, expires_us, created_us, captured_us, currency, representative) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        sql::args![
            intent.id.to_vec(),
            intent.case.id.to_vec(),
            intent.case.agency.clone(),
            intent.case.service.clone(),
            intent.case.revision.to_vec(),
            intent.step.clone(),
            intent.fee.clone(),
            intent.number.clone(),
            intent.payer.to_vec(),
            intent.amount.minor,
            split,
            intent.arithmetic.clone(),
            intent.state.as_str().to_owned(),
            closing_text(intent.closing),
            stored(intent.expires),
            intent.created.micros(),
            stored(intent.captured),
            intent.amount.currency.code().to_owned(),
            intent.representative
        ],
    )
    .await?;
    Ok(())
}

/// Reads an intent and keeps every other writer of it waiting until this transaction ends.
pub async fn lock(tx: &mut sql::Tx, id: IntentId) -> Result<Option<Intent>, Failure> {
    let touched = tx.execute("UPDATE intent SET state = state WHERE intent = $1", sql::args![id.to_vec()]).await?;
    if touched == 0 {
        return Ok(None);
    }
    find(tx, id).await
}

pub async fn find(tx: &mut sql::Tx, id: IntentId) -> Result<Option<Intent>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM intent WHERE intent = $1");
    let row = tx.fetch_optional(sql::AssertSqlSafe(sql), sql::args![id.to_vec()]).await?;
    row.map(|row| read(&row)).transpose()
}

/// Writes what may change in an intent: its state, its closing and when it was captured.
pub async fn update(tx: &mut sql::Tx, intent: &Intent) -> Result<(), Failure> {
    tx.execute(
        "UPDATE intent SET state = $2, closing = $3, captured_us = $4 WHERE intent = $1",
        sql::args![
            intent.id.to_vec(),
            intent.state.as_str().to_owned(),
            closing_text(intent.closing),
            stored(intent.captured)
        ],
    )
    .await?;
    Ok(())
}

pub async fn of_case(tx: &mut sql::Tx, case: CaseId) -> Result<Vec<Intent>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM intent WHERE case_id = $1 ORDER BY created_us");
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![case.to_vec()]).await?;
    rows.iter().map(read).collect()
}

/// Open ones of an agency, by their own number or the case's.
pub async fn open_by(tx: &mut sql::Tx, agency: &str, term: &str, limit: i64) -> Result<Vec<Intent>, Failure> {
    let own: Vec<u8> = term.parse::<IntentId>().map_or_else(|_| Vec::new(), IntentId::to_vec);
    let sql = format!(
        "SELECT {COLUMNS} FROM intent WHERE state = 'open' AND agency = $1 AND (number = $2 OR intent = $3) \
         ORDER BY created_us, intent LIMIT $4"
    );
    let rows = tx.fetch_all(sql::AssertSqlSafe(sql), sql::args![agency, term, own, limit]).await?;
    rows.iter().map(read).collect()
}

/// Forgets who paid and how the amount was worked out. What was paid, when and for which number stays: it is accounting.
pub async fn erase(tx: &mut sql::Tx, case: CaseId) -> Result<(), Failure> {
    tx.execute(
        "UPDATE intent SET payer = $2, representative = NULL, arithmetic = $3 WHERE case_id = $1",
        sql::args![case, PersonId::from_bytes([0; 16]), b"{}".as_slice()],
    )
    .await?;
    Ok(())
}

/// Open intents whose time is over and that nobody closes yet.
pub async fn lapsed(tx: &mut sql::Tx, now: Time, limit: i64) -> Result<Vec<IntentId>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT intent FROM intent WHERE state = 'open' AND closing = '' AND expires_us > 0 AND expires_us <= $1 \
             ORDER BY expires_us LIMIT $2",
            sql::args![now.micros(), limit],
        )
        .await?;
    let ids = rows.iter().map(|row| IntentId::from_slice(&row.blob(0)?));
    ids.collect()
}

/// The next number of this producer's messages about a case.
pub async fn next_case_sequence(tx: &mut sql::Tx, case: CaseId) -> Result<i64, Failure> {
    tx.execute(
        "INSERT INTO case_sequence (case_id, sequence) VALUES ($1, 1) \
         ON CONFLICT (case_id) DO UPDATE SET sequence = case_sequence.sequence + 1",
        sql::args![case.to_vec()],
    )
    .await?;
    let row = tx.fetch_one("SELECT sequence FROM case_sequence WHERE case_id = $1", sql::args![case.to_vec()]).await?;
    Ok(row.int(0)?)
}

fn closing_text(closing: Option<Closing>) -> String {
    closing.map_or("", Closing::as_str).to_owned()
}

fn read(row: &sql::Row) -> Result<Intent, Failure> {
    Ok(Intent {
        id: IntentId::from_slice(&row.blob(0)?)?,
        case: Case {
            id: CaseId::from_slice(&row.blob(1)?)?,
            agency: row.text(2)?,
            service: row.text(3)?,
            revision: Hash::from_slice(&row.blob(4)?)?,
        },
        step: row.text(5)?,
        fee: row.text(6)?,
        number: row.text(7)?,
        payer: PersonId::from_slice(&row.blob(8)?)?,
        amount: Money::uzs(row.int(9)?),
        split: serde_json::from_slice(&row.blob(10)?).map_err(|_| unreadable("split"))?,
        arithmetic: row.blob(11)?,
        state: State::parse(&row.text(12)?)?,
        closing: Closing::parse(&row.text(13)?),
        expires: read_time(row.int(14)?),
        created: Time::from_micros(row.int(15)?),
        captured: read_time(row.int(16)?),
        representative: row.opt_blob(17)?.map(|id| PersonId::from_slice(&id)).transpose()?,
    })
}
