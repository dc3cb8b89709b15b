//! Officers' openings of cases, as the audit holds them, and what came since.

use kernel::{CaseId, Failure, PersonId, Time};
use sql::{Error, Row, Tx, args};

use super::cases::{self, Case};
use crate::domain::opening::Earlier;

pub const ACT: &str = "case.opened";
/// More openings of one case within the time that one lasts are an officer's own noise.
const EARLIER_MAX: i64 = 50;

/// An officer's openings of a case since then, the newest first; reasons as they are kept.
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
            Ok(Earlier {
                thing: detail["thing"].as_str().unwrap_or_default().to_owned(),
                reason,
                version: detail["version"].as_i64().unwrap_or_default(),
                outdated: false,
            })
        })
        .collect()
}

/// Whether something came to the case after this version that its reader has not seen.
pub async fn is_outdated(tx: &mut Tx, case: &Case, reader: PersonId, version: i64) -> Result<bool, Failure> {
    let since = cases::events_after(tx, case, version).await?;
    Ok(since.iter().any(|event| event.what.is_news_to(reader)))
}

/// Of the newest openings of a case before a place: the id of each for which a reason was typed, and the reason; and the place before
/// which there may be others.
pub async fn reasons(
    tx: &mut Tx,
    case: CaseId,
    before: i64,
    limit: i64,
) -> Result<(Vec<(String, String)>, Option<i64>), Error> {
    let rows = tx
        .fetch_all(
            "SELECT purpose, detail, sequence FROM audit WHERE subject = $1 AND act = $2 AND sequence < $3
             ORDER BY sequence DESC LIMIT $4",
            args![case, ACT, before, limit],
        )
        .await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| is_full).map(|last| last.int(2)).transpose()?;
    let mut reasons = Vec::new();
    for row in &rows {
        let detail = detail(row)?;
        if detail["reasoned"] == true {
            let id = detail["opening"].as_str().unwrap_or_default().to_owned();
            reasons.push((id, row.opt_text(0)?.unwrap_or_default()));
        }
    }
    Ok((reasons, next))
}

fn detail(row: &Row) -> Result<serde_json::Value, Error> {
    Ok(serde_json::from_str(&row.opt_text(1)?.unwrap_or_default()).unwrap_or_default())
}
