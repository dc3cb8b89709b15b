//! What people thought of a service: a score and sealed words a case, and how often each score was given.

use kernel::{CaseId, Time};
use sql::{Error, Tx, args};

use super::cases::Case;

/// False: the case has a rating already, or is gone.
pub async fn give(tx: &mut Tx, case: &Case, score: i64, words: Option<String>, now: Time) -> Result<bool, Error> {
    // Whoever destroys its key waits for this, or has done it.
    let stands = "UPDATE cases SET erased = erased WHERE case_id = $1 AND erased IS NULL";
    if tx.execute(stands, args![case.id]).await? == 0 {
        return Ok(false);
    }
    let given = tx
        .execute(
            "INSERT INTO case_ratings (case_id, hosted_service, score, words, rated) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (case_id) DO NOTHING",
            args![case.id, case.hosted_service(), score, words, now],
        )
        .await?;
    if given == 0 {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO service_scores (hosted_service, score, given) VALUES ($1, $2, 1)
         ON CONFLICT (hosted_service, score) DO UPDATE SET given = service_scores.given + 1",
        args![case.hosted_service(), score],
    )
    .await?;
    Ok(true)
}

/// The score that a case has, and the words as they are kept.
pub async fn given(tx: &mut Tx, case: CaseId) -> Result<Option<(i64, Option<String>)>, Error> {
    let row = tx.fetch_optional("SELECT score, words FROM case_ratings WHERE case_id = $1", args![case]).await?;
    row.map(|row| Ok((row.int(0)?, row.opt_text(1)?))).transpose()
}

/// Each score that was given, and how often.
pub async fn counts(tx: &mut Tx, service: &str) -> Result<Vec<(i64, i64)>, Error> {
    let select = "SELECT score, given FROM service_scores WHERE hosted_service = $1 ORDER BY score";
    let rows = tx.fetch_all(select, args![service]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// A rating with words, as they are kept.
pub struct Written {
    pub case: CaseId,
    pub score: i64,
    pub words: String,
    pub rated: Time,
}

/// The newest before then.
pub async fn written(tx: &mut Tx, service: &str, before: Time, limit: i64) -> Result<Vec<Written>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, score, words, rated FROM case_ratings
             WHERE hosted_service = $1 AND rated < $2 AND words IS NOT NULL ORDER BY rated DESC LIMIT $3",
            args![service, before, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Written {
                case: row.parsed(0, CaseId::from_slice)?,
                score: row.int(1)?,
                words: row.text(2)?,
                rated: row.time(3)?,
            })
        })
        .collect()
}
