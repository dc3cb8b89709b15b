//! How much is open and late, counted over all cases of this host.

use kernel::Time;
use sql::{Error, Tx, args};

pub struct Open {
    pub operation: String,
    pub count: i64,
    /// When the first of them was due; a started one is at work and not late.
    pub due: Option<Time>,
}

/// Actions that are not done, by what is asked.
pub async fn actions(tx: &mut Tx) -> Result<Vec<Open>, Error> {
    let waiting =
        "SELECT operation, count(*), min(next_due) FROM case_actions WHERE state = 'waiting' GROUP BY operation";
    let started =
        "SELECT operation, count(*), min(next_due) FROM case_actions WHERE state = 'started' GROUP BY operation";
    let mut open = Vec::new();
    for (sql, may_be_late) in [(waiting, true), (started, false)] {
        for row in tx.fetch_all(sql, args![]).await? {
            let due = row.opt_time(2)?.filter(|_| may_be_late);
            open.push(Open { operation: row.text(0)?, count: row.int(1)?, due });
        }
    }
    Ok(open)
}

/// Timers whose moment was before this one.
pub async fn timers_due(tx: &mut Tx, before: Time) -> Result<i64, Error> {
    tx.fetch_one("SELECT count(*) FROM case_timers WHERE due <= $1", args![before]).await?.int(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MIGRATIONS;

    #[tokio::test]
    async fn what_waits_is_counted_by_what_is_asked_and_only_what_is_due_is_late() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let rows =
                [("refund", "waiting", 70), ("refund", "waiting", 50), ("issue", "started", 1), ("issue", "done", 2)];
            for (number, (operation, state, due)) in (1_u8..).zip(rows) {
                tx.execute(
                    "INSERT INTO case_actions (action_id, case_id, operation, effect, state, attempt, tries, next_due, held_until, body)
                     VALUES ($1, $2, $3, 'keyed', $4, 0, 0, $5, 0, $6)",
                    args![vec![number; 32], vec![9_u8; 16], operation, state, due, Vec::<u8>::new()],
                )
                .await
                .unwrap();
                let timer = "INSERT INTO case_timers (timer_id, case_id, due) VALUES ($1, $2, $3)";
                tx.execute(timer, args![vec![number; 32], vec![9_u8; 16], due]).await.unwrap();
            }
            let mut open: Vec<_> = actions(&mut tx).await.unwrap();
            open.sort_by(|one, other| one.operation.cmp(&other.operation));
            let shown: Vec<_> =
                open.iter().map(|open| (open.operation.as_str(), open.count, open.due.map(Time::micros))).collect();
            assert_eq!(shown, [("issue", 1, None), ("refund", 2, Some(50))], "{engine}");
            assert_eq!(timers_due(&mut tx, Time::from_micros(50)).await.unwrap(), 3, "{engine}");
        }
    }
}
