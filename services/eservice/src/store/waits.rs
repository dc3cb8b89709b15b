//! The index of what cases wait for: written with the transition that made them wait, read when somebody asks what is stuck.

use kernel::{CaseId, Time};
use process::case::TokenId;
use sql::{Error, Row, Tx, args};

use super::cases::Case;
use crate::domain::stuck::{Changes, Watch};

/// A place of a case for which somebody should look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    pub case: CaseId,
    pub token: TokenId,
    pub since: Time,
}

pub async fn write(tx: &mut Tx, case: &Case, changes: &Changes, now: Time) -> Result<(), Error> {
    for token in &changes.gone {
        let delete = "DELETE FROM case_waits WHERE case_id = $1 AND token = $2";
        tx.execute(delete, args![case.id, i64::from(*token)]).await?;
    }
    for (watch, same) in &changes.come {
        tx.execute(
            "INSERT INTO case_waits (case_id, token, hosted_service, kind, since, due) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (case_id, token) DO UPDATE SET
                 kind = $4, due = $6, since = CASE WHEN $7 = 1 THEN case_waits.since ELSE $5 END",
            args![
                case.id,
                i64::from(watch.token),
                case.hosted_service(),
                watch.kind.name(),
                now,
                watch.due(now),
                *same
            ],
        )
        .await?;
    }
    Ok(())
}

/// Whether the case is still as it was read; until the transaction ends nobody advances it.
pub async fn stands(tx: &mut Tx, case: &Case) -> Result<bool, Error> {
    let hold = "UPDATE cases SET version = version WHERE case_id = $1 AND version = $2 AND erased IS NULL";
    Ok(tx.execute(hold, args![case.id, case.version]).await? == 1)
}

/// Notes what a case that an older release left waiting waits for.
pub async fn note(tx: &mut Tx, case: &Case, watch: &Watch) -> Result<(), Error> {
    let since = case.state.changed;
    tx.execute(
        "INSERT INTO case_waits (case_id, token, hosted_service, kind, since, due) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (case_id, token) DO NOTHING",
        args![case.id, i64::from(watch.token), case.hosted_service(), watch.kind.name(), since, watch.due(since)],
    )
    .await?;
    Ok(())
}

/// Running cases of which nothing is noted, and what officers type, in the order of their ids.
pub async fn unnoted(tx: &mut Tx, after: CaseId, limit: i64) -> Result<Vec<CaseId>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id FROM cases
             WHERE case_id > $1 AND (phase IN ('running', 'returned') OR (phase = 'draft' AND taken_by IS NOT NULL))
               AND erased IS NULL
               AND NOT EXISTS (SELECT 1 FROM case_waits WHERE case_waits.case_id = cases.case_id)
             ORDER BY case_id LIMIT $2",
            args![after, limit],
        )
        .await?;
    rows.iter().map(|row| row.parsed(0, CaseId::from_slice)).collect()
}

/// What of a service is stuck, what has waited longest first.
pub async fn stuck(tx: &mut Tx, service: &str, now: Time, limit: i64) -> Result<Vec<Wait>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, token, since FROM case_waits WHERE hosted_service = $1 AND due <= $2
             ORDER BY since, case_id, token LIMIT $3",
            args![service, now, limit],
        )
        .await?;
    rows.iter().map(wait).collect()
}

/// What officers type of a service and nobody has forgotten yet, what has waited longest first.
pub async fn typed(tx: &mut Tx, service: &str, now: Time, limit: i64) -> Result<Vec<Wait>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, token, since FROM case_waits WHERE hosted_service = $1 AND due > $2 AND kind = 'paper'
             ORDER BY since, case_id, token LIMIT $3",
            args![service, now, limit],
        )
        .await?;
    rows.iter().map(wait).collect()
}

fn wait(row: &Row) -> Result<Wait, Error> {
    Ok(Wait {
        case: row.parsed(0, CaseId::from_slice)?,
        token: TokenId::try_from(row.int(1)?).unwrap_or_default(),
        since: row.time(2)?,
    })
}

/// How much is stuck, by what it waits for.
pub async fn counts(tx: &mut Tx, now: Time) -> Result<Vec<(String, i64)>, Error> {
    let rows = tx.fetch_all("SELECT kind, COUNT(*) FROM case_waits WHERE due <= $1 GROUP BY kind", args![now]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}
