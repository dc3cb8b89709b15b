//! A party is asked as the bus brings it: they alone answer, they see their part alone, and everybody else is told nothing.

use std::sync::Arc;

use bus::Assurance;
use kernel::{CaseId, Failure, ManualClock};
use proto::eservice::v1::{
    Asked, CaseCommand, CaseReply, ReadPageRequest, SavePageReply, SavePageRequest, SubmitRequest, Value,
};

use super::{
    platform::{OWNER_PINFL, Scripted},
    world::{CITIZEN, MORNING, OFFICER, World, person},
};
use crate::{
    bus::{answers, asked, case, page},
    store::MIGRATIONS,
};

const OWNER: u8 = 50;
const STRANGER: u8 = 2;

/// A case that waits for its owner.
async fn waiting(database: sql::Database) -> (World, Vec<u8>) {
    waiting_on(database, Scripted::asking_an_owner(person(OFFICER))).await
}

pub(super) async fn waiting_on(database: sql::Database, platform: Scripted) -> (World, Vec<u8>) {
    let clock = Arc::new(ManualClock::at(MORNING));
    let world = World::replica(database, clock, Arc::new(platform), 1);
    world.learns().await;
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    Box::pin(world.settle()).await;
    (world, case)
}

async fn reads(world: &World, who: u8, case: &[u8]) -> Result<Asked, Failure> {
    asked::read(world.host.clone(), world.read(who, case)).await
}

async fn saves(world: &World, who: u8, case: &[u8], months: &str) -> Result<SavePageReply, Failure> {
    let request = ReadPageRequest { case_id: case.to_vec(), page: "agree".into(), language: "en".into() };
    let shown = asked::read_page(world.host.clone(), world.call(who, request)).await?;
    assert!(shown.representation.is_none());
    let request = SavePageRequest {
        case_id: case.to_vec(),
        page: "agree".into(),
        language: "en".into(),
        values: vec![Value { at: "months".into(), text: months.into() }],
        disputed: Vec::new(),
        shown_hash: shown.shown_hash,
    };
    Box::pin(asked::save_page(world.host.clone(), world.call(who, request))).await
}

async fn agrees(world: &World, who: u8, case: &[u8]) -> Result<CaseReply, Failure> {
    let shown = asked::read_answers(world.host.clone(), world.read(who, case)).await?;
    let request = SubmitRequest {
        case_id: case.to_vec(),
        version: shown.version,
        shown_hash: shown.shown_hash,
        language: "en".into(),
        ..SubmitRequest::default()
    };
    Box::pin(asked::consent(world.host.clone(), world.call(who, request))).await
}

async fn declines(world: &World, who: u8, case: &[u8]) -> Result<CaseReply, Failure> {
    let request = CaseCommand { case_id: case.to_vec(), version: 0 };
    Box::pin(asked::decline(world.host.clone(), world.call(who, request))).await
}

async fn acts(world: &World, act: &'static str) -> i64 {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT COUNT(*) FROM audit WHERE act = $1";
    tx.fetch_one(select, sql::args![act]).await.unwrap().int(0).unwrap()
}

#[tokio::test]
async fn whoever_is_asked_agrees_in_their_own_session_and_the_case_goes_on() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        let view = world.case(CITIZEN, &case).await;
        assert_eq!(view.status, "asking", "{engine}");
        assert_eq!((view.parties[0].title.as_str(), view.parties[0].state.as_str()), ("Owner", "waiting"));
        assert_eq!(world.platform.actions("notify"), 1, "{engine}: the owner is told");
        let about = world.platform.about.lock().unwrap().clone();
        assert!(about.iter().all(|(_, _, number)| number != OWNER_PINFL), "{engine}: nobody asks before they agree");
        let own = reads(&world, OWNER, &case).await.unwrap();
        assert_eq!((own.state.as_str(), own.first_page.as_str(), own.told.len()), ("waiting", "agree", 1), "{engine}");
        assert!(own.until_us > MORNING.micros());
        let wrong = saves(&world, OWNER, &case, "0").await.unwrap();
        assert!(wrong.page.is_some_and(|page| !page.fields[0].error_code.is_empty()), "{engine}");
        assert_eq!(agrees(&world, OWNER, &case).await.unwrap_err().code, "case.incomplete", "{engine}");
        let saved = saves(&world, OWNER, &case, "12").await.unwrap();
        assert!(saved.page.is_none() && saved.next.is_empty(), "{engine}: the answers can be checked");
        assert_eq!(agrees(&world, OWNER, &case).await.unwrap().phase, "asked", "{engine}: no more than that");
        assert_eq!(acts(&world, "party.consented").await, 1, "{engine}");
        Box::pin(world.settle()).await;
        let view = world.case(CITIZEN, &case).await;
        assert_eq!(view.parties[0].state, "consented", "{engine}");
        assert!(view.parties[0].sections.is_empty(), "{engine}: the form shares nothing with the applicant");
        assert_ne!(view.status, "asking", "{engine}");
        let about = world.platform.about.lock().unwrap().clone();
        let owner = ("civil-status".to_owned(), person(OWNER).to_vec(), OWNER_PINFL.to_owned());
        assert!(about.contains(&owner), "{engine}: the exchange compares the question with who agreed");
        let own = reads(&world, OWNER, &case).await.unwrap();
        let codes: Vec<_> = own.timeline.iter().map(|row| row.code.as_str()).collect();
        assert_eq!((own.state.as_str(), codes), ("consented", vec!["party-asked", "party-consented"]), "{engine}");
        assert_eq!(own.told.len(), 1, "{engine}: what they were told stays with them");
        assert_eq!(own.sections[0].rows[0].value, "12", "{engine}: as does what they answered");
        assert_eq!(agrees(&world, OWNER, &case).await.unwrap_err().code, "party.not-waiting", "{engine}: once");
    }
}

#[tokio::test]
async fn nobody_else_answers_and_the_one_who_is_asked_sees_nothing_but_their_part() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        for who in [CITIZEN, STRANGER, OFFICER] {
            for refused in [
                reads(&world, who, &case).await.map(drop).unwrap_err(),
                saves(&world, who, &case, "12").await.map(drop).unwrap_err(),
                agrees(&world, who, &case).await.map(drop).unwrap_err(),
                declines(&world, who, &case).await.map(drop).unwrap_err(),
            ] {
                assert_eq!(refused.code, "case.not-found", "{engine}: {who}");
            }
        }
        let unknown = CaseId::from_bytes([42; 16]).to_vec();
        assert_eq!(reads(&world, OWNER, &unknown).await.unwrap_err().code, "case.not-found", "{engine}");
        assert_eq!(acts(&world, "case.refused").await, 13, "{engine}");
        let seen = case::read(world.host.clone(), world.read(OWNER, &case)).await.unwrap();
        assert_eq!(seen.phase, "asked", "{engine}");
        assert!(seen.number.is_empty() && seen.timeline.is_empty() && seen.status.is_empty(), "{engine}: {seen:?}");
        let refused = answers::read(world.host.clone(), world.read(OWNER, &case)).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}: the applicant's answers are not theirs");
        let request = ReadPageRequest { case_id: case.clone(), page: "date".into(), language: "en".into() };
        let refused = page::read(world.host.clone(), world.call(OWNER, request)).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}");
        let mut weak = world.read(OWNER, &case);
        weak.person.as_mut().unwrap().assurance = Assurance::Low;
        let refused = asked::read(world.host.clone(), weak).await.unwrap_err();
        assert_eq!(refused.code, "service.assurance", "{engine}: a password alone proves no number");
        let mut through = world.read(OWNER, &case);
        through.person.as_mut().unwrap().actor = person(STRANGER);
        let refused = asked::read(world.host.clone(), through).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}: nobody answers in another's name");
    }
}

#[tokio::test]
async fn whoever_declines_or_lets_the_time_pass_ends_the_wait_and_nothing_is_left() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        saves(&world, OWNER, &case, "12").await.unwrap();
        declines(&world, OWNER, &case).await.unwrap();
        assert_eq!(acts(&world, "party.declined").await, 1, "{engine}");
        Box::pin(world.settle()).await;
        let view = world.case(CITIZEN, &case).await;
        assert_eq!((view.phase.as_str(), view.outcome.as_str()), ("ended", "unowned"), "{engine}");
        let own = reads(&world, OWNER, &case).await.unwrap();
        assert_eq!(own.state, "declined", "{engine}");
        assert!(
            own.sections.is_empty() && own.told.is_empty(),
            "{engine}: nothing is kept of what they do not agree to"
        );
        assert_eq!(declines(&world, OWNER, &case).await.unwrap_err().code, "party.not-waiting", "{engine}");
        world.nothing_is_left_behind().await;
    }
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        world.clock.advance(std::time::Duration::from_secs(11 * 86_400));
        Box::pin(world.settle()).await;
        assert_eq!(reads(&world, OWNER, &case).await.unwrap().state, "lapsed", "{engine}");
        assert_eq!(world.case(CITIZEN, &case).await.outcome, "unowned", "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn whoever_has_not_agreed_is_never_named_to_the_exchange_as_whom_a_question_may_be_about() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let platform = Scripted::asking(person(OFFICER), "lookup");
        let (world, case) = waiting_on(database, platform).await;
        let asked = || world.platform.about.lock().unwrap().clone();
        let before = asked().len();
        declines(&world, OWNER, &case).await.unwrap();
        Box::pin(world.settle()).await;
        let about = asked();
        assert!(about.len() > before, "{engine}: the registry is asked, with the owner's number in the question");
        for (registry, who, number) in &about {
            assert_eq!(*who, person(CITIZEN).to_vec(), "{engine}: {registry}");
            assert_ne!(number, OWNER_PINFL, "{engine}: the exchange compares, and refuses");
        }
    }
}

#[tokio::test]
async fn an_officer_whom_the_case_asks_never_works_on_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        let id = CaseId::from_slice(&case).unwrap();
        let mut tx = world.host.database.read().await.unwrap();
        let stored = crate::store::cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        assert!(stored.state.takes_part(person(OWNER)), "{engine}");
        assert!(!stored.state.takes_part(person(STRANGER)), "{engine}");
    }
}

#[tokio::test]
async fn an_officer_reads_what_was_agreed_only_where_the_task_shows_that_page() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let (world, case) = waiting(database).await;
    saves(&world, OWNER, &case, "12").await.unwrap();
    agrees(&world, OWNER, &case).await.unwrap();
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(20));
    }
    Box::pin(world.paid(&case)).await;
    Box::pin(world.settle()).await;
    let mut tx = world.host.database.read().await.unwrap();
    let id = CaseId::from_slice(&case).unwrap();
    let state = crate::store::cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap().state;
    drop(tx);
    let task = state.open_tasks().next().unwrap();
    let service = world.host.service("justice", state.revision, crate::host::Reach::Own).await.unwrap();
    let mut definition = service.definition().clone();
    let expert = process::case::Task { agency: "health".into(), ..task.clone() };
    let mut shown = |task: &process::case::Task, shows: &[&str]| -> bool {
        let steps = &mut definition.spec.process.as_mut().unwrap().steps;
        let review = steps.iter_mut().find(|step| step.name == task.step).unwrap().task.as_mut().unwrap();
        review.shows = shows.iter().map(|&page| page.to_owned()).collect();
        let process = process::Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
        let facts = world.host.facts(&service);
        let page = crate::domain::review::page(&process, &state, 1, task, kernel::Language::En, &facts);
        page.sections.iter().any(|section| section.page == "agree")
    };
    assert!(shown(task, &[]) && shown(task, &["agree"]) && shown(&expert, &["agree"]));
    for task in [task, &expert] {
        assert!(!shown(task, &["office"]), "what nobody named is not shown");
    }
    assert!(!shown(&expert, &[]), "and to another agency nothing by itself");
}
