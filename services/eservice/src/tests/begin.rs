//! A refused application is appealed: by its applicant alone, once, with what was carried over, and decided by another officer.

use kernel::{CaseId, Clock, Failure};
use proto::eservice::v1::{
    CaseReply, DecideTaskRequest, DiscardDraftRequest, OpenDraftReply, OpenDraftRequest, ReadTaskRequest, TaskPage,
};

use super::world::{CITIZEN, COLLEAGUE, LEAD, OFFICER, World};
use crate::{
    bus::{draft, submit, task},
    store::{MIGRATIONS, cases},
};

/// An application that was refused by an officer.
pub(super) async fn refused(world: &World) -> Vec<u8> {
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(20));
    }
    world.paid(&case).await;
    Box::pin(world.settle()).await;
    Box::pin(decide(world, OFFICER, &case, ("refuse", "no-record"))).await.unwrap();
    Box::pin(world.settle()).await;
    assert_eq!(world.case(CITIZEN, &case).await.outcome, "rejected");
    case
}

async fn look(world: &World, who: u8, case: &[u8]) -> Result<TaskPage, Failure> {
    let task_id = world.open_task(case).await;
    let request = ReadTaskRequest { case_id: case.to_vec(), task_id, language: "en".into(), purpose: String::new() };
    Box::pin(task::read(world.host.clone(), world.call(who, request))).await
}

async fn decide(world: &World, who: u8, case: &[u8], (outcome, reason): (&str, &str)) -> Result<CaseReply, Failure> {
    let shown = look(world, who, case).await?;
    let request = DecideTaskRequest {
        case_id: case.to_vec(),
        version: shown.version,
        task_id: shown.task_id,
        outcome: outcome.into(),
        reasons: vec![reason.into()],
        ..DecideTaskRequest::default()
    };
    Box::pin(world.decide(who, request)).await
}

pub(super) async fn appeal(world: &World, who: u8, origin: &[u8], start: &str) -> Result<OpenDraftReply, Failure> {
    let request = OpenDraftRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        language: "en".into(),
        origin: origin.to_vec(),
        start: start.into(),
        ..OpenDraftRequest::default()
    };
    Box::pin(draft::open(world.host.clone(), world.call(who, request))).await
}

async fn acts(world: &World, act: &str) -> Vec<String> {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT detail FROM audit WHERE act = $1 ORDER BY sequence";
    let rows = tx.fetch_all(select, sql::args![act]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

#[tokio::test]
async fn an_appeal_takes_over_what_was_answered_and_another_officer_decides_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let origin = refused(&world).await;
        let told = world.case(CITIZEN, &origin).await;
        let [way] = told.onward.as_slice() else { panic!("{engine}: {:?}", told.onward) };
        assert_eq!((way.start.as_str(), way.title.as_str()), ("appeal", "Appeal this decision"));
        assert!(way.until_us > world.clock.now().micros() && !way.legal_basis.is_empty());

        let opened = appeal(&world, CITIZEN, &origin, "appeal").await.unwrap();
        assert_eq!((opened.first_page.as_str(), opened.reused), ("grounds", false), "{engine}");
        let again = appeal(&world, CITIZEN, &origin, "appeal").await.unwrap();
        assert_eq!((again.case_id.as_slice(), again.reused), (opened.case_id.as_slice(), true));
        let case = opened.case_id;
        assert_ne!(world.open(CITIZEN).await.case_id, case, "an appeal is not the draft of a new application");
        let carried = world.page(CITIZEN, &case, "marriage").await;
        assert_eq!(carried.fields[0].value, "2012-06-16");
        world.save(CITIZEN, &case, "grounds", &[("appeal.grounds", "The record was found since.")]).await;
        let kept = [("marriage.date", "2012-06-16"), ("marriage.office", "tashkent-yunusabad")];
        assert_eq!(world.save(CITIZEN, &case, "marriage", &kept).await, "", "all pages are answered");
        let request = world.submission(CITIZEN, &case).await;
        Box::pin(submit::submit(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
        Box::pin(world.settle()).await;

        let told = world.case(CITIZEN, &case).await;
        assert_eq!((told.start_title.as_str(), told.status.as_str()), ("Appeal this decision", "reviewing"));
        assert_eq!(told.origin.unwrap().case_id, origin);
        let before = world.case(CITIZEN, &origin).await;
        assert!(before.onward.is_empty(), "once");
        assert_eq!(before.followed[0].case_id, case);
        assert_eq!(appeal(&world, CITIZEN, &origin, "appeal").await.unwrap_err().code, "start.taken");

        assert_eq!(look(&world, OFFICER, &case).await.unwrap_err().code, "case.not-found", "who refused it");
        let shown = look(&world, COLLEAGUE, &case).await.unwrap();
        let decision = shown.origin.unwrap().decision.unwrap();
        assert_eq!(decision.reasons[0].code, "no-record");
        Box::pin(decide(&world, COLLEAGUE, &case, ("uphold", "unfounded"))).await.unwrap();
        Box::pin(world.settle()).await;
        let told = world.case(CITIZEN, &case).await;
        assert_eq!((told.outcome.as_str(), told.onward.len()), ("upheld", 0));

        let begun = acts(&world, "case.begun").await;
        let expected = format!("\"origin\":\"{}\"", CaseId::from_slice(&origin).unwrap());
        assert!(begun.len() == 1 && begun[0].contains(&expected), "{engine}: {begun:?}");
        let sent = acts(&world, "case.submitted").await;
        assert!(sent[0].contains("\"channel\":\"web\"") && sent[1].contains("\"start\":\"appeal\""), "{sent:?}");
        let mut tx = world.host.database.read().await.unwrap();
        let id = CaseId::from_slice(&case).unwrap();
        let stored = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        assert_eq!(stored.state.submitted_by, Some(super::world::person(CITIZEN)));
        drop(tx);
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn nobody_else_appeals_and_whoever_tries_learns_nothing() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let origin = refused(&world).await;
        let unknown = [42; 16].to_vec();
        for (who, case) in [(2, &origin), (2, &unknown), (CITIZEN, &unknown)] {
            let tried = appeal(&world, who, case, "appeal").await.unwrap_err();
            assert_eq!(tried.code, "case.not-found", "{engine}");
        }
        for officer in [OFFICER, LEAD] {
            assert_eq!(appeal(&world, officer, &origin, "appeal").await.unwrap_err().code, "service.officer");
        }
        assert_eq!(acts(&world, "case.refused").await.len(), 3);
        for start in ["apply", "renew", ""] {
            assert_eq!(appeal(&world, CITIZEN, &origin, start).await.unwrap_err().code, "start.late");
        }
        let running = Box::pin(world.submitted(3)).await.case_id;
        assert_eq!(appeal(&world, 3, &running, "appeal").await.unwrap_err().code, "start.late");
        world.clock.advance(std::time::Duration::from_secs(31 * 86_400));
        assert!(world.case(CITIZEN, &origin).await.onward.is_empty());
        assert_eq!(appeal(&world, CITIZEN, &origin, "appeal").await.unwrap_err().code, "start.late");
    }
}

#[tokio::test]
async fn two_presses_make_one_draft_and_one_that_was_thrown_away_makes_room_for_another() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let origin = refused(&world).await;
        let (one, other) =
            tokio::join!(appeal(&world, CITIZEN, &origin, "appeal"), appeal(&world, CITIZEN, &origin, "appeal"));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.case_id, other.case_id, "{engine}");
        let discard = DiscardDraftRequest { case_id: one.case_id.clone(), ..DiscardDraftRequest::default() };
        draft::discard(world.host.clone(), world.call(CITIZEN, discard)).await.unwrap();
        let told = world.case(CITIZEN, &origin).await;
        assert_eq!((told.onward.len(), told.followed.len()), (1, 0));
        let new = appeal(&world, CITIZEN, &origin, "appeal").await.unwrap();
        assert!(new.case_id != one.case_id && !new.reused);
        world.nothing_is_left_behind().await;
    }
}
