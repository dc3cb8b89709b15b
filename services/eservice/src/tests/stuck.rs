//! What is stuck is seen by whoever leads, and a step that failed is tried again when two of them say so.

use std::{sync::atomic::Ordering, time::Duration};

use kernel::{CaseId, Failure, sealed::SEALED_WORDS};
use proto::eservice::v1::{CaseCommand, CaseReply, DecideTaskRequest, ListStuckRequest, RetryStepRequest, Stuck};

use super::{
    paper::{paper, take, take_over},
    world::{CHIEF, CITIZEN, COLLEAGUE, HEAD, NUKUS, OFFICER, World, person},
};
use crate::{
    bus::{stuck, withdraw},
    domain::{
        reason,
        stuck::{Changes, Due, Kind, Watch},
    },
    store::{
        MIGRATIONS, cases,
        waits::{self, Wait},
    },
};

const HOUR: Duration = Duration::from_secs(3600);
const SERVICE: &str = "marriage-certificate-copy";

/// A paid case that waits for an officer.
async fn waiting(world: &World) -> Vec<u8> {
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    // The registry is away: it is asked until its time is over.
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(Duration::from_secs(20));
    }
    Box::pin(world.paid(&case)).await;
    Box::pin(world.settle()).await;
    case
}

async fn approves(world: &World, case: &[u8]) {
    let request = DecideTaskRequest {
        case_id: case.to_vec(),
        version: world.case(CITIZEN, case).await.version,
        task_id: world.open_task(case).await,
        outcome: "approve".into(),
        ..DecideTaskRequest::default()
    };
    Box::pin(world.decide(OFFICER, request)).await.unwrap();
}

/// A case that was decided and whose document signing refuses.
async fn failed(world: &World) -> Vec<u8> {
    let case = Box::pin(waiting(world)).await;
    world.platform.seals_nothing.store(true, Ordering::SeqCst);
    Box::pin(approves(world, &case)).await;
    Box::pin(world.settle()).await;
    case
}

async fn lists(world: &World, who: u8) -> Result<Stuck, Failure> {
    let request = ListStuckRequest { agency: "justice".into(), service: SERVICE.into() };
    Box::pin(stuck::list(world.host.clone(), world.call(who, request))).await
}

async fn retries(world: &World, who: u8, case: &[u8], reason: &str) -> Result<CaseReply, Failure> {
    agrees(world, who, case, (reason, 0)).await
}

/// To what was asked at this moment.
async fn agrees(world: &World, who: u8, case: &[u8], (reason, asked_us): (&str, i64)) -> Result<CaseReply, Failure> {
    let (case_id, reason) = (case.to_vec(), reason.to_owned());
    let request = RetryStepRequest { case_id, reason, asked_us, ..RetryStepRequest::default() };
    Box::pin(stuck::retry(world.host.clone(), world.call(who, request))).await
}

fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

async fn acts(world: &World) -> Vec<String> {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT act FROM audit WHERE act LIKE 'step.%' OR act LIKE 'stuck.%' ORDER BY sequence";
    let rows = tx.fetch_all(select, sql::args![]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

/// What was typed for retries, as whoever has the case's key reads it.
async fn typed(world: &World, case: &[u8]) -> Vec<String> {
    let id = CaseId::from_slice(case).unwrap();
    let mut tx = world.host.database.read().await.unwrap();
    let case = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
    let select = "SELECT purpose FROM audit WHERE act LIKE 'step.%' AND purpose IS NOT NULL ORDER BY sequence";
    let rows = tx.fetch_all(select, sql::args![]).await.unwrap();
    let kept = rows.iter().map(|row| row.text(0).unwrap());
    kept.map(|kept| {
        assert!(kept.starts_with(SEALED_WORDS), "{kept}");
        reason::open(&case.key, id, &kept).unwrap()
    })
    .collect()
}

#[tokio::test]
async fn a_step_that_failed_is_listed_and_goes_on_when_two_who_lead_say_so() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(failed(&world)).await;
        for who in [OFFICER, NUKUS, CITIZEN] {
            assert_eq!(code(lists(&world, who).await), "case.not-found", "{engine}: {who} leads nothing");
            assert_eq!(code(retries(&world, who, &case, "x").await), "case.not-found", "{engine}: {who}");
        }
        let seen = lists(&world, HEAD).await.unwrap();
        assert_eq!(seen.count, 1, "{engine}");
        let one = &seen.cases[0];
        assert_eq!((one.kind.as_str(), one.code.as_str()), ("step", "seal.refused"), "{engine}");
        assert!(one.case_id == case && !one.number.is_empty() && one.asked_by.is_empty(), "{engine}");
        assert_eq!(code(retries(&world, HEAD, &case, " ").await), "step.retry-reason", "{engine}");
        world.platform.seals_nothing.store(false, Ordering::SeqCst);
        retries(&world, HEAD, &case, "The seal is renewed").await.unwrap();
        Box::pin(world.settle()).await;
        assert_eq!(world.case(CITIZEN, &case).await.status, "delayed", "{engine}: nothing follows from one alone");
        assert_eq!(code(retries(&world, HEAD, &case, "Again").await), "step.own-retry", "{engine}");
        let seen = lists(&world, CHIEF).await.unwrap();
        let one = &seen.cases[0];
        assert_eq!((&one.asked_by, one.asked_name.as_str()), (&person(HEAD).to_vec(), "Registrar"), "{engine}");
        assert_eq!(one.asked_reason, "The seal is renewed", "{engine}");
        let changed = "step.retry-changed";
        assert_eq!(code(retries(&world, CHIEF, &case, "I, too").await), changed, "{engine}: they were not shown it");
        let another = ("", one.asked_us + 1);
        assert_eq!(code(agrees(&world, CHIEF, &case, another).await), changed, "{engine}: they were shown another");
        agrees(&world, CHIEF, &case, ("", one.asked_us)).await.unwrap();
        Box::pin(world.settle()).await;
        let ended = world.case(CITIZEN, &case).await;
        assert_eq!(ended.phase, "ended", "{engine}");
        assert!(ended.timeline.iter().any(|row| row.code == "retried"), "{engine}: the applicant is told");
        assert_eq!(lists(&world, CHIEF).await.unwrap(), Stuck::default(), "{engine}: nothing is stuck any more");
        assert_eq!(code(retries(&world, HEAD, &case, "Again").await), "step.not-stuck", "{engine}");
        let told = ["stuck.listed", "step.retry-asked", "stuck.listed", "step.retried", "stuck.listed"];
        assert_eq!(acts(&world).await, told, "{engine}: each is on record");
        assert_eq!(typed(&world, &case).await, ["The seal is renewed"], "{engine}: sealed with the case's key");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_refund_that_payments_refused_is_listed_after_the_end_and_asked_for_again_when_two_who_lead_say_so() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database.clone()).await;
        let case = Box::pin(waiting(&world)).await;
        world.platform.refunds_nothing.store(true, Ordering::SeqCst);
        let request = CaseCommand { case_id: case.clone(), version: 1 };
        Box::pin(withdraw::withdraw(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
        Box::pin(world.settle()).await;
        assert_eq!(world.case(CITIZEN, &case).await.phase, "ended", "{engine}");
        let seen = lists(&world, HEAD).await.unwrap();
        let one = &seen.cases[0];
        assert_eq!(
            (one.kind.as_str(), one.code.as_str(), one.token),
            ("refund-refused", "payment.unknown-provider", 0),
            "{engine}"
        );
        assert!(one.case_id == case && !one.number.is_empty() && !one.step.is_empty(), "{engine}");
        let mut tx = database.read().await.unwrap();
        let alarm = waits::counts(&mut tx, world.host.now()).await.unwrap();
        drop(tx);
        assert_eq!(alarm, [("refund-refused".to_owned(), 1)], "{engine}: it is an alarm, too");
        assert_eq!(code(retries(&world, OFFICER, &case, "x").await), "case.not-found", "{engine}: they lead nothing");
        world.platform.refunds_nothing.store(false, Ordering::SeqCst);
        retries(&world, HEAD, &case, "The provider is configured again").await.unwrap();
        Box::pin(world.settle()).await;
        let seen = lists(&world, CHIEF).await.unwrap();
        assert_eq!(seen.cases[0].asked_by, person(HEAD).to_vec(), "{engine}: nothing follows from one alone");
        agrees(&world, CHIEF, &case, ("", seen.cases[0].asked_us)).await.unwrap();
        Box::pin(world.settle()).await;
        assert_eq!(lists(&world, CHIEF).await.unwrap(), Stuck::default(), "{engine}: the money is back");
        assert_eq!(code(retries(&world, HEAD, &case, "Again").await), "step.not-stuck", "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_decision_whose_time_is_over_is_listed_with_what_was_proposed_and_only_then() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_two(database).await;
        let case = Box::pin(waiting(&world)).await;
        assert_eq!(lists(&world, HEAD).await.unwrap().count, 0, "{engine}: it has time");
        Box::pin(approves(&world, &case)).await;
        world.clock.advance(HOUR * 24 * 30);
        Box::pin(world.settle()).await;
        let seen = lists(&world, HEAD).await.unwrap();
        let one = &seen.cases[0];
        assert_eq!((one.kind.as_str(), one.proposed), ("task", true), "{engine}: a second officer is missing");
        assert_eq!(one.task_id, world.open_task(&case).await, "{engine}");
        let tried = code(retries(&world, HEAD, &case, "Late").await);
        assert_eq!(tried, "step.not-stuck", "{engine}: a decision is a person's, and never tried again");
    }
}

#[tokio::test]
async fn what_an_older_release_left_waiting_is_noted_when_the_host_starts() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database.clone()).await;
        let case = Box::pin(failed(&world)).await;
        let id = CaseId::from_slice(&case).unwrap();
        let mut tx = database.begin().await.unwrap();
        tx.execute("DELETE FROM case_waits", sql::args![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(lists(&world, HEAD).await.unwrap().count, 0, "{engine}");
        assert_eq!(crate::stuck::note_all(&world.host).await.unwrap(), 1, "{engine}");
        assert_eq!(lists(&world, HEAD).await.unwrap().cases[0].kind, "step", "{engine}");
        assert_eq!(crate::stuck::note_all(&world.host).await.unwrap(), 0, "{engine}: once");
        // What was read before the case went on says nothing of where it stands: its own transition wrote that.
        let mut tx = database.begin().await.unwrap();
        let read = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        assert!(waits::stands(&mut tx, &read).await.unwrap(), "{engine}");
        tx.commit().await.unwrap();
        retries(&world, HEAD, &case, "The seal is renewed").await.unwrap();
        let mut tx = database.begin().await.unwrap();
        assert!(!waits::stands(&mut tx, &read).await.unwrap(), "{engine}: it moved on");
    }
}

#[tokio::test]
async fn paper_that_nobody_goes_on_with_for_a_week_is_named_to_whoever_leads() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database.clone()).await;
        let case = take(&world, OFFICER, paper()).await.unwrap().case_id;
        let own = Box::pin(world.open(CITIZEN)).await;
        world.clock.advance(HOUR * 24 * 7 - HOUR);
        assert_eq!(lists(&world, HEAD).await.unwrap(), Stuck::default(), "{engine}: it has time");
        take_over(&world, COLLEAGUE, &case).await.unwrap();
        world.clock.advance(HOUR * 24 * 7 - HOUR);
        assert_eq!(lists(&world, HEAD).await.unwrap(), Stuck::default(), "{engine}: somebody went on with it");
        world.clock.advance(HOUR);
        let seen = lists(&world, HEAD).await.unwrap();
        let [one] = seen.cases.as_slice() else { panic!("{engine}: {seen:?}") };
        assert_eq!((one.kind.as_str(), one.original.as_str()), ("paper", "K-12/2026"), "{engine}");
        assert!(one.case_id == case && one.case_id != own.case_id && one.number.is_empty(), "{engine}");
        assert!(!one.officer.is_empty(), "{engine}: who has it");
        let mut tx = database.read().await.unwrap();
        let counted = waits::counts(&mut tx, world.host.now()).await.unwrap();
        drop(tx);
        assert_eq!(counted, [("paper".to_owned(), 1)], "{engine}: it is an alarm");
        // A host of an older release noted nothing.
        let mut tx = database.begin().await.unwrap();
        tx.execute("DELETE FROM case_waits", sql::args![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(crate::stuck::note_all(&world.host).await.unwrap(), 1, "{engine}");
        assert_eq!(lists(&world, HEAD).await.unwrap(), seen, "{engine}");
        assert_eq!(code(retries(&world, HEAD, &case, "Late").await), "step.not-stuck", "{engine}: no step failed");
        Box::pin(world.fill_in(COLLEAGUE, &case)).await;
        assert_eq!(lists(&world, HEAD).await.unwrap(), Stuck::default(), "{engine}: it is typed");
    }
}

#[tokio::test]
async fn paper_whose_officer_has_lost_the_role_is_named_at_once() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        take(&world, OFFICER, paper()).await.unwrap();
        world.platform.ends(person(OFFICER), "registrar", world.host.now());
        world.clock.advance(Duration::from_secs(60));
        let seen = lists(&world, HEAD).await.unwrap();
        assert_eq!((seen.count, seen.cases[0].kind.as_str()), (1, "paper"), "{engine}");
    }
}

#[tokio::test]
async fn a_wait_is_stuck_from_its_moment_on_and_until_its_place_goes_on() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database.clone()).await;
        let id = CaseId::from_slice(&world.open(CITIZEN).await.case_id).unwrap();
        let now = world.host.now();
        let due = now.plus(HOUR);
        let mut tx = database.begin().await.unwrap();
        let case = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        let service = case.hosted_service();
        let come = |due: Due, same: bool| Changes {
            gone: Vec::new(),
            come: vec![(Watch { token: 1, activation: 1, kind: Kind::Task, due }, same)],
        };
        waits::write(&mut tx, &case, &come(Due::After(HOUR), false), now).await.unwrap();
        assert_eq!(waits::stuck(&mut tx, &service, now, 9).await.unwrap(), [], "{engine}: its moment is not there");
        let seen = waits::stuck(&mut tx, &service, due, 9).await.unwrap();
        assert_eq!(seen, [Wait { case: id, token: 1, since: now }], "{engine}");
        assert_eq!(waits::counts(&mut tx, due).await.unwrap(), [("task".to_owned(), 1)], "{engine}");
        assert!(waits::stuck(&mut tx, "justice/other", due, 9).await.unwrap().is_empty(), "{engine}: another service");
        waits::write(&mut tx, &case, &come(Due::At(due.plus(HOUR)), true), due).await.unwrap();
        assert_eq!(waits::stuck(&mut tx, &service, due, 9).await.unwrap(), [], "{engine}: it has more time");
        let seen = waits::stuck(&mut tx, &service, due.plus(HOUR), 9).await.unwrap();
        assert_eq!(seen[0].since, now, "{engine}: it is the same wait");
        waits::write(&mut tx, &case, &come(Due::At(due), false), due).await.unwrap();
        assert_eq!(waits::stuck(&mut tx, &service, due, 9).await.unwrap()[0].since, due, "{engine}: another one");
        let gone = Changes { gone: vec![1], come: Vec::new() };
        waits::write(&mut tx, &case, &gone, due).await.unwrap();
        assert_eq!(waits::stuck(&mut tx, &service, due.plus(HOUR), 9).await.unwrap(), [], "{engine}");
    }
}

#[tokio::test]
async fn a_lead_finds_what_they_look_after_behind_a_hundred_places_that_others_look_after() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database.clone()).await;
        let case = Box::pin(failed(&world)).await;
        let mut tx = database.begin().await.unwrap();
        // Nobody shows these to this lead.
        for other in 0..150_u8 {
            tx.execute(
                "INSERT INTO case_waits (case_id, token, hosted_service, kind, since, due) VALUES ($1, 1, $2, 'task', 1, 1)",
                sql::args![CaseId::from_bytes([other; 16]), format!("justice/{SERVICE}")],
            )
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        let seen = lists(&world, HEAD).await.unwrap();
        assert_eq!((seen.count, seen.cases.len()), (1, 1), "{engine}");
        assert_eq!(seen.cases[0].case_id, case, "{engine}");
    }
}
