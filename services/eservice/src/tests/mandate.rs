//! Somebody who acts for somebody else: on a record that is in force, for both to see, and not a moment longer.

use std::time::Duration;

use bus::Call;
use kernel::{
    CaseId, Failure,
    pinfl::{Pinfl, party_key},
};
use proto::eservice::v1::{
    CaseCommand, DiscardDraftRequest, Mandate, OpenDraftReply, OpenDraftRequest, ReadPageRequest, ReadStandingRequest,
    ReadTaskRequest,
};
use serde_json::{Value, json};

use super::{
    platform::Said,
    world::{CITIZEN, OFFICER, World, person},
};
use crate::{
    bus::{case, draft, page, representation, standing, submit, task},
    store::MIGRATIONS,
};

const REPRESENTATIVE: u8 = 2;
/// Their number.
const ATTORNEY: &str = "31203850000015";
/// Whom the scripted identity resolves everybody to.
const PRINCIPAL: u8 = 50;

fn record(changes: Value) -> Said {
    let mut record = json!({
        "number": "2026-1", "attorney": ATTORNEY, "principal": "41503920170217", "familyName": "Rahimova",
        "givenName": "Zumrad", "services": ["justice/marriage-certificate-copy"], "until": "2027-01-31",
        "state": "in-force",
    });
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    Said::Found(record)
}

fn says(world: &World, said: Said) {
    *world.platform.notary.lock().unwrap() = said;
}

async fn open(world: &World, who: u8) -> Result<OpenDraftReply, Failure> {
    let request = OpenDraftRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        language: "en".into(),
        reuse: true,
        mandate: Some(Mandate { kind: "attorney".into(), record: " 2026-1 ".into() }),
        ..OpenDraftRequest::default()
    };
    draft::open(world.host.clone(), world.call(who, request)).await
}

async fn represented(world: &World) -> Vec<u8> {
    says(world, record(json!({})));
    open(world, REPRESENTATIVE).await.unwrap().case_id
}

fn asked(world: &World) -> usize {
    world.platform.about.lock().unwrap().iter().filter(|(registry, ..)| registry == "notary").count()
}

async fn acts(world: &World, case: &[u8]) -> Vec<(String, Value)> {
    let mut tx = world.host.database.read().await.unwrap();
    let rows = "SELECT act, detail FROM audit WHERE subject = $1 ORDER BY sequence";
    let rows = tx.fetch_all(rows, sql::args![case]).await.unwrap();
    let read = |row: &sql::Row| (row.text(0).unwrap(), serde_json::from_str(&row.text(1).unwrap()).unwrap());
    rows.iter().map(read).collect()
}

async fn is_in_the_case(world: &World, who: u8, case: &[u8]) -> String {
    let request =
        ReadStandingRequest { case_id: case.to_vec(), person: person(who).to_vec(), ..ReadStandingRequest::default() };
    standing::read(world.host.clone(), world.call(who, request)).await.unwrap().standing
}

/// An officer whom the host knows by their number alone, asked about for an agency.
async fn is_named(world: &World, (agency, pinfl): (&str, &str), case: &[u8]) -> String {
    let key = world.host.keys.lookup();
    let request = ReadStandingRequest {
        case_id: case.to_vec(),
        person: person(77).to_vec(),
        party: Pinfl::parse(pinfl).unwrap().party(key).to_vec(),
        party_key: party_key(key).to_vec(),
        ..ReadStandingRequest::default()
    };
    let call = Call { agency: agency.to_owned(), ..world.call(77, request) };
    standing::read(world.host.clone(), call).await.unwrap().standing
}

#[tokio::test]
async fn an_officer_whom_the_case_names_is_told_to_its_own_agency_only() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = represented(&world).await;
        assert_eq!(is_named(&world, ("justice", ATTORNEY), &case).await, "named", "{engine}");
        assert_eq!(is_named(&world, ("health", ATTORNEY), &case).await, "none", "{engine}");
        assert_eq!(is_named(&world, ("justice", "41508860170411"), &case).await, "none", "{engine}: somebody else");
        assert_eq!(is_named(&world, ("justice", ATTORNEY), &[9; 16]).await, "none", "{engine}: no such case");
    }
}

#[tokio::test]
async fn a_representative_applies_for_the_principal_and_every_row_names_both() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = represented(&world).await;
        let again = open(&world, REPRESENTATIVE).await.unwrap();
        assert!(again.reused && again.case_id == case, "{engine}: one draft for one principal");
        let own = world.open(PRINCIPAL).await;
        assert!(!own.reused && own.case_id != case, "{engine}: the principal's own draft is another one");
        let request = ReadPageRequest { case_id: case.clone(), page: "date".into(), language: "en".into() };
        let shown = page::read(world.host.clone(), world.call(REPRESENTATIVE, request)).await.unwrap();
        let told = shown.representation.unwrap();
        let names = (told.principal.as_str(), told.representative.as_str(), told.record.as_str(), told.until.as_str());
        assert_eq!(names, ("Rahimova Zumrad", "Karimova Dilnoza", "2026-1", "2027-01-31"));
        let prefill = world.platform.about.lock().unwrap().last().cloned().unwrap();
        assert_eq!((prefill.1, prefill.2.as_str()), (person(PRINCIPAL).to_vec(), "41503920170217"), "{engine}");
        world.fill_in(REPRESENTATIVE, &case).await;
        let request = world.submission(REPRESENTATIVE, &case).await;
        submit::submit(world.host.clone(), world.call(REPRESENTATIVE, request)).await.unwrap();
        for who in [PRINCIPAL, REPRESENTATIVE] {
            let view = world.case(who, &case).await;
            assert_eq!(view.timeline[0].actor, "representative", "{engine}");
        }
        let stranger = case::read(world.host.clone(), world.read(CITIZEN, &case)).await;
        assert_eq!(stranger.unwrap_err().code, "case.not-found");
        for (act, detail) in acts(&world, &case).await {
            let named = (detail["applicant"].as_str(), detail["representative"].as_str());
            let both = (person(PRINCIPAL).to_string(), person(REPRESENTATIVE).to_string());
            assert_eq!(named, (Some(both.0.as_str()), Some(both.1.as_str())), "{engine}: {act}");
        }
        assert_eq!(is_in_the_case(&world, PRINCIPAL, &case).await, "applicant");
        assert_eq!(is_in_the_case(&world, REPRESENTATIVE, &case).await, "representative");
        assert_eq!(is_in_the_case(&world, CITIZEN, &case).await, "none");
        let mut tx = world.host.database.read().await.unwrap();
        sql::audit::verify(&mut tx).await.unwrap();
    }
}

#[tokio::test]
async fn a_record_that_gives_no_right_is_refused_by_name_and_opens_nothing() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    for (said, code) in [
        (Said::NotFound, "mandate.unknown"),
        (record(json!({"attorney": "30207880170130"})), "mandate.unknown"),
        (record(json!({"until": "2026-11-22"})), "mandate.expired"),
        (record(json!({"state": "revoked"})), "mandate.revoked"),
        (record(json!({"services": ["health/*"]})), "mandate.scope"),
        (Said::Down, "mandate.unavailable"),
    ] {
        says(&world, said);
        assert_eq!(open(&world, REPRESENTATIVE).await.unwrap_err().code, code);
    }
    let mut tx = world.host.database.read().await.unwrap();
    let count =
        async |tx: &mut sql::Tx, sql: &'static str| tx.fetch_one(sql, sql::args![]).await.unwrap().int(0).unwrap();
    assert_eq!(count(&mut tx, "SELECT COUNT(*) FROM cases").await, 0);
    assert_eq!(count(&mut tx, "SELECT COUNT(*) FROM audit WHERE act = 'mandate.refused'").await, 6);
    drop(tx);
    assert_eq!(open(&world, OFFICER).await.unwrap_err().code, "service.officer");
    assert!(!world.open(REPRESENTATIVE).await.reused, "applying for oneself is still possible");
}

#[tokio::test]
async fn a_revoked_mandate_takes_the_case_from_the_representative_and_leaves_it_to_the_principal() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = represented(&world).await;
        let before = asked(&world);
        world.case(REPRESENTATIVE, &case).await;
        assert_eq!(asked(&world), before, "{engine}: what was said a moment ago counts");
        says(&world, record(json!({"state": "revoked"})));
        world.clock.advance(Duration::from_secs(61));
        let lost = case::read(world.host.clone(), world.read(REPRESENTATIVE, &case)).await.unwrap_err();
        assert_eq!(lost.code, "case.not-found", "{engine}");
        let view = world.case(PRINCIPAL, &case).await;
        assert!(view.representation.unwrap().ended && view.timeline[0].code == "mandate-ended", "{engine}");
        let names: Vec<String> = acts(&world, &case).await.into_iter().map(|(act, _)| act).collect();
        assert_eq!(names, ["mandate.ended", "case.refused"], "{engine}");
        // For good, and without asking again.
        says(&world, record(json!({})));
        let before = asked(&world);
        let command = DiscardDraftRequest { case_id: case.clone(), ..DiscardDraftRequest::default() };
        let refused = draft::discard(world.host.clone(), world.call(REPRESENTATIVE, command)).await.unwrap_err();
        assert_eq!((refused.code.as_ref(), asked(&world)), ("case.not-found", before), "{engine}");
        assert_eq!(is_in_the_case(&world, REPRESENTATIVE, &case).await, "none");
        world.fill_in(PRINCIPAL, &case).await;
        let request = world.submission(PRINCIPAL, &case).await;
        submit::submit(world.host.clone(), world.call(PRINCIPAL, request)).await.unwrap();
        let id = CaseId::from_slice(&case).unwrap();
        let mut tx = world.host.database.read().await.unwrap();
        let stored = crate::store::cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        let events = crate::store::cases::events(&mut tx, &stored).await.unwrap();
        assert!(process::replay(process::CaseState::absent(id), &events) == stored.state, "{engine}");
    }
}

#[tokio::test]
async fn the_principal_takes_an_application_back_at_once_and_nobody_else_does() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = represented(&world).await;
        let command = || CaseCommand { case_id: case.clone(), ..CaseCommand::default() };
        for who in [REPRESENTATIVE, CITIZEN, OFFICER] {
            let refused = representation::end(world.host.clone(), world.call(who, command())).await.unwrap_err();
            assert_eq!(refused.code, "case.not-found", "{engine}: {who}");
        }
        representation::end(world.host.clone(), world.call(PRINCIPAL, command())).await.unwrap();
        let lost = case::read(world.host.clone(), world.read(REPRESENTATIVE, &case)).await.unwrap_err();
        assert_eq!(lost.code, "case.not-found", "{engine}: though the registry still holds the record");
        let view = world.case(PRINCIPAL, &case).await;
        assert!(view.representation.unwrap().ended && view.timeline[0].code == "mandate-ended", "{engine}");
        representation::end(world.host.clone(), world.call(PRINCIPAL, command())).await.unwrap();
        let found = acts(&world, &case).await;
        let ended: Vec<_> = found.iter().filter(|(act, _)| act == "mandate.ended").collect();
        assert_eq!((ended.len(), &ended[0].1["reason"]), (1, &json!("mandate.withdrawn")), "{engine}: once");
        let own = world.open(PRINCIPAL).await.case_id;
        let command = CaseCommand { case_id: own, ..CaseCommand::default() };
        let refused = representation::end(world.host.clone(), world.call(PRINCIPAL, command)).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found", "{engine}: nobody acts there");
    }
}

#[tokio::test]
async fn while_the_registry_is_away_a_representative_goes_on_typing_but_does_not_submit() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    let case = represented(&world).await;
    world.fill_in(REPRESENTATIVE, &case).await;
    says(&world, Said::Down);
    world.clock.advance(Duration::from_secs(600));
    let request = world.submission(REPRESENTATIVE, &case).await;
    let refused = submit::submit(world.host.clone(), world.call(REPRESENTATIVE, request.clone())).await.unwrap_err();
    assert_eq!(refused.code, "mandate.unavailable");
    world.clock.advance(Duration::from_secs(3600));
    let refused = case::read(world.host.clone(), world.read(REPRESENTATIVE, &case)).await.unwrap_err();
    assert_eq!(refused.code, "mandate.unavailable", "nobody could tell for an hour");
    says(&world, record(json!({})));
    submit::submit(world.host.clone(), world.call(REPRESENTATIVE, request)).await.unwrap();
}

#[tokio::test]
async fn an_officer_is_nobodys_representative_and_a_representative_decides_nothing() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    says(&world, record(json!({})));
    // The same person, at home and at work.
    let mut call = world.call(
        OFFICER,
        OpenDraftRequest {
            agency: "justice".into(),
            service: "marriage-certificate-copy".into(),
            language: "en".into(),
            reuse: true,
            mandate: Some(Mandate { kind: "attorney".into(), record: "2026-1".into() }),
            ..OpenDraftRequest::default()
        },
    );
    call.person.as_mut().unwrap().officer = false;
    let case = draft::open(world.host.clone(), call).await.unwrap().case_id;
    let at_work = case::read(world.host.clone(), world.read(OFFICER, &case)).await.unwrap_err();
    assert_eq!(at_work.code, "case.not-found");
    world.fill_in(PRINCIPAL, &case).await;
    let request = world.submission(PRINCIPAL, &case).await;
    submit::submit(world.host.clone(), world.call(PRINCIPAL, request)).await.unwrap();
    for _ in 0..4 {
        world.settle().await;
        world.clock.advance(Duration::from_secs(20));
    }
    let view = world.case(PRINCIPAL, &case).await;
    world.paid_by(&case, &view.intent).await;
    world.settle().await;
    let request = ReadTaskRequest {
        case_id: case.clone(),
        task_id: world.open_task(&case).await,
        language: "en".into(),
        purpose: "mine".into(),
    };
    let opened = task::read(world.host.clone(), world.call(OFFICER, request)).await.unwrap_err();
    assert_eq!(opened.code, "case.not-found");
}
