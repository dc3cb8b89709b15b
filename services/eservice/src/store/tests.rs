//! The store's rules on both engines: fences, leases, timers, the placement of revisions.

use std::time::Duration;

use kernel::{CaseId, Hash, Time};
use sql::{Tx, args};

use super::{
    MIGRATIONS, actions, openings,
    placements::{self, Placed},
    revisions,
};

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
async fn a_revision_is_offered_as_its_placement_says_and_not_before_that_is_known() {
    let (agency, service) = ("justice", "copy");
    let placed = |number: u8, admitted: i64, share: i64| Placed {
        revision: Hash::from_bytes([number; 32]),
        admitted: Time::from_micros(admitted),
        share,
    };
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        for number in [1, 2, 3] {
            revisions::announce(&mut tx, Hash::from_bytes([number; 32]), agency, service).await.unwrap();
        }
        for number in [1, 2] {
            let hash = Hash::from_bytes([number; 32]);
            revisions::ready(&mut tx, hash, Time::from_micros(i64::from(number)), "2026-06-01").await.unwrap();
        }
        assert_eq!(revisions::missing(&mut tx).await.unwrap(), [Hash::from_bytes([3; 32])]);
        let offered = revisions::offered(&mut tx, agency, service).await.unwrap();
        assert_eq!(offered.len(), 2, "{engine}: the third has no copy here");
        assert!(offered.iter().all(|offered| offered.share == 0), "{engine}");

        placements::hear(&mut tx, agency, service, 7).await.unwrap();
        assert_eq!(placements::stale(&mut tx).await.unwrap().len(), 1, "{engine}");
        let newer = [placed(1, 1, 100), placed(2, 9, 5), placed(3, 3, 0)];
        placements::keep(&mut tx, (agency, service), 7, "ending", &newer).await.unwrap();
        assert!(placements::stale(&mut tx).await.unwrap().is_empty(), "{engine}");
        placements::hear(&mut tx, agency, service, 6).await.unwrap();
        placements::keep(&mut tx, (agency, service), 6, "", &[placed(2, 2, 100)]).await.unwrap();
        let offered = revisions::offered(&mut tx, agency, service).await.unwrap();
        let second = offered.iter().find(|offered| offered.revision == Hash::from_bytes([2; 32])).unwrap();
        assert_eq!((second.share, second.admitted.micros()), (5, 9), "{engine}: an older placement came late");
        assert_eq!(placements::closed(&mut tx, agency, service).await.unwrap(), "ending", "{engine}");
        assert_eq!(placements::closed(&mut tx, agency, "other").await.unwrap(), "", "{engine}");
    }
}

#[tokio::test]
async fn every_reason_that_was_typed_is_found_however_often_a_case_was_opened() {
    let case = CaseId::from_bytes([1; 16]);
    let opening = |number: u8, of: CaseId, reasoned: bool| sql::audit::Act {
        act: openings::ACT.into(),
        subject: of.to_vec(),
        purpose: Some(format!("reason {number}")),
        detail: serde_json::json!({"opening": format!("opening {number}"), "reasoned": reasoned}).to_string(),
        ..sql::audit::Act::default()
    };
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        for number in 0..7 {
            sql::audit::append(&mut tx, &opening(number, case, number % 3 == 0)).await.unwrap();
            let other = CaseId::from_bytes([2; 16]);
            sql::audit::append(&mut tx, &opening(number, other, true)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = database.read().await.unwrap();
        let (mut found, mut next, mut pages) = (Vec::new(), Some(i64::MAX), 0);
        while let Some(before) = next {
            let page = openings::reasons(&mut tx, case, before, 2).await.unwrap();
            found.extend(page.0);
            (next, pages) = (page.1, pages + 1);
        }
        let expected = [6, 3, 0].map(|number| (format!("opening {number}"), format!("reason {number}")));
        assert_eq!((found.as_slice(), pages), (&expected[..], 4), "{engine}");
    }
}
