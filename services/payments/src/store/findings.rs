//! What the reconciler found and did: one row for each disagreement, with a stable code.

use kernel::{Failure, IntentId, Time};

use crate::domain::intent::Case;

#[derive(Debug, Clone)]
pub struct Finding<'a> {
    pub code: &'static str,
    pub intent: IntentId,
    /// The attempt, refund or intent that disagrees: found once.
    pub about: Vec<u8>,
    /// Tiyin.
    pub amount: i64,
    /// Put right by itself; otherwise a person has to.
    pub repaired: bool,
    pub note: &'a str,
}

/// False: it was found before.
pub async fn record(tx: &mut sql::Tx, finding: &Finding<'_>, case: &Case, now: Time) -> Result<bool, Failure> {
    let inserted = tx
        .execute(
            "INSERT INTO finding (code, intent, about, amount, repaired, note, time_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            sql::args![
                finding.code.to_owned(),
                finding.intent.to_vec(),
                finding.about.clone(),
                finding.amount,
                i64::from(finding.repaired),
                finding.note.to_owned(),
                now.micros()
            ],
        )
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    let detail = serde_json::json!({
        "case": case.id, "code": finding.code, "amount": finding.amount, "repaired": finding.repaired,
        "note": finding.note,
    });
    sql::audit::append(
        tx,
        &sql::audit::Act {
            time: now,
            actor: None,
            service_actor: Some("payments".into()),
            act: "payment.finding".into(),
            subject: finding.intent.to_vec(),
            agency: case.agency.clone(),
            purpose: Some("reconciliation".into()),
            detail: detail.to_string(),
        },
    )
    .await?;
    tracing::warn!(
        code = finding.code,
        intent = %finding.intent,
        amount = finding.amount,
        repaired = finding.repaired,
        "reconciliation found a disagreement: {}",
        finding.note
    );
    Ok(true)
}

/// A person put right what was found. What was closed before stays as it is.
pub async fn close(tx: &mut sql::Tx, finding: &Finding<'_>, now: Time) -> Result<(), Failure> {
    tx.execute(
        "UPDATE finding SET closed_us = $3 WHERE code = $1 AND about = $2 AND closed_us = 0",
        sql::args![finding.code.to_owned(), finding.about.clone(), now.micros()],
    )
    .await?;
    Ok(())
}

/// Codes of what waits for a person.
pub async fn open(tx: &mut sql::Tx) -> Result<Vec<String>, Failure> {
    let sql = "SELECT code FROM finding WHERE repaired = 0 AND closed_us = 0 ORDER BY finding";
    let rows = tx.fetch_all(sql, sql::args![]).await?;
    rows.iter().map(|row| Ok(row.text(0)?)).collect()
}

pub async fn codes(tx: &mut sql::Tx) -> Result<Vec<String>, Failure> {
    let rows = tx.fetch_all("SELECT code FROM finding ORDER BY finding", sql::args![]).await?;
    let codes = rows.iter().map(|row| Ok(row.text(0)?));
    codes.collect()
}
