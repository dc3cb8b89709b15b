//! A company's director and a child's parent: whoever is one now acts, both are in the record, and nobody acts a moment longer.

use std::time::Duration;

use bus::Call;
use kernel::{CaseId, Failure};
use proto::eservice::v1::{
    DecideTaskRequest, ListPrincipalsRequest, Mandate, OpenDraftReply, OpenDraftRequest, Principal,
    ReadStandingRequest, ReadTaskRequest,
};
use serde_json::{Value, json};

use super::{
    platform::{Said, placed},
    world::{OFFICER, World, person},
};
use crate::{
    bus::{case, draft, principals, standing, submit, task},
    store::{MIGRATIONS, cases},
};

const DIRECTOR: u8 = 2;
const NEXT: u8 = 3;
const PARENT: u8 = 4;
const COMPANY: u8 = 60;
/// Whom the scripted identity resolves everybody to.
const CHILD: u8 = 50;
const SERVICE: &str = "marriage-certificate-copy";

/// The example, as if it were for companies and children, too.
async fn taking(database: sql::Database) -> World {
    let world = World::new(database).await;
    let first = world.platform.admitted.clone();
    let second = world.platform.revised(|definition| {
        definition["spec"]["audience"] = json!(["citizen", "business"]);
        definition["spec"]["access"]["mandates"] =
            json!([{"kind": "director"}, {"kind": "parent", "registry": "notary", "operation": "my-children"}]);
    });
    world.placed(vec![placed(&second, 100), placed(&first, 100)], "").await;
    world
}

/// The same call by whoever came for the company, as identity asserts it.
fn for_company<Q>(mut call: Call<Q>) -> Call<Q> {
    let asserted = call.person.as_mut().unwrap();
    asserted.id = person(COMPANY);
    asserted.mandate = Some("director".into());
    call
}

fn opening(mandate: Option<Mandate>) -> OpenDraftRequest {
    let (agency, service, language) = ("justice".into(), SERVICE.into(), "en".into());
    OpenDraftRequest { agency, service, language, reuse: true, mandate, ..OpenDraftRequest::default() }
}

fn of_child(record: &str) -> Option<Mandate> {
    Some(Mandate { kind: "parent".into(), record: record.into() })
}

fn names(world: &World, children: &Value) {
    *world.platform.notary.lock().unwrap() = Said::Found(json!({"children": children}));
}

/// One who turns 18 on the day after tomorrow, and one who did long ago.
fn children() -> Value {
    json!([
        {"number": "2008-1", "pinfl": "60904150170441", "familyName": "Aliyeva", "givenName": "Zarina",
         "birthDate": "2008-11-25"},
        {"number": "2004-1", "pinfl": "62001040170218", "familyName": "Aliyeva", "givenName": "Kamola",
         "birthDate": "2004-01-20"},
    ])
}

async fn for_child(world: &World, record: &str) -> Result<OpenDraftReply, Failure> {
    draft::open(world.host.clone(), world.call(PARENT, opening(of_child(record)))).await
}

/// Act, who did it, and its detail.
async fn rows(world: &World, sql: &'static str, values: Vec<sql::Value>) -> Vec<(String, Vec<u8>, Value)> {
    let mut tx = world.host.database.read().await.unwrap();
    let rows = tx.fetch_all(sql, values).await.unwrap();
    let read = |row: &sql::Row| {
        let actor = row.opt_blob(1).unwrap().unwrap_or_default();
        (row.text(0).unwrap(), actor, serde_json::from_str(&row.text(2).unwrap()).unwrap())
    };
    rows.iter().map(read).collect()
}

#[tokio::test]
async fn a_company_applies_through_whoever_directs_it_now_and_every_row_names_both() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = taking(database).await;
        let host = &world.host;
        let open = || for_company(world.call(DIRECTOR, opening(None)));
        let case = draft::open(host.clone(), open()).await.unwrap().case_id;
        let again = draft::open(host.clone(), open()).await.unwrap();
        assert!(again.reused && again.case_id == case, "{engine}");
        let alone = case::read(host.clone(), world.read(DIRECTOR, &case)).await.unwrap_err();
        assert_eq!(alone.code, "case.not-found", "{engine}: to have begun it is no right to it");
        world.fill_in(COMPANY, &case).await;
        let submission = world.submission(COMPANY, &case).await;
        let alone = submit::submit(host.clone(), world.call(DIRECTOR, submission.clone())).await.unwrap_err();
        assert_eq!(alone.code, "case.not-found", "{engine}");
        submit::submit(host.clone(), for_company(world.call(NEXT, submission))).await.unwrap();
        let view = case::read(host.clone(), for_company(world.read(NEXT, &case))).await.unwrap();
        let told = view.representation.unwrap();
        assert_eq!((told.kind.as_str(), told.until.as_str(), told.ended), ("director", "", false), "{engine}");
        assert_eq!(view.timeline[0].actor, "representative", "{engine}");
        let sql = "SELECT act, actor, detail FROM audit WHERE subject = $1 ORDER BY sequence";
        let found = rows(&world, sql, sql::args![case.clone()]).await;
        let acts: Vec<&str> = found.iter().map(|(act, ..)| act.as_str()).collect();
        assert_eq!(acts, ["case.refused", "case.refused", "case.submitted"], "{engine}");
        for (act, actor, detail) in &found {
            assert_eq!(detail["applicant"], person(COMPANY).to_string(), "{engine}: {act}");
            assert!(!actor.is_empty() && detail["representative"].is_string(), "{engine}: {act}");
        }
        let (_, actor, detail) = found.last().unwrap();
        let both = (actor.clone(), &detail["onBehalfOf"]);
        assert_eq!(both, (person(NEXT).to_vec(), &json!(person(COMPANY).to_string())), "{engine}");
        let mut tx = host.database.read().await.unwrap();
        sql::audit::verify(&mut tx).await.unwrap();
    }
}

/// Payments asks about an officer who directs these companies.
async fn is_in_the_case(world: &World, case: &[u8], directs: &[u8]) -> String {
    let directs = directs.iter().map(|company| person(*company).to_vec()).collect();
    let request =
        ReadStandingRequest { case_id: case.to_vec(), person: person(NEXT).to_vec(), directs, ..Default::default() };
    standing::read(world.host.clone(), world.call(NEXT, request)).await.unwrap().standing
}

#[tokio::test]
async fn an_officer_who_directs_the_company_that_applies_is_told_to_whom_keeps_its_money() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = taking(database).await;
        let opened = draft::open(world.host.clone(), for_company(world.call(DIRECTOR, opening(None)))).await.unwrap();
        let case = opened.case_id;
        assert_eq!(is_in_the_case(&world, &case, &[61, COMPANY]).await, "named", "{engine}");
        assert_eq!(is_in_the_case(&world, &case, &[61]).await, "none", "{engine}: of another company");
    }
}

/// A company's application that an officer refused.
async fn refused(world: &World) -> Vec<u8> {
    let host = &world.host;
    let opened = draft::open(host.clone(), for_company(world.call(DIRECTOR, opening(None)))).await.unwrap();
    let case = opened.case_id;
    Box::pin(world.fill_in(COMPANY, &case)).await;
    let submission = world.submission(COMPANY, &case).await;
    submit::submit(host.clone(), for_company(world.call(NEXT, submission))).await.unwrap();
    // The registry is away: it is asked until its time is over.
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(Duration::from_secs(20));
    }
    let intent = world.case(COMPANY, &case).await.intent;
    Box::pin(world.paid_by(&case, &intent)).await;
    Box::pin(world.settle()).await;
    let (case_id, task_id) = (case.clone(), world.open_task(&case).await);
    let look = ReadTaskRequest { case_id, task_id, language: "en".into(), purpose: String::new() };
    let shown = Box::pin(task::read(host.clone(), world.call(OFFICER, look))).await.unwrap();
    let decision = DecideTaskRequest {
        case_id: shown.case_id,
        version: shown.version,
        task_id: shown.task_id,
        outcome: "refuse".into(),
        reasons: vec!["no-record".into()],
        ..DecideTaskRequest::default()
    };
    Box::pin(world.decide(OFFICER, decision)).await.unwrap();
    Box::pin(world.settle()).await;
    case
}

#[tokio::test]
async fn a_refused_company_appeals_through_whoever_directs_it_now_and_who_sent_it_decides_nothing_of_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = Box::pin(taking(database)).await;
        let host = &world.host;
        let origin = Box::pin(refused(&world)).await;
        let appeal = || OpenDraftRequest { origin: origin.clone(), start: "appeal".into(), ..opening(None) };
        let alone = draft::open(host.clone(), world.call(DIRECTOR, appeal())).await.unwrap_err();
        assert_eq!(alone.code, "case.not-found", "{engine}: to have begun the first is no right to the next");
        let opened = draft::open(host.clone(), for_company(world.call(DIRECTOR, appeal()))).await.unwrap();
        let case = opened.case_id;
        Box::pin(world.save(COMPANY, &case, "grounds", &[("appeal.grounds", "The record was found since.")])).await;
        let kept = [("marriage.date", "2012-06-16"), ("marriage.office", "tashkent-yunusabad")];
        Box::pin(world.save(COMPANY, &case, "marriage", &kept)).await;
        let submission = world.submission(COMPANY, &case).await;
        submit::submit(host.clone(), for_company(world.call(NEXT, submission))).await.unwrap();
        let view = case::read(host.clone(), for_company(world.read(NEXT, &case))).await.unwrap();
        assert_eq!(view.representation.unwrap().kind, "director", "{engine}");
        let mut tx = host.database.read().await.unwrap();
        let id = CaseId::from_slice(&case).unwrap();
        let state = cases::read(&mut tx, &host.keys, id).await.unwrap().unwrap().state;
        for who in [COMPANY, DIRECTOR, NEXT, OFFICER] {
            assert!(state.takes_part(person(who)), "{engine}: {who}");
        }
        sql::audit::verify(&mut tx).await.unwrap();
    }
}

#[tokio::test]
async fn a_service_that_takes_no_companies_refuses_them_and_nobody_hands_on_what_they_do_for_one() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    let open = |mandate| draft::open(world.host.clone(), for_company(world.call(DIRECTOR, opening(mandate))));
    assert_eq!(open(None).await.unwrap_err().code, "service.mandate");
    let attorney = Mandate { kind: "attorney".into(), record: "2026-1".into() };
    assert_eq!(open(Some(attorney)).await.unwrap_err().code, "service.mandate");
    let sql = "SELECT act, actor, detail FROM audit WHERE act = 'mandate.refused'";
    let found = rows(&world, sql, sql::args![]).await;
    assert_eq!(found.len(), 2);
    for (_, actor, detail) in found {
        assert_eq!((actor, &detail["onBehalfOf"]), (person(DIRECTOR).to_vec(), &json!(person(COMPANY).to_string())));
    }
    let listed = ListPrincipalsRequest { agency: "justice".into(), service: SERVICE.into() };
    let refused = principals::list(world.host.clone(), world.call(PARENT, listed)).await.unwrap_err();
    assert_eq!(refused.code, "service.mandate", "nor does it take parents");
    // Nobody claims by hand what only identity asserts.
    let claimed = Some(Mandate { kind: "director".into(), record: "301234567".into() });
    let refused = draft::open(world.host.clone(), world.call(DIRECTOR, opening(claimed))).await.unwrap_err();
    assert_eq!(refused.code, "service.mandate");
}

#[tokio::test]
async fn a_parent_chooses_a_child_and_acts_for_it_until_its_18th_birthday() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = taking(database).await;
        names(&world, &children());
        let asked = ListPrincipalsRequest { agency: "justice".into(), service: SERVICE.into() };
        let listed = principals::list(world.host.clone(), world.call(PARENT, asked)).await.unwrap();
        let zarina = Principal { record: "2008-1".into(), name: "Aliyeva Zarina".into() };
        assert_eq!(listed.principals, [zarina], "{engine}: who is of age is not listed");
        assert_eq!(for_child(&world, "2004-1").await.unwrap_err().code, "mandate.of-age", "{engine}");
        assert_eq!(for_child(&world, "2015-9").await.unwrap_err().code, "mandate.no-child", "{engine}");
        let case = for_child(&world, "2008-1").await.unwrap().case_id;
        world.clock.advance(Duration::from_secs(61));
        let view = world.case(PARENT, &case).await;
        let told = view.representation.unwrap();
        assert_eq!((told.kind.as_str(), told.until.as_str()), ("parent", "2026-11-24"), "{engine}");
        world.clock.advance(Duration::from_secs(48 * 3600));
        let lost = case::read(world.host.clone(), world.read(PARENT, &case)).await.unwrap_err();
        assert_eq!(lost.code, "case.not-found", "{engine}: it ended by itself");
        let kept = world.case(CHILD, &case).await;
        assert!(kept.representation.unwrap().ended && kept.timeline[0].code == "parenthood-ended", "{engine}");
        let sql = "SELECT act, actor, detail FROM audit WHERE subject = $1 ORDER BY sequence";
        for (act, _, detail) in rows(&world, sql, sql::args![case.clone()]).await {
            let both = (&detail["applicant"], &detail["representative"]);
            let expected = (json!(person(CHILD).to_string()), json!(person(PARENT).to_string()));
            assert_eq!(both, (&expected.0, &expected.1), "{engine}: {act}");
        }
    }
}

#[tokio::test]
async fn whom_the_registry_names_no_more_as_a_parent_loses_the_draft_and_the_child_keeps_it() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = taking(database).await;
    names(&world, &children());
    let case = for_child(&world, "2008-1").await.unwrap().case_id;
    names(&world, &json!([]));
    world.clock.advance(Duration::from_secs(61));
    let lost = case::read(world.host.clone(), world.read(PARENT, &case)).await.unwrap_err();
    assert_eq!(lost.code, "case.not-found");
    assert!(world.case(CHILD, &case).await.representation.unwrap().ended);
    *world.platform.notary.lock().unwrap() = Said::NotFound;
    assert_eq!(for_child(&world, "2008-1").await.unwrap_err().code, "mandate.no-child", "no record of any child");
    *world.platform.notary.lock().unwrap() = Said::Down;
    assert_eq!(for_child(&world, "2008-1").await.unwrap_err().code, "mandate.unavailable");
}
