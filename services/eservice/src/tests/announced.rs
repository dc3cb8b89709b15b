//! What an agency's own system announces begins one case, which its applicant sees, and what begins none is on record.

use std::{sync::atomic::Ordering, time::Duration};

use prost::Message;
use proto::{
    Event as _,
    eservice::v1::{CaseNotBegun, DecideTaskRequest, ReadTaskRequest},
};
use serde_json::{Value, json};

use super::{
    platform::placed,
    world::{CITIZEN, OFFICER, World},
};
use crate::{announced::Ear, bus::task, store::MIGRATIONS};

/// Whom the scripted identity knows by any number.
const NAMED: u8 = 50;
const MINUTE: Duration = Duration::from_secs(60);

fn lost() -> Value {
    json!({"spouse": {"pinfl": "31203850000015"}, "date": "2019-05-25", "office": "tashkent-yunusabad", "changed": false,
        "reason": "lost", "phone": "+998901234567", "benefit": "none"})
}

/// The ids of all cases.
async fn cases(world: &World) -> Vec<Vec<u8>> {
    let mut tx = world.host.database.read().await.unwrap();
    let rows = tx.fetch_all("SELECT case_id FROM cases ORDER BY opened, case_id", sql::args![]).await.unwrap();
    rows.iter().map(|row| row.blob(0).unwrap()).collect()
}

/// The codes of what began no case, in the order of the record.
async fn not_begun(world: &World) -> Vec<String> {
    let mut tx = world.host.database.read().await.unwrap();
    let sql = "SELECT detail FROM audit WHERE act = 'event.not-begun' ORDER BY sequence";
    let rows = tx.fetch_all(sql, sql::args![]).await.unwrap();
    let code = |detail: String| serde_json::from_str::<Value>(&detail).unwrap()["code"].as_str().unwrap().to_owned();
    rows.iter().map(|row| code(row.text(0).unwrap())).collect()
}

/// What was told of them.
async fn told(world: &World) -> Vec<CaseNotBegun> {
    let mut tx = world.host.database.begin().await.unwrap();
    sql::outbox::assign(&mut tx, 10_000).await.unwrap();
    let rows = sql::outbox::read(&mut tx, 0, 1000).await.unwrap();
    tx.commit().await.unwrap();
    let told = rows.iter().filter(|row| row.message.name == CaseNotBegun::NAME);
    told.map(|row| CaseNotBegun::decode(row.message.body.as_slice()).unwrap()).collect()
}

async fn listen(ear: &mut Ear, world: &World) -> usize {
    Box::pin(ear.listen(&world.host)).await.unwrap()
}

#[tokio::test]
async fn an_event_begins_one_case_that_the_officer_decides_and_its_applicant_sees() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::hearing(database).await;
        let mut ear = Ear::default();
        world.platform.announce("before", &lost());
        assert_eq!(listen(&mut ear, &world).await, 0, "{engine}: what was announced before begins nothing");
        world.platform.announce("e-1", &lost());
        assert_eq!(listen(&mut ear, &world).await, 1, "{engine}");
        let [case]: [Vec<u8>; 1] =
            cases(&world).await.try_into().unwrap_or_else(|all| panic!("{engine}: one case: {all:?}"));
        let told = world.case(NAMED, &case).await;
        assert_eq!((told.phase.as_str(), told.start_title.as_str()), ("running", "A record was lost"), "{engine}");
        assert_eq!(told.timeline[0].code, "begun", "{engine}");
        assert!(!told.number.is_empty() && told.submitted_us > 0, "{engine}");
        let other = crate::bus::case::read(world.host.clone(), world.read(CITIZEN, &case)).await.unwrap_err();
        assert_eq!(other.code, "case.not-found", "{engine}: nobody else sees it");
        let asked = ReadTaskRequest {
            case_id: case.clone(),
            task_id: world.open_task(&case).await,
            language: "en".into(),
            ..ReadTaskRequest::default()
        };
        let page = Box::pin(task::read(world.host.clone(), world.call(OFFICER, asked))).await.unwrap();
        let rows: Vec<_> = page.sections.iter().flat_map(|section| &section.rows).collect();
        let date = rows.iter().find(|row| row.at == "marriage.date").unwrap();
        assert_eq!((date.value.as_str(), date.fact), ("2019-05-25", true), "{engine}");
        let request = DecideTaskRequest {
            case_id: case.clone(),
            version: told.version,
            task_id: world.open_task(&case).await,
            outcome: "approve".into(),
            ..DecideTaskRequest::default()
        };
        Box::pin(world.decide(OFFICER, request)).await.unwrap();
        Box::pin(world.settle()).await;
        assert_eq!(world.case(NAMED, &case).await.phase, "ended", "{engine}");
        assert_eq!(not_begun(&world).await, Vec::<String>::new(), "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn whoever_hears_it_again_begins_nothing_twice() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::hearing(database.clone()).await;
        let other = World::replica(database, world.clock.clone(), world.platform.clone(), 2);
        other.learns().await;
        let (mut ear, mut late) = (Ear::default(), Ear::default());
        // At the second look each of them knows where it begins.
        for _ in 0..2 {
            assert_eq!((listen(&mut ear, &world).await, listen(&mut late, &other).await), (0, 0), "{engine}");
        }
        for id in ["e-1", "e-2"] {
            world.platform.announce(id, &lost());
        }
        world.platform.announce("e-3", &json!({}));
        assert_eq!((listen(&mut ear, &world).await, listen(&mut late, &other).await), (3, 3), "{engine}");
        assert_eq!(listen(&mut Ear::default(), &other).await, 0, "{engine}: nor one that has just started");
        assert_eq!(cases(&world).await.len(), 2, "{engine}");
        assert_eq!(not_begun(&world).await, ["start.event-data"], "{engine}: on record once");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn what_begins_no_case_is_on_record_and_holds_nothing_up() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::hearing(database).await;
        let mut ear = Ear::default();
        listen(&mut ear, &world).await;
        let mut wrong = [lost(), lost(), lost()];
        wrong[0]["spouse"]["pinfl"] = "31203850000016".into();
        wrong[1]["date"] = "yesterday".into();
        wrong[2]["reason"] = "whim".into();
        for (number, said) in wrong.iter().enumerate() {
            world.platform.announce(&format!("e-{number}"), said);
        }
        world.platform.announce("gone", &Value::Null);
        world.platform.announce("right", &lost());
        assert_eq!(listen(&mut ear, &world).await, 5, "{engine}");
        let codes = ["pinfl.check-digit", "start.event-data", "start.event-data", "start.event-gone"];
        assert_eq!(not_begun(&world).await, codes, "{engine}");
        let told = told(&world).await;
        let whoever_leads_reads: Vec<_> = told.iter().map(|one| (one.id.as_str(), one.code.as_str())).collect();
        let ids = ["e-0", "e-1", "e-2", "gone"];
        assert_eq!(whoever_leads_reads, ids.into_iter().zip(codes).collect::<Vec<_>>(), "{engine}");
        let (start, title) = (told[0].start.as_str(), told[0].title.clone().unwrap_or_default());
        assert_eq!((start, title.by_language["en"].as_str()), ("lost", "A record was lost"), "{engine}");
        assert!(!format!("{told:?}").contains("31203850"), "{engine}: nothing of what they say: {told:?}");
        assert_eq!(cases(&world).await.len(), 1, "{engine}");
        let mut tx = world.host.database.read().await.unwrap();
        let personal = "SELECT COUNT(*) FROM audit WHERE detail LIKE '%31203850%' OR detail LIKE '%99890%'";
        assert_eq!(tx.fetch_one(personal, sql::args![]).await.unwrap().int(0).unwrap(), 0, "{engine}");
    }
}

#[tokio::test]
async fn nothing_is_passed_over_while_the_exchange_is_away_or_the_intake_is_stopped() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::hearing(database).await;
        let mut ear = Ear::default();
        listen(&mut ear, &world).await;
        world.platform.announce("e-1", &lost());
        world.platform.silent.store(true, Ordering::SeqCst);
        assert_eq!(listen(&mut ear, &world).await, 0, "{engine}: away");
        world.platform.silent.store(false, Ordering::SeqCst);
        assert_eq!(listen(&mut ear, &world).await, 0, "{engine}: nobody asks again at once");
        world.clock.advance(MINUTE);
        let everybody = || vec![placed(&world.platform.admitted, 100)];
        world.placed(everybody(), "stopped").await;
        assert_eq!(listen(&mut ear, &world).await, 0, "{engine}: stopped");
        assert_eq!((cases(&world).await.len(), not_begun(&world).await.len()), (0, 0), "{engine}");
        world.placed(everybody(), "").await;
        world.clock.advance(MINUTE);
        assert_eq!(listen(&mut ear, &world).await, 1, "{engine}");
        let [case]: [Vec<u8>; 1] =
            cases(&world).await.try_into().unwrap_or_else(|all| panic!("{engine}: one case: {all:?}"));
        assert_eq!(world.case(NAMED, &case).await.phase, "running", "{engine}");
    }
}
