//! Rows of receipts, and the count of each agency and year: taken and inserted together, so that no number is missing.

use kernel::{Failure, IntentId, RefundId, Time};

use crate::domain::receipt::{Number, Receipt};

/// The number that comes next. Whoever takes one keeps others of the agency waiting until the transaction ends.
pub async fn next(tx: &mut sql::Tx, agency: &str, year: i16) -> Result<Number, Failure> {
    let row = tx
        .fetch_one(
            "INSERT INTO receipt_number (agency, year, last) VALUES ($1, $2, 1)
             ON CONFLICT (agency, year) DO UPDATE SET last = receipt_number.last + 1 RETURNING last",
            sql::args![agency, i64::from(year)],
        )
        .await?;
    Ok(Number { agency: agency.to_owned(), year: year.into(), count: row.int(0)? })
}

pub async fn insert(tx: &mut sql::Tx, receipt: &Receipt) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO receipt (agency, year, count, intent, refund, amount, time_us) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        sql::args![
            receipt.number.agency.clone(),
            receipt.number.year,
            receipt.number.count,
            receipt.intent,
            receipt.refund.map_or_else(Vec::new, RefundId::to_vec),
            receipt.amount,
            receipt.time.micros()
        ],
    )
    .await?;
    Ok(())
}

pub async fn find(tx: &mut sql::Tx, number: &Number) -> Result<Option<Receipt>, Failure> {
    let sql = "SELECT agency, year, count, intent, refund, amount, time_us FROM receipt \
               WHERE agency = $1 AND year = $2 AND count = $3";
    let args = sql::args![number.agency.clone(), number.year, number.count];
    let row = tx.fetch_optional(sql, args).await?;
    row.map(|row| read(&row)).transpose()
}

pub async fn of_intent(tx: &mut sql::Tx, intent: IntentId) -> Result<Vec<Receipt>, Failure> {
    let sql = "SELECT agency, year, count, intent, refund, amount, time_us FROM receipt WHERE intent = $1 \
               ORDER BY year, count";
    let rows = tx.fetch_all(sql, sql::args![intent]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &sql::Row) -> Result<Receipt, Failure> {
    let refund = row.blob(4)?;
    Ok(Receipt {
        number: Number { agency: row.text(0)?, year: row.int(1)?, count: row.int(2)? },
        intent: IntentId::from_slice(&row.blob(3)?)?,
        refund: (!refund.is_empty()).then(|| RefundId::from_slice(&refund)).transpose()?,
        amount: row.int(5)?,
        time: Time::from_micros(row.int(6)?),
    })
}
