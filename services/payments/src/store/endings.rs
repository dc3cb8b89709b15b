//! How cases ended, as e-services report it: what the reconciler judges after a while.

use kernel::{CaseId, Failure, Hash, Time};

use crate::domain::intent::unreadable;

#[derive(Debug, Clone)]
pub struct Ending {
    pub case: CaseId,
    pub revision: Hash,
    pub outcome: String,
    pub delivered: Vec<String>,
}

/// `judge`: when refunds that are under way will have had their time.
pub async fn insert(tx: &mut sql::Tx, ending: &Ending, ended: Time, judge: Time) -> Result<(), Failure> {
    let delivered = serde_json::to_vec(&ending.delivered).expect("names are plain values");
    tx.execute(
        "INSERT INTO ended_case (case_id, revision, outcome, delivered, ended_us, judge_us) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        sql::args![
            ending.case.to_vec(),
            ending.revision.to_vec(),
            ending.outcome.clone(),
            delivered,
            ended.micros(),
            judge.micros()
        ],
    )
    .await?;
    Ok(())
}

pub async fn due(tx: &mut sql::Tx, now: Time, limit: i64) -> Result<Vec<Ending>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, revision, outcome, delivered FROM ended_case \
             WHERE judge_us > 0 AND judge_us <= $1 ORDER BY judge_us LIMIT $2",
            sql::args![now.micros(), limit],
        )
        .await?;
    let endings = rows.iter().map(|row| {
        Ok(Ending {
            case: CaseId::from_slice(&row.blob(0)?)?,
            revision: Hash::from_slice(&row.blob(1)?)?,
            outcome: row.text(2)?,
            delivered: serde_json::from_slice(&row.blob(3)?).map_err(|_| unreadable("delivered"))?,
        })
    });
    endings.collect()
}

/// `None`: judged.
pub async fn judge_at(tx: &mut sql::Tx, case: CaseId, at: Option<Time>) -> Result<(), Failure> {
    tx.execute("UPDATE ended_case SET judge_us = $2 WHERE case_id = $1", sql::args![case.to_vec(), super::stored(at)])
        .await?;
    Ok(())
}
