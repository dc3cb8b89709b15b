//! Timers: which are due by civil time, and when the next one is.

use kernel::{CaseId, Hash, Time};
use sql::{Error, Tx, args};

pub struct Due {
    pub timer: Hash,
    pub case: CaseId,
    pub due: Time,
}

pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Due>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT timer_id, case_id, due FROM case_timers WHERE due <= $1 ORDER BY due LIMIT $2",
            args![now, limit],
        )
        .await?;
    let read = |row: &sql::Row| {
        Ok(Due { timer: row.parsed(0, Hash::from_slice)?, case: row.parsed(1, CaseId::from_slice)?, due: row.time(2)? })
    };
    rows.iter().map(read).collect()
}

/// Looks at a timer again later.
pub async fn later(tx: &mut Tx, timer: Hash, due: Time) -> Result<(), Error> {
    tx.execute("UPDATE case_timers SET due = $1 WHERE timer_id = $2", args![due, timer]).await?;
    Ok(())
}

/// A timer the case no longer waits for.
pub async fn forget(tx: &mut Tx, timer: Hash) -> Result<(), Error> {
    tx.execute("DELETE FROM case_timers WHERE timer_id = $1", args![timer]).await?;
    Ok(())
}
