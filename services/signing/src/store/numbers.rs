//! Numbers without gaps: the next one is read, printed and sealed, and taken only if nobody took it meanwhile.

use sql::{Error, Tx, args};

/// The number that comes next.
pub async fn next(tx: &mut Tx, agency: &str, year: i16, pattern: &str) -> Result<i64, Error> {
    let select = "SELECT last FROM numbers WHERE agency = $1 AND year = $2 AND pattern = $3";
    let row = tx.fetch_optional(select, args![agency, i64::from(year), pattern]).await?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or_default() + 1)
}

/// Takes the number with the transaction that stores its document; false: somebody was faster.
pub async fn take(tx: &mut Tx, agency: &str, year: i16, pattern: &str, number: i64) -> Result<bool, Error> {
    let year = i64::from(year);
    tx.execute(
        "INSERT INTO numbers (agency, year, pattern, last) VALUES ($1, $2, $3, 0)
         ON CONFLICT (agency, year, pattern) DO NOTHING",
        args![agency, year, pattern],
    )
    .await?;
    let taken = tx
        .execute(
            "UPDATE numbers SET last = $4 WHERE agency = $1 AND year = $2 AND pattern = $3 AND last = $5",
            args![agency, year, pattern, number, number - 1],
        )
        .await?;
    Ok(taken == 1)
}
