//! Two hosts over one database, leases off: no case runs twice.

use std::{collections::BTreeSet, sync::Arc};

use kernel::CaseId;
use sql::Database;

use super::{platform::Scripted, world::World};
use crate::{
    perform,
    store::{
        MIGRATIONS,
        cases::{self, Case},
        commit::{self, Fate, Transition},
    },
};

const CASES: u8 = 8;

/// Takes rows away from whoever holds them.
async fn without_leases(database: Database) {
    loop {
        let mut tx = database.begin().await.unwrap();
        // One row a transaction: a thief that held several locks could deadlock with those it steals from.
        let steal = "UPDATE case_actions SET held_until = 0 WHERE action_id =
                     (SELECT action_id FROM case_actions WHERE held_until <> 0 ORDER BY held_until LIMIT 1)";
        tx.execute(steal, sql::args![]).await.unwrap();
        tx.commit().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

async fn works(world: World) {
    for _ in 0..40 {
        // A row that a rival settled meanwhile is no failure.
        perform::perform_due(&world.host, 4).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// Proves that everything together holds: one number, one intent and one history a case, whoever performs what. It stays
/// green without the fence on the version alone, because command ids and the events' keys refuse the second writer too;
/// the fence is proved by itself below.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hosts_on_one_database_never_run_a_case_twice_without_leases() {
    for (engine, settings) in testkit::stores() {
        let database = Database::open(&settings, MIGRATIONS).await.unwrap();
        let first = World::new(database.clone()).await;
        let platform: Arc<Scripted> = first.platform.clone();
        *platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let second = Database::open(&settings, MIGRATIONS).await.unwrap();
        let second = World::replica(second, first.clock.clone(), platform.clone(), 2);
        let mut submissions = tokio::task::JoinSet::new();
        for who in 1..=CASES {
            let world = if who % 2 == 0 { first.clone() } else { second.clone() };
            submissions.spawn(async move { world.submitted(who).await });
        }
        let sent = submissions.join_all().await;
        let numbers: BTreeSet<&str> = sent.iter().map(|sent| sent.number.as_str()).collect();
        assert_eq!(numbers.len(), usize::from(CASES), "{engine}: each number once");
        assert_eq!(numbers.last(), Some(&"JUS-2026-000008"), "{engine}: no number skipped");

        let thief = tokio::spawn(without_leases(database.clone()));
        let both = [tokio::spawn(works(first.clone())), tokio::spawn(works(second))];
        for one in both {
            one.await.unwrap();
        }
        thief.abort();
        first.settle().await;
        assert_eq!(platform.actions("intent"), usize::from(CASES), "{engine}: one intent a case");
        let mut tx = database.read().await.unwrap();
        for sent in &sent {
            let id = CaseId::from_slice(&sent.case_id).unwrap();
            let case = cases::read(&mut tx, &first.host.keys, id).await.unwrap().unwrap();
            assert_eq!(case.state.status(), "paying", "{engine}");
            let events = cases::events(&mut tx, &case).await.unwrap();
            assert!(
                process::replay(process::CaseState::absent(id), &events) == case.state,
                "{engine}: the events are not one history"
            );
        }
        drop(tx);
        first.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_was_decided_on_an_older_version_is_dropped_without_an_error() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database.clone()).await;
        let id = CaseId::from_slice(&world.open(1).await.case_id).unwrap();
        let mut tx = database.begin().await.unwrap();
        let case = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        let decided = |command: u8| Transition {
            expected: case.version,
            decision: process::Decision { events: Vec::new(), state: case.state.clone() },
            command_id: vec![command; 16],
            outgoing: Vec::new(),
            acts: vec![crate::execute::act("case.tried", world.host.now(), None, id, "justice")],
            erase_due: None,
            took: None,
            waits: crate::domain::stuck::Changes::default(),
            now: world.host.now(),
            case: Case { version: case.version + 1, ..case.clone() },
        };
        for (command, expected) in [(1, Fate::Written), (2, Fate::Overtaken)] {
            let fates = commit::write(&mut tx, &mut [decided(command)], &*world.host.random).await.unwrap();
            assert_eq!(fates, [(id, expected)], "{engine}");
        }
        assert!(!sql::inbox::seen(&mut tx, &[2; 16]).await.unwrap(), "{engine}: the loser left a trace");
        tx.commit().await.unwrap();
        let mut tx = database.read().await.unwrap();
        let tried = tx.fetch_one("SELECT COUNT(*) FROM audit WHERE act = 'case.tried'", sql::args![]).await.unwrap();
        assert_eq!(tried.int(0).unwrap(), 1, "{engine}");
    }
}
