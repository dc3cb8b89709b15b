//! Officers' openings of cases, as the audit holds them.

use kernel::{CaseId, PersonId, Time};
use sql::{Error, Row, Tx, args};

use crate::domain::opening::Earlier;

pub const ACT: &str = "case.opened";
/// More openings of one case within the time that one lasts are an officer's own noise.
const EARLIER_MAX: i64 = 50;
const REASONS_MAX: i64 = 200;

/// An officer's openings of a case since then, the newest first.
pub async fn earlier(tx: &mut Tx, case: CaseId, officer: PersonId, since: Time) -> Result<Vec<Earlier>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT purpose, detail FROM audit WHERE subject = $1 AND act = $2 AND actor = $3 AND time >= $4
             ORDER BY sequence DESC LIMIT $5",
            args![case, ACT, officer, since, EARLIER_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let detail = detail(row)?;
            let reason = row.opt_text(0)?.filter(|_| detail["reasoned"] == true);
            Ok(Earlier { thing: detail["thing"].as_str().unwrap_or_default().to_owned(), reason })
        })
        .collect()
}

/// Id of each opening of a case for which a reason was typed, and the reason.
pub async fn reasons(tx: &mut Tx, case: CaseId) -> Result<Vec<(String, String)>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT purpose, detail FROM audit WHERE subject = $1 AND act = $2 ORDER BY sequence DESC LIMIT $3",
            args![case, ACT, REASONS_MAX],
        )
        .await?;
    let mut reasons = Vec::new();
    for row in &rows {
        let detail = detail(row)?;
        if detail["reasoned"] == true {
            let id = detail["opening"].as_str().unwrap_or_default().to_owned();
            reasons.push((id, row.opt_text(0)?.unwrap_or_default()));
        }
    }
    Ok(reasons)
}

fn detail(row: &Row) -> Result<serde_json::Value, Error> {
    Ok(serde_json::from_str(&row.opt_text(1)?.unwrap_or_default()).unwrap_or_default())
}
