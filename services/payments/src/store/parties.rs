//! Whom the cases that were paid for name, so that nobody's own affairs are decided by them, also while a case's host is away.

use std::collections::BTreeSet;

use kernel::{CaseId, Failure};

/// Takes the place of what was known. Cases of which nothing is to be paid are not kept.
pub async fn replace(tx: &mut sql::Tx, case: CaseId, parties: &BTreeSet<&[u8]>) -> Result<(), Failure> {
    let of_ours = tx.fetch_optional("SELECT 1 FROM intent WHERE case_id = $1 LIMIT 1", sql::args![case]).await?;
    if of_ours.is_none() {
        return Ok(());
    }
    erase(tx, case).await?;
    for party in parties {
        tx.execute("INSERT INTO case_party (case_id, party) VALUES ($1, $2)", sql::args![case, *party]).await?;
    }
    Ok(())
}

/// Empty: no word of this case has come.
pub async fn of_case(tx: &mut sql::Tx, case: CaseId) -> Result<BTreeSet<Vec<u8>>, Failure> {
    let rows = tx.fetch_all("SELECT party FROM case_party WHERE case_id = $1", sql::args![case]).await?;
    rows.iter().map(|row| Ok(row.blob(0)?)).collect()
}

pub async fn erase(tx: &mut sql::Tx, case: CaseId) -> Result<(), Failure> {
    tx.execute("DELETE FROM case_party WHERE case_id = $1", sql::args![case]).await?;
    Ok(())
}
