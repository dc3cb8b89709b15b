//! One application from its first page to its end, with everybody who may not look at it turned away.

use kernel::{CaseId, TaskId};
use proto::eservice::v1::{DecideTaskRequest, MarkedField, ReadPageRequest, ReadTaskRequest};
use serde_json::json;

use super::world::{CITIZEN, OFFICER, World};
use crate::{
    bus::{answers, case, page, submit, task},
    store::{MIGRATIONS, cases},
};

fn record() -> serde_json::Value {
    json!({
        "date": "2012-06-16", "office": "tashkent-yunusabad", "place": "Toshkent", "actNumber": "412",
        "spouse1": "Karimov Jasur", "spouse2": "Karimova Dilnoza"
    })
}

async fn decision(world: &World, case: &[u8], outcome: &str) -> DecideTaskRequest {
    let task_id = world.open_task(case).await;
    let request = ReadTaskRequest {
        case_id: case.to_vec(),
        task_id: task_id.clone(),
        language: "en".into(),
        purpose: String::new(),
    };
    let shown = task::read(world.host.clone(), world.call(OFFICER, request)).await.unwrap();
    assert_eq!(shown.applicant, "Karimova Dilnoza");
    let lookup = shown.sections.iter().find(|section| section.page == "@lookup").unwrap();
    let kind = if world.platform.registry.lock().unwrap().is_some() { "date" } else { "absent" };
    assert_eq!(lookup.rows[0].kind, kind, "what the registry said, or that it said nothing");
    DecideTaskRequest {
        case_id: case.to_vec(),
        version: shown.version,
        task_id,
        outcome: outcome.into(),
        language: "en".into(),
        ..DecideTaskRequest::default()
    }
}

#[tokio::test]
async fn an_application_goes_from_the_form_to_the_document() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        *world.platform.registry.lock().unwrap() = Some(record());
        let opened = world.open(CITIZEN).await;
        assert_eq!((opened.first_page.as_str(), opened.reused), ("date", false));
        let again = world.open(CITIZEN).await;
        assert_eq!((again.case_id.as_slice(), again.reused), (opened.case_id.as_slice(), true));

        let request = ReadPageRequest { case_id: opened.case_id.clone(), page: "date".into(), language: "en".into() };
        let shown = page::read(world.host.clone(), world.call(CITIZEN, request)).await.unwrap();
        assert!(shown.fields[0].fact && shown.fields[0].value == "2012-06-16", "{engine}: {shown:?}");
        world.fill_in(CITIZEN, &opened.case_id).await;

        let request = world.submission(CITIZEN, &opened.case_id).await;
        let call = || {
            let mut call = world.call(CITIZEN, request.clone());
            call.person.as_mut().unwrap().command_id = kernel::CommandId::from_bytes([5; 16]);
            call
        };
        let sent = submit::submit(world.host.clone(), call()).await.unwrap();
        assert_eq!(sent.number, "JUS-2026-000001");
        let repeated = submit::submit(world.host.clone(), call()).await.unwrap();
        assert_eq!(repeated, sent, "the same command gives the same answer");
        let other = submit::submit(world.host.clone(), world.call(CITIZEN, request.clone())).await;
        assert!(other.is_err(), "another command finds an application that was sent");

        world.settle().await;
        let view = world.case(CITIZEN, &opened.case_id).await;
        assert_eq!(view.status, "paying");
        world.paid(&opened.case_id).await;
        world.settle().await;
        let approve = decision(&world, &opened.case_id, "approve").await;
        let click = kernel::Trace::start(&kernel::SeededRandom::new(7));
        click.run(world.decide(OFFICER, approve.clone())).await.unwrap();
        assert_eq!(world.decide(OFFICER, approve).await.unwrap_err().code, "task.closed");
        world.settle().await;
        let view = world.case(CITIZEN, &opened.case_id).await;
        assert_eq!((view.phase.as_str(), view.outcome.as_str()), ("ended", "granted"));
        assert_eq!(view.documents.len(), 1);
        assert_eq!((world.platform.actions("document"), world.platform.actions("notify")), (1, 1));
        let sealing = world.platform.traces.lock().unwrap()["document"];
        assert_eq!(sealing.trace_id(), click.trace_id(), "{engine}: the document belongs to the officer's click");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn a_refused_application_is_refunded_and_a_returned_one_opens_only_what_was_marked() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = world.submitted(CITIZEN).await.case_id;
        for _ in 0..4 {
            world.settle().await;
            world.clock.advance(std::time::Duration::from_secs(20));
        }
        world.paid(&case).await;
        world.settle().await;
        let mut back = decision(&world, &case, "return").await;
        back.marked = vec![MarkedField { at: "marriage.date".into(), note: "Another year".into() }];
        world.decide(OFFICER, back).await.unwrap();
        let view = world.case(CITIZEN, &case).await;
        assert_eq!((view.phase.as_str(), view.correct_page.as_str()), ("returned", "date"), "{engine}");
        world.save(CITIZEN, &case, "date", &[("marriage.date", "2011-06-16")]).await;
        let request = world.submission(CITIZEN, &case).await;
        let sent = submit::submit(world.host.clone(), world.call(CITIZEN, request)).await.unwrap();
        assert_eq!(sent.number, view.number, "the number stays");
        for _ in 0..4 {
            world.settle().await;
            world.clock.advance(std::time::Duration::from_secs(20));
        }
        let view = world.case(CITIZEN, &case).await;
        if view.status == "paying" {
            world.paid(&case).await;
            world.settle().await;
        }
        let mut refuse = decision(&world, &case, "refuse").await;
        refuse.reasons = vec!["no-record".into()];
        world.decide(OFFICER, refuse).await.unwrap();
        world.settle().await;
        let view = world.case(CITIZEN, &case).await;
        assert_eq!((view.phase.as_str(), view.outcome.as_str()), ("ended", "rejected"), "{engine}");
        assert!(world.platform.actions("refund") >= 1);
        let before: Vec<_> = view.earlier.iter().map(|decision| decision.outcome.as_str()).collect();
        assert_eq!(before, ["return"], "{engine}: what was decided before the last stays told");
        assert_eq!((view.channel.as_str(), view.sent_by.as_str()), ("web", "applicant"), "{engine}");
        let reasons = view.decision.unwrap().reasons;
        assert_eq!(reasons[0].code, "no-record");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn whoever_may_not_look_is_told_nothing_and_leaves_an_audit_row() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let own = world.submitted(CITIZEN).await.case_id;
        let unknown = CaseId::from_bytes([42; 16]).to_vec();
        for (who, case) in [(2, &own), (2, &unknown), (OFFICER, &own)] {
            let refused = case::read(world.host.clone(), world.read(who, case)).await.unwrap_err();
            assert_eq!(refused.code, "case.not-found", "{engine}");
            let refused = answers::read(world.host.clone(), world.read(who, case)).await.unwrap_err();
            assert_eq!(refused.code, "case.not-found");
        }
        let request = ReadTaskRequest {
            case_id: own.clone(),
            task_id: TaskId::from_bytes([1; 16]).to_vec(),
            language: "en".into(),
            purpose: String::new(),
        };
        for who in [CITIZEN, 2, OFFICER] {
            let refused = task::read(world.host.clone(), world.call(who, request.clone())).await.unwrap_err();
            assert_eq!(refused.code, "case.not-found");
        }
        let mut tx = world.host.database.read().await.unwrap();
        let row = tx.fetch_one("SELECT COUNT(*) FROM audit WHERE act = 'case.refused'", sql::args![]).await.unwrap();
        assert_eq!(row.int(0).unwrap(), 9);
        sql::audit::verify(&mut tx).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_personal_is_stored_in_the_open_and_the_events_give_the_state() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let sent = world.submitted(CITIZEN).await;
        world.settle().await;
        let mut tx = world.host.database.read().await.unwrap();
        let id = CaseId::from_slice(&sent.case_id).unwrap();
        let stored = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        let events = cases::events(&mut tx, &stored).await.unwrap();
        assert!(
            process::replay(process::CaseState::absent(id), &events) == stored.state,
            "{engine}: replay gives another state"
        );
        for table in [
            "SELECT state FROM cases",
            "SELECT body FROM case_events",
            "SELECT body FROM case_actions",
            "SELECT body FROM outbox",
        ] {
            for row in tx.fetch_all(table, sql::args![]).await.unwrap() {
                let bytes = row.blob(0).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                for personal in ["Karimova", "31203850000015", "901112233"] {
                    assert!(!text.contains(personal), "{engine}: {table} holds {personal}");
                }
            }
        }
    }
}
