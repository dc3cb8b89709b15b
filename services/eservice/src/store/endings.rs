//! How many working days decided cases took, one number a case.

use kernel::Time;
use sql::{Error, Tx, args};

use super::cases::Case;

pub async fn keep(tx: &mut Tx, case: &Case, working_days: u32, ended: Time) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO case_endings (case_id, hosted_service, ended, working_days) VALUES ($1, $2, $3, $4)
         ON CONFLICT (case_id) DO NOTHING",
        args![case.id, case.hosted_service(), ended, i64::from(working_days)],
    )
    .await?;
    Ok(())
}

/// Of the newest that ended since then.
pub async fn recent(tx: &mut Tx, service: &str, since: Time, limit: i64) -> Result<Vec<i64>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT working_days FROM case_endings WHERE hosted_service = $1 AND ended >= $2 ORDER BY ended DESC LIMIT $3",
            args![service, since, limit],
        )
        .await?;
    rows.iter().map(|row| row.int(0)).collect()
}
