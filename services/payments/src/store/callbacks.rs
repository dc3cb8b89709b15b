//! Every call that proved to be a provider's, accepted or refused, recorded for ever in the order it came.

use kernel::{Failure, Hash, Time};

pub struct Callback<'a> {
    pub provider: &'a str,
    pub received: Time,
    pub method: &'a str,
    pub transaction: &'a str,
    /// `answered`, or the stable code of the refusal.
    pub outcome: &'a str,
    pub body: &'a [u8],
    pub answer: &'a [u8],
}

pub async fn record(tx: &mut sql::Tx, callback: &Callback<'_>) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO callback (provider, received_us, method, transaction_id, outcome, body_hash, body, answer) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        sql::args![
            callback.provider.to_owned(),
            callback.received.micros(),
            callback.method.to_owned(),
            callback.transaction.to_owned(),
            callback.outcome.to_owned(),
            Hash::of(callback.body).to_vec(),
            callback.body.to_vec(),
            callback.answer.to_vec()
        ],
    )
    .await?;
    Ok(())
}

/// Outcomes of the calls recorded, oldest first: for the reconciler's report and tests.
pub async fn outcomes(tx: &mut sql::Tx, provider: &str) -> Result<Vec<(String, String)>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT method, outcome FROM callback WHERE provider = $1 ORDER BY callback",
            sql::args![provider.to_owned()],
        )
        .await?;
    let outcomes = rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?)));
    outcomes.collect()
}
