//! Signing in as people do, and as those who try to be somebody else.

use axum::http::{StatusCode, header};
use boot::Stage;
use kernel::{Clock, pinfl::Pinfl};
use proto::identity::v1::{
    AppointOfficerRequest, Appointment, FindPersonRequest, HashLookupRequest, ListColleaguesRequest, ReadPersonRequest,
    ResolvePersonRequest,
};

use super::world::{Answer, PASSWORD, PINFL, World, world};
use crate::{
    bus::{self, appoint},
    domain::{person::Appointment as Role, totp},
    store::{
        invitations::Appointing,
        staff::{Acting, Inviting},
    },
};

const UNKNOWN: &str = "30207880170130";

/// What a page says, without what differs on every page anyway.
fn said(answer: &Answer, pinfl: &str) -> String {
    answer.body.replace(&answer.csrf(), "").replace(pinfl, "")
}

#[tokio::test]
async fn an_unknown_pinfl_gets_the_same_page_for_the_same_work() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let path = format!("{}/password", world.begin("low").await);
    let before = world.provider.passwords.count();
    let known = world.submit(&path, &[("pinfl", PINFL), ("password", "not the password")]).await;
    let between = world.provider.passwords.count();
    let unknown = world.submit(&path, &[("pinfl", UNKNOWN), ("password", "not the password")]).await;
    assert_eq!((between - before, world.provider.passwords.count() - between), (1, 1));
    assert_eq!(known.status, unknown.status);
    assert_eq!(said(&known, PINFL), said(&unknown, UNKNOWN));
    assert!(known.body.contains("PINFL or password is wrong"));
}

#[tokio::test]
async fn guessing_is_slowed_down_alike_for_known_and_unknown_accounts() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    for pinfl in [PINFL, UNKNOWN] {
        let path = format!("{}/password", world.begin("low").await);
        for _ in 0..5 {
            let answer = world.submit(&path, &[("pinfl", pinfl), ("password", "guess")]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let answer = world.submit(&path, &[("pinfl", pinfl), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_or_for_another_browser_is_refused() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let path = format!("{}/password", world.begin("low").await);
    let page = world.get(&path).await;
    let fields = [("pinfl", PINFL), ("password", PASSWORD)];
    assert_eq!(world.post(&path, &fields).await.status, StatusCode::FORBIDDEN);
    let csrf = page.csrf();
    let mine = world.cookie.lock().unwrap().take();
    world.begin("low").await;
    let fields = [("pinfl", PINFL), ("password", PASSWORD), ("csrf", csrf.as_str())];
    assert_eq!(world.post(&path, &fields).await.status, StatusCode::NOT_FOUND, "another browser");
    *world.cookie.lock().unwrap() = mine.clone();
    let answer = world.post(&path, &fields).await;
    assert!(!answer.returned("code").is_empty());
    assert_ne!(*world.cookie.lock().unwrap(), mine, "the browser's value is renewed");
    assert_eq!(world.post(&path, &fields).await.status, StatusCode::NOT_FOUND, "the flow is over");
}

#[tokio::test]
async fn a_password_is_never_offered_nor_taken_for_substantial() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    world.code().await;
    let path = world.begin("substantial").await;
    let page = world.get(&path).await;
    assert!(page.body.contains("/oneid\"") && !page.body.contains("/password\""));
    assert_eq!(world.get(&format!("{path}/password")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn oneid_gives_substantial_in_the_same_browser_and_a_state_works_once() {
    let world = world(Stage::Trial).await;
    let path = world.begin("substantial").await;
    let away = world.get(&format!("{path}/oneid")).await;
    let state = away.location().split("state=").nth(1).unwrap().to_owned();
    let back = format!("/oneid/callback?code=good&state={state}");
    let mine = world.cookie.lock().unwrap().take();
    assert_eq!(world.get(&back).await.status, StatusCode::NOT_FOUND, "another browser");
    *world.cookie.lock().unwrap() = mine;
    let answer = world.get(&back).await;
    let (_, tokens) = world.redeem(&answer.returned("code")).await;
    let about = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert!(about.body.contains("\"acr\":\"substantial\""), "{}", about.body);
    assert_eq!(world.get(&back).await.status, StatusCode::NOT_FOUND, "a second time");
    let silent = world.get(&world.authorize(&[("prompt", "none"), ("acr_values", "substantial")])).await;
    assert!(!silent.returned("code").is_empty());
    let officer = world.get(&world.authorize(&[("prompt", "none"), ("acr_values", "officer")])).await;
    assert_eq!(officer.returned("error"), "login_required");
}

#[tokio::test]
async fn an_administrators_invitation_opens_for_whoever_was_proofed_as_the_invited_person() {
    let world = world(Stage::Trial).await;
    let store = &world.provider.store;
    let now = world.clock.now();
    let role =
        |role: &str| Role { agency: "justice".into(), office: String::new(), role: role.into(), from: now, to: None };
    let head = Appointing {
        pinfl: Pinfl::parse("41409860170615").unwrap(),
        login: "head".into(),
        display_name: "Head".into(),
        appointment: role("administrator"),
        demo: None,
    };
    let head = store.appoint(head, "operator").await.unwrap().person;
    let acting = Acting { person: head, officer: true, agency: "justice", through: "portal" };
    let mut paths = Vec::new();
    for (pinfl, login) in [(PINFL, "dilnoza"), (UNKNOWN, "botir")] {
        let inviting = Inviting {
            pinfl: Pinfl::parse(pinfl).unwrap(),
            login: login.into(),
            display_name: "New".into(),
            appointment: role("registrar"),
        };
        let (_, token) = store.invite_officer(acting, inviting).await.unwrap();
        paths.push(format!("/invitation/{}", token.unwrap().reveal()));
    }
    let stranger = world.get(&paths[0]).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert!(!stranger.body.contains("name=\"code\""), "the key is for the invited person alone");
    let path = world.begin("substantial").await;
    let away = world.get(&format!("{path}/oneid")).await;
    let state = away.location().split("state=").nth(1).unwrap().to_owned();
    world.get(&format!("/oneid/callback?code=good&state={state}")).await;
    assert_eq!(world.get(&paths[0]).await.status, StatusCode::OK);
    assert_eq!(world.get(&paths[1]).await.status, StatusCode::UNAUTHORIZED, "somebody else's");
    world.clock.advance(std::time::Duration::from_secs(16 * 60));
    assert_eq!(world.get(&paths[0]).await.status, StatusCode::UNAUTHORIZED, "the proof is too old");
}

#[tokio::test]
async fn a_refusal_of_oneid_signs_nobody_in() {
    let world = world(Stage::Trial).await;
    let path = world.begin("substantial").await;
    let away = world.get(&format!("{path}/oneid")).await;
    let state = away.location().split("state=").nth(1).unwrap().to_owned();
    let answer = world.get(&format!("/oneid/callback?code=bad&state={state}")).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FORBIDDEN, ""));
}

fn appointing(world: &World) -> AppointOfficerRequest {
    AppointOfficerRequest {
        login: "nigora".into(),
        display_name: "Nigora Saidova".into(),
        pinfl: UNKNOWN.into(),
        appointment: Some(Appointment {
            agency: "justice".into(),
            office: String::new(),
            role: "registrar".into(),
            from_us: world.clock.now().micros(),
            to_us: 0,
        }),
        demo_password: "demo password 12".into(),
        demo_totp_secret: totp::to_base32(&[5; 20]),
    }
}

#[tokio::test]
async fn an_officer_needs_the_password_and_a_code_that_was_never_used() {
    let world = world(Stage::Trial).await;
    appoint(&world.provider, appointing(&world), "operator").await.unwrap();
    let code = totp::code_at(&[5; 20], world.clock.now());
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let path = world.begin("officer").await;
        assert_eq!(world.get(&format!("{path}/code")).await.status, StatusCode::NOT_FOUND, "no password yet");
        let fields = [("login", "Nigora"), ("password", "demo password 12")];
        let answer = world.submit(&format!("{path}/officer"), &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        outcomes.push(world.submit(&format!("{path}/code"), &[("code", code.as_str())]).await);
        *world.cookie.lock().unwrap() = None;
    }
    assert_eq!(outcomes[1].status, StatusCode::UNPROCESSABLE_ENTITY, "a replay");
    let (_, tokens) = world.redeem(&outcomes[0].returned("code")).await;
    let about = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert!(about.body.contains("\"acr\":\"officer\"") && about.body.contains("Nigora Saidova"), "{}", about.body);
}

#[tokio::test]
async fn production_has_no_demo_accounts_and_invites_instead() {
    let world = world(Stage::Production).await;
    let refused = appoint(&world.provider, appointing(&world), "operator").await.unwrap_err();
    assert_eq!(refused.code, "identity.demo-account");
    let request = AppointOfficerRequest { demo_password: String::new(), ..appointing(&world) };
    let reply = appoint(&world.provider, request, "operator").await.unwrap();
    let path = reply.invitation.strip_prefix(super::world::ISSUER).unwrap().to_owned();
    let page = world.get(&path).await;
    let secret = page.body.split("<code>").nth(1).unwrap().split('<').next().unwrap();
    let code = totp::code_at(&totp::from_base32(secret).unwrap(), world.clock.now());
    let fields = [("password", "tog‘ ortida quyosh"), ("code", code.as_str())];
    assert_eq!(world.submit(&path, &fields).await.status, StatusCode::OK);
    assert_eq!(world.get(&path).await.status, StatusCode::NOT_FOUND);
    let path = world.begin("officer").await;
    let fields = [("login", "nigora"), ("password", "tog‘ ortida quyosh")];
    assert_eq!(world.submit(&format!("{path}/officer"), &fields).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn people_take_their_own_record_away_soon_after_they_signed_in() {
    let world = world(Stage::Trial).await;
    let person = appoint(&world.provider, appointing(&world), "operator").await.unwrap().person;
    let id = kernel::PersonId::from_slice(&person).unwrap();
    let now = world.clock.now();
    let call = |authenticated: kernel::Time, officer: bool| ::bus::Call {
        request: proto::Empty {},
        agency: "platform".into(),
        service: None,
        caller: "portal".into(),
        speaks_for: None,
        body_hash: kernel::Hash::of(b""),
        message_id: kernel::MessageId::from_bytes([1; 16]),
        time: now,
        deadline: now,
        person: Some(::bus::Person {
            id,
            actor: id,
            mandate: None,
            assurance: ::bus::Assurance::Substantial,
            authenticated,
            command_id: kernel::CommandId::from_bytes([1; 16]),
            officer,
        }),
    };
    let ago = |minutes: u64| now.minus(std::time::Duration::from_secs(minutes * 60));
    let stale = bus::own(&world.provider, &call(ago(15), false)).await;
    assert_eq!(stale.unwrap_err().code, "identity.sign-in-again");
    let officer = bus::own(&world.provider, &call(now, true)).await;
    assert_eq!(officer.unwrap_err().code, "identity.citizen-only");
    let own = bus::own(&world.provider, &call(ago(14), false)).await.unwrap();
    assert_eq!((own.person, own.pinfl.as_str()), (person, UNKNOWN));
    let mut tx = world.provider.store.database.read().await.unwrap();
    let taken = "SELECT COUNT(*) FROM audit WHERE act = 'identity.data-taken'";
    assert_eq!(tx.fetch_one(taken, sql::args![]).await.unwrap().int(0).unwrap(), 1, "what was refused was not taken");
    drop(tx);
    let director = kernel::PersonId::from_bytes([7; 16]);
    let mut acting = call(now, false);
    acting.person.as_mut().unwrap().actor = director;
    bus::own(&world.provider, &acting).await.unwrap();
    let mut tx = world.provider.store.database.read().await.unwrap();
    let by = "SELECT COUNT(*) FROM audit WHERE act = 'identity.data-taken' AND actor = $1";
    let rows = tx.fetch_one(by, sql::args![director.to_vec()]).await.unwrap().int(0).unwrap();
    assert_eq!(rows, 1, "the row names who took it, not only of whom it is");
}

#[tokio::test]
async fn services_learn_what_they_need_and_each_question_is_recorded() {
    let world = world(Stage::Trial).await;
    let mut request = appointing(&world);
    let later = world.clock.now().plus(std::time::Duration::from_secs(60));
    request.appointment.as_mut().unwrap().from_us = later.micros();
    let person = appoint(&world.provider, request, "operator").await.unwrap().person;
    let asked = ReadPersonRequest { person, case_id: vec![1; 16] };
    let officer = bus::officer(&world.provider, &asked).await.unwrap();
    assert_eq!((officer.display_name.as_str(), officer.appointments.len()), ("Nigora Saidova", 0));
    world.clock.set(later);
    let officer = bus::officer(&world.provider, &asked).await.unwrap();
    assert_eq!(officer.appointments[0].role, "registrar");
    let party = kernel::pinfl::Pinfl::parse(UNKNOWN).unwrap().party(&[6; 32]);
    assert_eq!(officer.party, party.to_vec(), "who they are, for those who have the key");
    let facts = bus::person(&world.provider, &asked, "eservice", "justice").await.unwrap();
    assert_eq!((facts.pinfl.as_str(), facts.sex.as_str()), (UNKNOWN, "male"));
    bus::contacts(&world.provider, &asked, "notifications", "justice").await.unwrap();
    let nobody = ReadPersonRequest { person: vec![9; 16], case_id: vec![] };
    assert_eq!(
        bus::person(&world.provider, &nobody, "eservice", "").await.unwrap_err().code,
        "identity.person-unknown"
    );
    let mut tx = world.provider.store.database.read().await.unwrap();
    let acts = tx.fetch_all("SELECT act FROM audit ORDER BY sequence", sql::args![]).await.unwrap();
    let acts: Vec<String> = acts.iter().map(|row| row.text(0).unwrap()).collect();
    assert!(acts.ends_with(&["identity.person-read".into(), "identity.contacts-read".into()]), "{acts:?}");
}

#[tokio::test]
async fn a_lead_learns_who_works_in_their_office_now_and_the_docket_what_to_look_for() {
    let world = world(Stage::Trial).await;
    let appointed = async |login: &str, pinfl: &str, office: &str, from| {
        let mut request = AppointOfficerRequest { login: login.into(), pinfl: pinfl.into(), ..appointing(&world) };
        let held = request.appointment.as_mut().unwrap();
        (held.office, held.from_us) = (office.into(), from);
        appoint(&world.provider, request, "operator").await.unwrap();
    };
    let now = world.clock.now().micros();
    appointed("everywhere", UNKNOWN, "", now).await;
    appointed("nukus", "41508860170411", "nukus", now).await;
    appointed("samarkand", "32302790170525", "samarkand", now).await;
    appointed("tomorrow", "41203850170214", "nukus", now + 1).await;
    let of = async |agency: &str, office: &str| {
        let asked = ListColleaguesRequest { agency: agency.into(), office: office.into() };
        bus::list_colleagues(&world.provider, &asked).await.unwrap().officers
    };
    let offices = |found: Vec<proto::identity::v1::Officer>| {
        let mut offices: Vec<String> = found.into_iter().map(|one| one.appointments[0].office.clone()).collect();
        offices.sort();
        offices
    };
    assert_eq!(offices(of("justice", "nukus").await), ["", "nukus"]);
    assert_eq!(offices(of("justice", "").await), ["", "nukus", "samarkand"]);
    assert!(of("health", "").await.is_empty());
    assert!(of("justice", "").await.iter().all(|one| one.party.is_empty()), "nothing to recognise them by in a case");
    let asked = |kind: &str| HashLookupRequest { kind: kind.into(), text: UNKNOWN.into() };
    let found = bus::hash_lookup(&world.provider, &asked("pinfl")).unwrap().hashes;
    let expected = kernel::lookup::hashes(&[6; 32], kernel::lookup::Kind::Pinfl, UNKNOWN);
    assert_eq!(found, [expected[0].to_vec()], "as a case's own hashes");
    assert_eq!(bus::hash_lookup(&world.provider, &asked("address")).unwrap_err().code, "identity.lookup-kind");
}

#[tokio::test]
async fn a_new_password_ends_what_was_signed_in_with_the_old_one() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let (_, tokens) = world.redeem(&world.code().await).await;
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    assert_eq!(world.userinfo(&access).await.status, StatusCode::OK);
    world.with_password().await;
    assert_eq!(world.userinfo(&access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn whom_a_registry_names_keeps_their_id_and_what_they_said_themselves() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let named = |pinfl: &str| ResolvePersonRequest {
        pinfl: pinfl.into(),
        family_name: "Yusupov".into(),
        given_name: "Anvar".into(),
        case_id: vec![1; 16],
        ..ResolvePersonRequest::default()
    };
    let known = bus::resolve(&world.provider, named(PINFL), "eservice").await.unwrap();
    assert_ne!(known.family_name, "Yusupov", "a third party does not write over it");
    let made = bus::resolve(&world.provider, named(UNKNOWN), "eservice").await.unwrap();
    let again = bus::resolve(&world.provider, named(UNKNOWN), "eservice").await.unwrap();
    assert_eq!((made.person.as_slice(), made.family_name.as_str()), (again.person.as_slice(), "Yusupov"));
    assert_eq!((made.birth_date.as_str(), made.sex.as_str()), ("1988-07-02", "male"), "what the number itself says");
    assert_ne!(made.person, known.person);
    assert!(bus::resolve(&world.provider, named("1"), "eservice").await.is_err());
}

#[tokio::test]
async fn whoever_is_looked_for_by_an_auditor_is_found_or_not_and_either_way_it_is_an_act_of_the_auditor_s() {
    let world = world(Stage::Trial).await;
    world.with_password().await;
    let auditor = kernel::PersonId::from_bytes([7; 16]);
    let sought = async |pinfl: &str| {
        let request = FindPersonRequest { pinfl: pinfl.into(), actor: auditor.to_vec(), ..Default::default() };
        bus::find(&world.provider, &request, "docket").await
    };
    assert!(!sought(PINFL).await.unwrap().person.is_empty());
    assert!(sought(UNKNOWN).await.unwrap().person.is_empty());
    assert!(sought(UNKNOWN).await.unwrap().person.is_empty(), "asking made nobody known");
    assert_eq!(sought("").await.unwrap_err().code, "identity.nobody-named");
    let mut tx = world.provider.store.database.read().await.unwrap();
    let acts = "SELECT COUNT(*) FROM audit WHERE act = 'identity.person-looked-for' AND actor = $1";
    assert_eq!(tx.fetch_one(acts, sql::args![auditor]).await.unwrap().int(0).unwrap(), 3);
}
