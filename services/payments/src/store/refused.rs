//! Refunds that were refused when a case asked for them: somebody has to see to it that the money goes back.

use kernel::{Failure, IntentId, Time};

/// As far as a treasurer needs it.
#[derive(Debug, Clone)]
pub struct Refused {
    pub intent: IntentId,
    pub number: String,
    pub service: String,
    pub code: String,
    pub time: Time,
}

/// The last refusal counts, and stands since it was given.
pub async fn keep(tx: &mut sql::Tx, intent: IntentId, code: &str, now: Time) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO refused_refund (intent, code, time_us) VALUES ($1, $2, $3) \
         ON CONFLICT (intent) DO UPDATE SET code = $2, time_us = $3",
        sql::args![intent.to_vec(), code.to_owned(), now.micros()],
    )
    .await?;
    Ok(())
}

pub async fn forget(tx: &mut sql::Tx, intent: IntentId) -> Result<(), Failure> {
    tx.execute("DELETE FROM refused_refund WHERE intent = $1", sql::args![intent.to_vec()]).await?;
    Ok(())
}

/// Of an agency's cases, the oldest first.
pub async fn of_agency(tx: &mut sql::Tx, agency: &str) -> Result<Vec<Refused>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT intent.intent, intent.number, intent.service, refused_refund.code, refused_refund.time_us \
             FROM refused_refund JOIN intent ON intent.intent = refused_refund.intent \
             WHERE intent.agency = $1 ORDER BY refused_refund.time_us, intent.intent",
            sql::args![agency.to_owned()],
        )
        .await?;
    let refused = rows.iter().map(|row| {
        Ok(Refused {
            intent: IntentId::from_slice(&row.blob(0)?)?,
            number: row.text(1)?,
            service: row.text(2)?,
            code: row.text(3)?,
            time: Time::from_micros(row.int(4)?),
        })
    });
    refused.collect()
}
