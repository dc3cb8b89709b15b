//! Which agency a case belongs to: the first that asked something for it, or whose log spoke of it first.

use kernel::{CaseId, Failure};

use crate::{Error, Tx, args};

/// Before something is done for a case: no host does it in the name of another agency's.
pub async fn hold(tx: &mut Tx, case: CaseId, agency: &str) -> Result<(), Failure> {
    if claim(tx, case, agency).await? {
        return Ok(());
    }
    Err(Failure::forbidden("case.other-agency", "This case belongs to another agency."))
}

/// Takes the case for the log, where no other has it. True when it is the log's.
pub async fn claim(tx: &mut Tx, case: CaseId, log: &str) -> Result<bool, Error> {
    let claim = "INSERT INTO case_logs (case_id, log) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING";
    if tx.execute(claim, args![case, log]).await? == 1 {
        return Ok(true);
    }
    let row = tx.fetch_one("SELECT log FROM case_logs WHERE case_id = $1", args![case]).await?;
    Ok(row.text(0)? == log)
}
