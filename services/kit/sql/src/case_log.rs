//! Which agency's log a case belongs to: the first that spoke of it.

use kernel::CaseId;

use crate::{Error, Tx, args};

/// Takes the case for the log, where no other has it. True when it is the log's.
pub async fn claim(tx: &mut Tx, case: CaseId, log: &str) -> Result<bool, Error> {
    let claim = "INSERT INTO case_logs (case_id, log) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING";
    if tx.execute(claim, args![case, log]).await? == 1 {
        return Ok(true);
    }
    let row = tx.fetch_one("SELECT log FROM case_logs WHERE case_id = $1", args![case]).await?;
    Ok(row.text(0)? == log)
}
