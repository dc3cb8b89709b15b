//! The index on both engines: reordered events, a rebuild from nothing, queues by office.

use kernel::{PersonId, TaskId};
use proto::{
    CaseRef, Text,
    eservice::v1::{CaseChanged, OpenTask},
};
use sql::Database;

use super::{MIGRATIONS, index, lists};
use crate::domain::queue::{Place, Scope, merged};

fn applicant() -> PersonId {
    PersonId::from_bytes([9; 16])
}

fn changed(case: u8, version: i64, phase: &str, offices: &[&str]) -> CaseChanged {
    let task = |office: &&str| OpenTask {
        task_id: vec![case; 16],
        step: "review".into(),
        role: "registrar".into(),
        agency: "justice".into(),
        office: (*office).into(),
        opened_us: 5,
        due_us: i64::from(100 - case),
        title: None,
    };
    CaseChanged {
        case: Some(CaseRef {
            case_id: vec![case; 16],
            agency: "justice".into(),
            service: "copy".into(),
            revision: vec![0; 32],
        }),
        number: format!("JUS-2026-{case:06}"),
        version,
        phase: phase.into(),
        status: "reviewing".into(),
        applicant: applicant().to_vec(),
        changed_us: version,
        title: Some(Text { by_language: [("en".to_owned(), "Copy".to_owned())].into() }),
        tasks: offices.iter().map(task).collect(),
        lookup: vec![vec![case; 32]],
        ..CaseChanged::default()
    }
}

async fn applied(database: &Database, events: &[CaseChanged]) {
    for event in events {
        let mut tx = database.begin().await.unwrap();
        index::apply(&mut tx, event).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn seen(database: &Database) -> String {
    let mut tx = database.read().await.unwrap();
    let scope = Scope { agency: "justice".into(), role: "registrar".into(), office: String::new() };
    let officer = PersonId::from_bytes([1; 16]);
    let queue = lists::queue(&mut tx, &scope, officer, Place::start(), 50).await.unwrap();
    let entries = lists::applications(&mut tx, applicant(), 50).await.unwrap();
    format!("{entries:?} {:?}", merged(queue, 50))
}

#[tokio::test]
async fn events_in_any_order_and_a_rebuild_from_empty_give_the_same_index() {
    let events = [
        changed(1, 1, "draft", &[]),
        changed(1, 2, "running", &["nukus"]),
        changed(2, 1, "running", &["nukus"]),
        changed(1, 3, "running", &["samarkand"]),
        changed(2, 2, "ended", &[]),
        changed(3, 1, "discarded", &[]),
    ];
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &events).await;
        let expected = seen(&database).await;
        assert!(expected.contains("samarkand") && !expected.contains("nukus"), "{engine}: {expected}");
        assert!(!expected.contains("discarded"));
        let mut tx = database.begin().await.unwrap();
        index::clear(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seen(&database).await, "[] []");
        let mut reordered = events.to_vec();
        reordered.reverse();
        applied(&database, &reordered).await;
        assert_eq!(seen(&database).await, expected, "{engine}");
    }
}

#[tokio::test]
async fn a_queue_shows_the_office_the_most_urgent_first_and_never_ones_own_case() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &[changed(1, 1, "running", &["nukus"]), changed(2, 1, "running", &["nukus"])]).await;
        let scope = |office: &str| Scope { agency: "justice".into(), role: "registrar".into(), office: office.into() };
        let mut tx = database.read().await.unwrap();
        let officer = PersonId::from_bytes([1; 16]);
        let queue = lists::queue(&mut tx, &scope("nukus"), officer, Place::start(), 50).await.unwrap();
        assert_eq!(queue.iter().map(|(_, task)| task.due_us).collect::<Vec<_>>(), [98, 99], "{engine}");
        let next = lists::queue(&mut tx, &scope("nukus"), officer, queue[0].0, 50).await.unwrap();
        assert_eq!(next.len(), 1);
        assert_eq!(next[0].0.task, TaskId::from_slice(&queue[1].1.task_id).unwrap());
        assert!(lists::queue(&mut tx, &scope("samarkand"), officer, Place::start(), 50).await.unwrap().is_empty());
        assert!(lists::queue(&mut tx, &scope("nukus"), applicant(), Place::start(), 50).await.unwrap().is_empty());
    }
}
