//! What we answered a provider, byte for byte: a repeat gets the same bytes. And the fiscal receipts it sent.

use kernel::{Failure, Time};

/// One call of one provider's transaction.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub provider: &'a str,
    pub transaction: &'a str,
    pub method: &'a str,
}

pub async fn recall(tx: &mut sql::Tx, call: Call<'_>) -> Result<Option<Vec<u8>>, Failure> {
    let row = tx
        .fetch_optional(
            "SELECT answer FROM provider_answer WHERE provider = $1 AND transaction_id = $2 AND method = $3",
            args(call),
        )
        .await?;
    Ok(row.map(|row| row.blob(0)).transpose()?)
}

pub async fn keep(tx: &mut sql::Tx, call: Call<'_>, answer: &[u8], now: Time) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO provider_answer (provider, transaction_id, method, answer, time_us) VALUES ($1, $2, $3, $4, $5)",
        sql::args![
            call.provider.to_owned(),
            call.transaction.to_owned(),
            call.method.to_owned(),
            answer.to_vec(),
            now.micros()
        ],
    )
    .await?;
    Ok(())
}

/// The first fiscal receipt of a kind stays; a repeat changes nothing.
pub async fn keep_fiscal(tx: &mut sql::Tx, call: Call<'_>, data: &[u8], now: Time) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO fiscal (provider, transaction_id, kind, data, time_us) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
        sql::args![
            call.provider.to_owned(),
            call.transaction.to_owned(),
            call.method.to_owned(),
            data.to_vec(),
            now.micros()
        ],
    )
    .await?;
    Ok(())
}

fn args(call: Call<'_>) -> Vec<sql::Value> {
    sql::args![call.provider.to_owned(), call.transaction.to_owned(), call.method.to_owned()]
}
