//! Intents that their case forgot in a restore: what they hold counts when the case asks again, or goes back.

use kernel::{CaseId, Failure, IntentId, Time};

use super::findings::{self, Finding};
use crate::domain::intent::Intent;

/// False: it was noted before.
pub async fn note(tx: &mut sql::Tx, intent: &Intent, due: Time) -> Result<bool, Failure> {
    let noted = tx
        .execute(
            "INSERT INTO restored (intent, case_id, fee, due_us, counted_us) VALUES ($1, $2, $3, $4, 0) \
             ON CONFLICT (intent) DO NOTHING",
            sql::args![intent.id.to_vec(), intent.case.id.to_vec(), intent.fee.clone(), due.micros()],
        )
        .await?;
    Ok(noted == 1)
}

/// The case asks for the fee again: from now on these are what it paid, however often it asks. What a provider is still at is not
/// among them: should it come, it goes back.
pub async fn count(tx: &mut sql::Tx, case: CaseId, fee: &str, now: Time) -> Result<Vec<IntentId>, Failure> {
    let rows = tx
        .fetch_all(
            "UPDATE restored SET due_us = 0, counted_us = CASE WHEN counted_us = 0 THEN $3 ELSE counted_us END \
             WHERE case_id = $1 AND fee = $2 AND (due_us > 0 OR counted_us > 0) \
               AND intent IN (SELECT intent FROM intent WHERE case_id = $1 AND state = 'captured') RETURNING intent",
            sql::args![case.to_vec(), fee.to_owned(), now.micros()],
        )
        .await?;
    let ids = rows.iter().map(|row| IntentId::from_slice(&row.blob(0)?)).collect::<Result<Vec<_>, _>>()?;
    for id in &ids {
        findings::close(tx, &finding(*id, 0), now).await?;
    }
    Ok(ids)
}

/// About money that waits for its case, or for its way back.
pub fn finding(intent: IntentId, amount: i64) -> Finding<'static> {
    Finding {
        code: "payment.restored",
        intent,
        about: intent.to_vec(),
        amount,
        repaired: false,
        note: "the case was restored to before it was paid; the money counts when it asks again, or goes back",
    }
}

pub async fn due(tx: &mut sql::Tx, now: Time, limit: i64) -> Result<Vec<IntentId>, Failure> {
    let due = "SELECT intent FROM restored WHERE due_us > 0 AND due_us <= $1 ORDER BY due_us LIMIT $2";
    let rows = tx.fetch_all(due, sql::args![now.micros(), limit]).await?;
    rows.iter().map(|row| IntentId::from_slice(&row.blob(0)?)).collect()
}

/// `None`: it holds nothing any more.
pub async fn due_at(tx: &mut sql::Tx, intent: IntentId, at: Option<Time>) -> Result<(), Failure> {
    let sql = "UPDATE restored SET due_us = $2 WHERE intent = $1 AND due_us > 0";
    tx.execute(sql, sql::args![intent.to_vec(), super::stored(at)]).await?;
    Ok(())
}

/// Cases about which there is anything, after one, in the order of their ids.
pub async fn cases(tx: &mut sql::Tx, after: &[u8], limit: i64) -> Result<Vec<CaseId>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT case_id FROM intent WHERE case_id > $1 UNION SELECT case_id FROM ended_case WHERE case_id > $1 \
             ORDER BY case_id LIMIT $2",
            sql::args![after, limit],
        )
        .await?;
    rows.iter().map(|row| CaseId::from_slice(&row.blob(0)?)).collect()
}

pub async fn has_ended(tx: &mut sql::Tx, case: CaseId) -> Result<bool, Failure> {
    let found = tx.fetch_optional("SELECT 1 FROM ended_case WHERE case_id = $1", sql::args![case.to_vec()]).await?;
    Ok(found.is_some())
}

/// The end was in a life that was lost: the case goes on, and will end again.
pub async fn forget_ending(tx: &mut sql::Tx, case: CaseId) -> Result<(), Failure> {
    tx.execute("DELETE FROM ended_case WHERE case_id = $1", sql::args![case.to_vec()]).await?;
    Ok(())
}
