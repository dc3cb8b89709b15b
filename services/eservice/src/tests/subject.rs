//! Whom a case is about and nobody asks: they read who opened it, an auditor finds it by them, and they see nothing of it.

use std::sync::Arc;

use bus::Assurance;
use kernel::{CaseId, ManualClock};
use prost::Message;
use proto::{
    Event as _,
    eservice::v1::{CaseChanged, CaseOpened, DecideTaskRequest, ReadPageRequest, ReadTaskRequest},
};

use super::{
    paper,
    platform::{OWNER_PINFL, SPOUSE_PINFL, Scripted},
    world::{CITIZEN, COLLEAGUE, MORNING, NUKUS, OFFICER, World, person},
};
use crate::{
    bus::{answers, asked, case, claim, page, task},
    domain::access,
    store::{MIGRATIONS, cases},
};

/// As the scripted identity knows everybody.
const CHILD: u8 = 50;
const STRANGER: u8 = 2;
/// Whoever signed a paper.
const SIGNED: u8 = 60;

/// What was told of this kind, the last one last.
async fn told<E: Message + Default>(world: &World, name: &str) -> Vec<E> {
    let mut tx = world.host.database.read().await.unwrap();
    let rows = tx.fetch_all("SELECT body FROM outbox WHERE name = $1 ORDER BY id", sql::args![name]).await.unwrap();
    rows.iter().map(|row| E::decode(row.blob(0).unwrap().as_slice()).unwrap()).collect()
}

async fn world(database: sql::Database) -> World {
    let platform = Arc::new(Scripted::about_a_child(person(OFFICER)));
    let world = World::replica(database, Arc::new(ManualClock::at(MORNING)), platform, 1);
    world.learns().await;
    world
}

/// A case about a child, which lies before an officer.
async fn reviewed(database: sql::Database) -> (World, Vec<u8>) {
    let world = world(database).await;
    let case = Box::pin(reviewed_in(&world)).await;
    (world, case)
}

async fn reviewed_in(world: &World) -> Vec<u8> {
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    // The registry is away: it is asked until its time is over.
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(20));
    }
    Box::pin(world.paid(&case)).await;
    Box::pin(world.settle()).await;
    case
}

#[tokio::test]
async fn whom_a_case_is_about_reads_who_opened_it_and_sees_nothing_of_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = Box::pin(reviewed(database)).await;
        let child = person(CHILD).to_vec();
        let changed: Vec<CaseChanged> = told(&world, CaseChanged::NAME).await;
        assert!(changed[0].subjects.is_empty(), "{engine}: nobody is looked up for a draft");
        let last = changed.last().unwrap();
        assert_eq!(last.subjects, std::slice::from_ref(&child), "{engine}: an auditor finds it by them");
        assert!(last.asked.is_empty(), "{engine}: no list has it");
        let task_id = world.open_task(&case).await;
        let look = ReadTaskRequest { case_id: case.clone(), task_id, language: "en".into(), purpose: String::new() };
        Box::pin(task::read(world.host.clone(), world.call(OFFICER, look))).await.unwrap();
        let opened: Vec<CaseOpened> = told(&world, CaseOpened::NAME).await;
        assert_eq!(opened.last().unwrap().parties, [child], "{engine}");
        let seen = case::read(world.host.clone(), world.read(CHILD, &case)).await.unwrap();
        let expected = proto::eservice::v1::Case {
            case_id: case.clone(),
            agency: seen.agency.clone(),
            service: seen.service.clone(),
            service_title: seen.service_title.clone(),
            phase: "about".into(),
            ..Default::default()
        };
        assert_eq!(seen, expected, "{engine}: that it is so, and nothing else");
        let refused = asked::read(world.host.clone(), world.read(CHILD, &case)).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}: nobody asks them");
        let refused = answers::read(world.host.clone(), world.read(CHILD, &case)).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}");
        let request = ReadPageRequest { case_id: case.clone(), page: "date".into(), language: "en".into() };
        let refused = page::read(world.host.clone(), world.call(CHILD, request)).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}");
        let mut weak = world.read(CHILD, &case);
        weak.person.as_mut().unwrap().assurance = Assurance::Low;
        let refused = case::read(world.host.clone(), weak).await.unwrap_err();
        assert_eq!(refused.code, "service.assurance", "{engine}: a password alone proves no number");
        let mut through = world.read(CHILD, &case);
        through.person.as_mut().unwrap().actor = person(STRANGER);
        for call in [through, world.read(STRANGER, &case)] {
            let refused = case::read(world.host.clone(), call).await.unwrap_err();
            assert_eq!(refused.code, "case.not-found", "{engine}: nobody else is told");
        }
    }
}

#[tokio::test]
async fn whom_a_case_is_about_reads_who_goes_on_with_its_paper_that_was_sent_back() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = world(database).await;
        world.platform.people.lock().unwrap().insert(SPOUSE_PINFL.into(), person(SIGNED));
        let signed = proto::eservice::v1::Paper {
            pinfl: SPOUSE_PINFL.into(),
            family_name: "Karimov".into(),
            born: "1985-03-12".into(),
            ..paper::paper()
        };
        let case = Box::pin(paper::reviewed_of(&world, signed, SIGNED)).await;
        let (outcome, note) = ("return".to_owned(), "Which year?".to_owned());
        let back = proto::eservice::v1::DecideTaskRequest { outcome, note, ..Default::default() };
        paper::decide(&world, COLLEAGUE, &case, back).await.unwrap();
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(3 * 86_400));
        paper::take_over(&world, NUKUS, &case).await.unwrap();
        let opened: Vec<CaseOpened> = told(&world, CaseOpened::NAME).await;
        let last = opened.last().unwrap();
        assert_eq!(last.applicant, person(SIGNED).to_vec(), "{engine}");
        assert_eq!(last.parties, [person(CHILD).to_vec()], "{engine}");
    }
}

#[tokio::test]
async fn nobody_whom_a_case_is_about_decides_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = Box::pin(reviewed(database)).await;
        let mut tx = world.host.database.read().await.unwrap();
        let id = CaseId::from_slice(&case).unwrap();
        let state = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap().state;
        drop(tx);
        assert!(state.takes_part(person(CHILD)) && !state.takes_part(person(STRANGER)), "{engine}");
        assert!(state.part_of(person(CHILD)).is_none(), "{engine}: and answer nothing");
        let officer = world.host.officer(person(OFFICER)).await.unwrap();
        let may = |who: u8| access::takes_no_part(world.host.keys.lookup(), &state, person(who), &officer);
        assert_eq!(
            may(CHILD).unwrap_err().code,
            "case.not-found",
            "{engine}: also where the number is not the officer's"
        );
        assert!(may(OFFICER).is_ok(), "{engine}");
        assert!(state.actions.is_empty(), "{engine}: identity was asked once");
        let task_id = world.open_task(&case).await;
        let look = ReadTaskRequest {
            case_id: case.clone(),
            task_id: task_id.clone(),
            language: "en".into(),
            purpose: String::new(),
        };
        let mut look = world.call(OFFICER, look);
        let outcome = "approve".into();
        let decision = DecideTaskRequest { case_id: case.clone(), task_id, outcome, ..DecideTaskRequest::default() };
        let mut decision = world.call(OFFICER, decision);
        for acting in [look.person.as_mut(), decision.person.as_mut()] {
            acting.unwrap().actor = person(CHILD);
        }
        let refused = Box::pin(task::read(world.host.clone(), look)).await.err().unwrap();
        assert_eq!(refused.code, "case.not-found", "{engine}: nor do they open its task");
        let refused = Box::pin(task::decide(world.host.clone(), decision)).await.err().unwrap();
        assert_eq!(refused.code, "case.not-found", "{engine}");
    }
}

#[tokio::test]
async fn an_officer_whom_a_case_is_about_neither_opens_nor_takes_its_task() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = world(database).await;
        world.platform.people.lock().unwrap().insert(OWNER_PINFL.into(), person(COLLEAGUE));
        let case = Box::pin(reviewed_in(&world)).await;
        let task_id = world.open_task(&case).await;
        let look = ReadTaskRequest {
            case_id: case.clone(),
            task_id: task_id.clone(),
            language: "en".into(),
            purpose: String::new(),
        };
        let claim = proto::eservice::v1::ClaimTaskRequest { case_id: case.clone(), task_id };
        let looked = Box::pin(task::read(world.host.clone(), world.call(COLLEAGUE, look.clone()))).await;
        assert_eq!(looked.unwrap_err().code, "case.not-found", "{engine}");
        let taken = Box::pin(claim::claim(world.host.clone(), world.call(COLLEAGUE, claim))).await;
        assert_eq!(taken.unwrap_err().code, "case.not-found", "{engine}");
        assert!(
            task::read(world.host.clone(), world.call(OFFICER, look)).await.is_ok(),
            "{engine}: it is about another"
        );
    }
}
