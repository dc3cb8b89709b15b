//! A company is asked as the bus brings it: whoever directs it now answers in their own session, and both are in the record.

use bus::Call;
use kernel::{CaseId, Failure};
use proto::eservice::v1::{
    Asked, CaseCommand, ReadPageRequest, ReadStandingRequest, ReadTaskRequest, SavePageRequest, SubmitRequest, Value,
};
use serde_json::json;

use super::{
    asked::waiting_on,
    platform::Scripted,
    world::{CITIZEN, COLLEAGUE, OFFICER, World, person},
};
use crate::{
    bus::{asked, case, standing, task},
    store::{MIGRATIONS, cases},
};

/// As the scripted identity knows everybody.
const COMPANY: u8 = 50;
const DIRECTOR: u8 = 2;
const NEXT: u8 = 3;
const STRANGER: u8 = 4;

/// A case that waits for a company, which one of the officers directs.
async fn waiting(database: sql::Database) -> (World, Vec<u8>) {
    let platform = Scripted::asking_a_company(person(OFFICER));
    platform.directs(person(OFFICER), person(COMPANY));
    waiting_on(database, platform).await
}

/// The company's call, as identity asserts it of this director.
fn through<Q>(director: u8, mut call: Call<Q>) -> Call<Q> {
    let asserted = call.person.as_mut().unwrap();
    asserted.actor = person(director);
    asserted.mandate = Some("director".into());
    call
}

async fn reads(world: &World, director: u8, case: &[u8]) -> Result<Asked, Failure> {
    asked::read(world.host.clone(), through(director, world.read(COMPANY, case))).await
}

async fn saves(world: &World, director: u8, case: &[u8]) {
    let request = ReadPageRequest { case_id: case.to_vec(), page: "agree".into(), language: "en".into() };
    let call = through(director, world.call(COMPANY, request));
    let shown = asked::read_page(world.host.clone(), call).await.unwrap();
    let request = SavePageRequest {
        case_id: case.to_vec(),
        page: "agree".into(),
        language: "en".into(),
        values: vec![Value { at: "months".into(), text: "12".into() }],
        disputed: Vec::new(),
        shown_hash: shown.shown_hash,
    };
    let call = through(director, world.call(COMPANY, request));
    let saved = Box::pin(asked::save_page(world.host.clone(), call)).await.unwrap();
    assert!(saved.page.is_none(), "{saved:?}");
}

async fn agrees(world: &World, director: u8, case: &[u8]) {
    let call = through(director, world.read(COMPANY, case));
    let shown = asked::read_answers(world.host.clone(), call).await.unwrap();
    let request = SubmitRequest {
        case_id: case.to_vec(),
        version: shown.version,
        shown_hash: shown.shown_hash,
        language: "en".into(),
        ..SubmitRequest::default()
    };
    let call = through(director, world.call(COMPANY, request));
    Box::pin(asked::consent(world.host.clone(), call)).await.unwrap();
}

/// Who did the only act of this name, and its detail.
async fn row(world: &World, act: &'static str) -> (Vec<u8>, serde_json::Value) {
    let mut tx = world.host.database.read().await.unwrap();
    let row = tx.fetch_one("SELECT actor, detail FROM audit WHERE act = $1", sql::args![act]).await.unwrap();
    (row.blob(0).unwrap(), serde_json::from_str(&row.text(1).unwrap()).unwrap())
}

/// As what a director of these companies stands in the case for whoever moves its money.
async fn standing_of(world: &World, case: &[u8], directs: u8) -> String {
    let request = ReadStandingRequest {
        case_id: case.to_vec(),
        person: person(STRANGER).to_vec(),
        directs: vec![person(directs).to_vec()],
        ..ReadStandingRequest::default()
    };
    standing::read(world.host.clone(), world.call(STRANGER, request)).await.unwrap().standing
}

#[tokio::test]
async fn a_company_that_is_asked_agrees_through_whoever_directs_it_now() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        let own = reads(&world, DIRECTOR, &case).await.unwrap();
        assert_eq!((own.state.as_str(), own.first_page.as_str()), ("waiting", "agree"), "{engine}");
        let opened = case::read(world.host.clone(), through(NEXT, world.read(COMPANY, &case))).await.unwrap();
        assert!(opened.phase == "asked" && opened.number.is_empty(), "{engine}: led to its own part, no further");
        saves(&world, DIRECTOR, &case).await;
        agrees(&world, NEXT, &case).await;
        let (actor, detail) = row(&world, "party.consented").await;
        let both = (actor, &detail["onBehalfOf"]);
        assert_eq!(both, (person(NEXT).to_vec(), &json!(person(COMPANY).to_string())), "{engine}");
        Box::pin(world.settle()).await;
        assert_eq!(world.case(CITIZEN, &case).await.parties[0].state, "consented", "{engine}");
        let about = world.platform.about.lock().unwrap().clone();
        assert!(!about.is_empty(), "{engine}: the registry is asked, with the company's number in the question");
        assert!(about.iter().all(|(_, who, _)| *who == person(CITIZEN).to_vec()), "{engine}: and about no company");
        let mut tx = world.host.database.read().await.unwrap();
        let id = CaseId::from_slice(&case).unwrap();
        let state = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap().state;
        assert!(state.takes_part(person(NEXT)) && !state.takes_part(person(STRANGER)), "{engine}");
        sql::audit::verify(&mut tx).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_answers_for_a_company_but_who_comes_as_its_director() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        let mut parent = through(DIRECTOR, world.read(COMPANY, &case));
        parent.person.as_mut().unwrap().mandate = Some("parent".into());
        let mut officer = through(DIRECTOR, world.read(COMPANY, &case));
        officer.person.as_mut().unwrap().officer = true;
        let mut another = through(DIRECTOR, world.read(COMPANY, &case));
        another.person.as_mut().unwrap().id = person(60);
        for (call, why) in [
            (world.read(DIRECTOR, &case), "by themselves"),
            (world.read(COMPANY, &case), "a company signs in nowhere"),
            (parent, "a parent of no company"),
            (officer, "an officer"),
            (another, "another company"),
        ] {
            let refused = asked::read(world.host.clone(), call).await.unwrap_err();
            assert_eq!(refused.code, "case.not-found", "{engine}: {why}");
        }
        let request = CaseCommand { case_id: case.clone(), version: 0 };
        let call = through(NEXT, world.call(COMPANY, request));
        Box::pin(asked::decline(world.host.clone(), call)).await.unwrap();
        let (actor, detail) = row(&world, "party.declined").await;
        let both = (actor, &detail["onBehalfOf"]);
        assert_eq!(both, (person(NEXT).to_vec(), &json!(person(COMPANY).to_string())), "{engine}");
        Box::pin(world.settle()).await;
        assert_eq!(world.case(CITIZEN, &case).await.outcome, "unowned", "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn whoever_directs_a_company_that_is_asked_decides_nothing_and_moves_no_money() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (world, case) = waiting(database).await;
        assert_eq!(standing_of(&world, &case, COMPANY).await, "named", "{engine}");
        assert_eq!(standing_of(&world, &case, 61).await, "none", "{engine}: of another company");
        saves(&world, DIRECTOR, &case).await;
        agrees(&world, DIRECTOR, &case).await;
        // The registry is away: it is asked until its time is over.
        for _ in 0..4 {
            Box::pin(world.settle()).await;
            world.clock.advance(std::time::Duration::from_secs(20));
        }
        Box::pin(world.paid(&case)).await;
        Box::pin(world.settle()).await;
        let task_id = world.open_task(&case).await;
        let look = || {
            let (case_id, task_id) = (case.clone(), task_id.clone());
            ReadTaskRequest { case_id, task_id, language: "en".into(), purpose: String::new() }
        };
        let refused = Box::pin(task::read(world.host.clone(), world.call(OFFICER, look()))).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}: an officer's own company");
        Box::pin(task::read(world.host.clone(), world.call(COLLEAGUE, look()))).await.unwrap();
    }
}
