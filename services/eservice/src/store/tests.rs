//! The store's rules on both engines: fences, leases, timers, the choice of a revision.

use std::time::Duration;

use kernel::{CaseId, Hash, Time};
use sql::{Tx, args};

use super::{MIGRATIONS, actions, revisions};

const NOW: Time = Time::from_seconds(1_790_000_000);

async fn action(tx: &mut Tx, number: u8, effect: &str) {
    tx.execute(
        "INSERT INTO case_actions (action_id, case_id, operation, effect, state, attempt, tries, next_due, expires, held_until, body)
         VALUES ($1, $2, 'notify', $3, 'waiting', 1, 0, $4, NULL, 0, $1)",
        args![Hash::from_bytes([number; 32]), CaseId::from_bytes([number; 16]), effect, NOW],
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn an_action_is_taken_once_and_a_started_one_comes_back_only_as_unknown() {
    let hold = Duration::from_secs(60);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        action(&mut tx, 1, "keyed").await;
        action(&mut tx, 2, "once").await;
        let early = actions::take(&mut tx, NOW.minus(Duration::from_secs(1)), hold, 10).await.unwrap();
        assert!(early.is_empty(), "{engine}");
        let taken = actions::take(&mut tx, NOW, hold, 10).await.unwrap();
        assert_eq!(taken.len(), 2);
        assert!(taken.iter().all(|due| !due.started_before && due.tries == 1));
        assert!(actions::take(&mut tx, NOW, hold, 10).await.unwrap().is_empty(), "{engine}: leased");
        tx.execute("UPDATE case_actions SET held_until = 0", args![]).await.unwrap();
        let again = actions::take(&mut tx, NOW, hold, 10).await.unwrap();
        let once = again.iter().find(|due| due.once).unwrap();
        let keyed = again.iter().find(|due| !due.once).unwrap();
        assert!(once.started_before && !keyed.started_before, "{engine}");
    }
}

#[tokio::test]
async fn the_revision_in_force_on_the_day_of_submission_counts() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let revisions = [(1, 10, "2026-01-01"), (2, 20, "2026-06-01"), (3, 30, "2026-06-01"), (4, 40, "2027-01-01")];
        for (number, admitted, from) in revisions {
            let hash = Hash::from_bytes([number; 32]);
            revisions::announce(&mut tx, hash, "justice", "copy").await.unwrap();
            revisions::ready(&mut tx, hash, Time::from_micros(admitted), from).await.unwrap();
        }
        revisions::announce(&mut tx, Hash::from_bytes([5; 32]), "justice", "copy").await.unwrap();
        for (day, expected) in
            [("2025-12-31", None), ("2026-03-01", Some(1)), ("2026-06-01", Some(3)), ("2027-02-01", Some(4))]
        {
            let chosen = revisions::in_force(&mut tx, "justice", "copy", day).await.unwrap();
            assert_eq!(chosen, expected.map(|number| Hash::from_bytes([number; 32])), "{engine} {day}");
        }
        assert_eq!(revisions::missing(&mut tx).await.unwrap(), [Hash::from_bytes([5; 32])]);
    }
}
