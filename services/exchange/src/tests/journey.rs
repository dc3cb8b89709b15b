//! From an agency's resources to a citizen's own record: publish, approve, call, refuse, restart.

use std::time::Duration;

use async_nats::service::{ServiceExt, error::Error as ServiceError};
use bus::Bus;
use futures::StreamExt;
use kernel::{
    Hash,
    id::{CommandId, PersonId},
};
use proto::{
    ActionRef, CaseRef,
    exchange::v1::{
        ApproveGrantRequest, CallRegistryReply, CallRegistryRequest, DeliverEventRequest, GrantStatus,
        ListDataUseRequest, ListGrantsRequest, RevokeGrantRequest,
        operations::{APPROVE_GRANT, CALL_REGISTRY, DELIVER_EVENT, LIST_DATA_USE, LIST_GRANTS, REVOKE_GRANT},
    },
};
use serde_json::json;

use super::{
    platform::{Platform, withdraw},
    walls::eventually,
};

const AYGUL: &str = "41105950350124";
const CITIZEN: [u8; 16] = [9; 16];
pub const OFFICER: [u8; 16] = [8; 16];

/// The archive's own system: an ordinary micro service in the archive's own account.
async fn start_archive(platform: &Platform) {
    let client = platform.raw(&platform.provisioned.agents.join("civil-status.creds"), "inbox.agent").await;
    let service = client.service_builder().start("archive", "1.0.0").await.unwrap();
    let mut endpoint = service.endpoint("registry.civil-status.my-marriages").await.unwrap();
    tokio::spawn(async move {
        let _service = service;
        let mut asked = 0;
        while let Some(request) = endpoint.next().await {
            let question: serde_json::Value = serde_json::from_slice(&request.message.payload).unwrap();
            asked += 1;
            let record = json!({"date": "2019-05-25", "office": "tashkent-yunusabad", "actNumber": asked.to_string(),
                "spouse1": "A", "spouse2": "B"});
            let answer = match question["pinfl"].as_str() {
                Some(AYGUL) => Ok(record.to_string().into()),
                Some("41503920170217") => Ok(r#"{"date": 1}"#.into()),
                _ => Err(ServiceError { status: "not-found".into(), code: 404 }),
            };
            request.respond(answer).await.unwrap();
        }
    });
}

/// As a definition says it: in more than one language.
fn text(words: &str) -> Option<proto::Text> {
    let by_language = [("en", words), ("ru", "По-русски")].map(|(tag, words)| (tag.to_owned(), words.to_owned()));
    Some(proto::Text { by_language: by_language.into() })
}

fn question(action: u8, pinfl: &str) -> CallRegistryRequest {
    let case = CaseRef {
        case_id: vec![1; 16],
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        revision: Vec::new(),
    };
    CallRegistryRequest {
        action: Some(ActionRef {
            case: Some(case),
            action_id: vec![action; 32],
            step: "lookup".into(),
            cause: Vec::new(),
        }),
        owner: "civil-status".into(),
        registry: "civil-status".into(),
        operation: "my-marriages".into(),
        input: json!({"pinfl": pinfl}).to_string().into_bytes(),
        person: CITIZEN.to_vec(),
        subject_pinfl: pinfl.into(),
        purpose: text("Checking the record"),
        legal_basis: text("Family Code"),
    }
}

async fn ask(eservice: &Bus, request: &CallRegistryRequest) -> CallRegistryReply {
    eservice.request(&CALL_REGISTRY, "justice", request).await.unwrap()
}

pub async fn approve(platform: &Platform, portal: &Bus, hash: &[u8], person: [u8; 16]) -> Result<GrantStatus, String> {
    let request =
        ApproveGrantRequest { agency: "civil-status".into(), name: "justice-marriages".into(), hash: hash.to_vec() };
    let person = platform.on_behalf(&APPROVE_GRANT, PersonId::from_bytes(person), true, &request);
    let status = portal.request_for(&APPROVE_GRANT, "civil-status", &request, &person).await;
    status.map_err(|failure| failure.code.into_owned())
}

pub async fn revoke(platform: &Platform, portal: &Bus, hash: &[u8], person: [u8; 16]) -> Result<GrantStatus, String> {
    let request =
        RevokeGrantRequest { agency: "civil-status".into(), name: "justice-marriages".into(), hash: hash.to_vec() };
    let person = platform.on_behalf(&REVOKE_GRANT, PersonId::from_bytes(person), true, &request);
    let status = portal.request_for(&REVOKE_GRANT, "civil-status", &request, &person).await;
    status.map_err(|failure| failure.code.into_owned())
}

/// A platform whose grant has been published and not been approved.
async fn published() -> (Platform, Bus, Vec<u8>) {
    let platform = Platform::start();
    platform.start_exchange().await;
    platform.start_identity().await;
    let operator = platform.bus("operator").await;
    for file in
        ["civil-status/agency.yaml", "justice/agency.yaml", "civil-status/registry.yaml", "justice/grant-request.yaml"]
    {
        platform.publish(&operator, file, |_| ()).await.unwrap();
    }
    let hash = platform.publish(&operator, "civil-status/grant.yaml", |_| ()).await.unwrap();
    (platform, operator, hash)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_is_asked_only_under_an_approved_grant_and_about_the_citizen_of_the_case() {
    let (platform, operator, hash) = published().await;
    start_archive(&platform).await;
    let (eservice, portal) = (platform.bus("eservice").await, platform.bus("portal").await);
    let before = ask(&eservice, &question(1, AYGUL)).await;
    assert_eq!((before.outcome.as_str(), before.code.as_str()), ("refused", "exchange.no-grant"));

    assert_eq!(approve(&platform, &portal, &hash, OFFICER).await.unwrap_err(), "exchange.no-such-grant", "nobody yet");
    platform.appoint("civil-status", "grant-approver");
    assert_eq!(approve(&platform, &portal, &hash, OFFICER).await.unwrap().state, "approved");

    let found = ask(&eservice, &question(1, AYGUL)).await;
    assert_eq!((found.outcome.as_str(), found.code.as_str()), ("found", ""));
    assert!(String::from_utf8(found.output.clone()).unwrap().contains("tashkent-yunusabad"));
    assert_eq!(ask(&eservice, &question(1, AYGUL)).await, found, "the same action gets the same bytes");
    let mut other_body = question(1, AYGUL);
    other_body.purpose = text("Another");
    let refused = eservice.request(&CALL_REGISTRY, "justice", &other_body).await.unwrap_err();
    assert_eq!(refused.code, "action.other-body");

    // Without a named person the citizen of the case is meant; another one is refused.
    let prefill = CallRegistryRequest { input: b"{}".to_vec(), ..question(2, AYGUL) };
    assert_eq!(ask(&eservice, &prefill).await.outcome, "found");
    let curious = CallRegistryRequest { subject_pinfl: "31203850000015".into(), ..question(3, AYGUL) };
    assert_eq!(ask(&eservice, &curious).await.code, "exchange.other-person");
    let nobody = CallRegistryRequest { subject_pinfl: String::new(), ..question(4, AYGUL) };
    assert_eq!(ask(&eservice, &nobody).await.code, "exchange.no-subject");
    assert_eq!(ask(&eservice, &question(5, "30207880170130")).await.outcome, "not-found");
    assert_eq!(ask(&eservice, &question(6, "41503920170217")).await.code, "exchange.answer", "beyond its contract");
    let find = CallRegistryRequest {
        operation: "find".into(),
        input: json!({"pinfl": AYGUL, "date": "2019-05-25", "office": "x"}).to_string().into_bytes(),
        ..question(7, AYGUL)
    };
    let unserved = ask(&eservice, &find).await;
    assert_eq!((unserved.outcome.as_str(), unserved.code.as_str()), ("unavailable", "exchange.unavailable"));

    // A changed grant waits; the approved one stays in force.
    let longer =
        platform.publish(&operator, "civil-status/grant.yaml", |grant| grant["spec"]["until"] = "2031-12-31".into());
    assert_ne!(longer.await.unwrap(), hash);
    assert_eq!(ask(&eservice, &question(8, AYGUL)).await.outcome, "found");
    let listed = ListGrantsRequest { agency: "civil-status".into() };
    let person = platform.on_behalf(&LIST_GRANTS, PersonId::from_bytes(OFFICER), true, &listed);
    let grants = portal.request_for(&LIST_GRANTS, "civil-status", &listed, &person).await.unwrap().grants;
    let states: Vec<_> = grants.iter().map(|grant| grant.state.as_str()).collect();
    assert_eq!(states, ["waiting", "approved"]);
    the_citizen_sees_every_call(&platform, &portal).await;
}

async fn the_citizen_sees_every_call(platform: &Platform, portal: &Bus) {
    let request = ListDataUseRequest { limit: 50, after: String::new() };
    let person = platform.on_behalf(&LIST_DATA_USE, PersonId::from_bytes(CITIZEN), false, &request);
    let rows = portal.request_for(&LIST_DATA_USE, "platform", &request, &person).await.unwrap().rows;
    let outcomes: Vec<_> = rows.iter().rev().map(|row| row.outcome.as_str()).collect();
    let expected =
        ["refused", "found", "found", "refused", "refused", "not-found", "unavailable", "unavailable", "found"];
    assert_eq!(outcomes, expected, "refused and failed ones too, a repetition once");
    assert_eq!(rows.last().unwrap().asking_agency, "justice");
    assert_eq!(rows[0].fields, ["date", "office", "actNumber", "spouse1", "spouse2"]);
    let found = rows.iter().rev().nth(1).unwrap();
    assert_eq!(found.purpose_text, text("Checking the record"), "whoever reads it reads their own language");
    assert_eq!(found.legal_basis_text, text("Family Code"));
    assert_eq!((found.purpose.as_str(), found.legal_basis.as_str()), ("", ""));
    let other = platform.on_behalf(&LIST_DATA_USE, PersonId::from_bytes([7; 16]), false, &request);
    assert!(portal.request_for(&LIST_DATA_USE, "platform", &request, &other).await.unwrap().rows.is_empty());
    let database = std::fs::read(platform.dir.path().join("exchange.db")).unwrap();
    let journal = std::fs::read(platform.dir.path().join("exchange.db-wal")).unwrap_or_default();
    for secret in [AYGUL, "2019-05-25"] {
        let found = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found(&database) && !found(&journal), "{secret} lies in the database");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_reached_nobody_is_sent_under_the_same_action_and_one_without_an_answer_never_again() {
    let (platform, operator, hash) = published().await;
    let writes = |registry: &mut serde_json::Value| registry["spec"]["operations"][0]["kind"] = "write".into();
    platform.publish(&operator, "civil-status/registry.yaml", writes).await.unwrap();
    let (eservice, portal) = (platform.bus("eservice").await, platform.bus("portal").await);
    platform.appoint("civil-status", "grant-approver");
    approve(&platform, &portal, &hash, OFFICER).await.unwrap();
    for _ in 0..2 {
        let away = ask(&eservice, &question(1, AYGUL)).await;
        assert_eq!((away.outcome.as_str(), away.code.as_str()), ("unavailable", "exchange.unavailable"));
    }
    start_archive(&platform).await;
    assert_eq!(ask(&eservice, &question(1, AYGUL)).await.outcome, "found", "now somebody listens");
    assert_eq!(ask(&eservice, &question(2, "41503920170217")).await.code, "exchange.answer", "something came of it");
    let again = ask(&eservice, &question(2, "41503920170217")).await;
    assert_eq!(again.code, "exchange.unknown-outcome", "it is not written twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_persons_must_approve_where_the_agency_says_so_and_never_the_askers_own() {
    let (platform, operator, hash) = published().await;
    let strict = |agency: &mut serde_json::Value| agency["spec"]["fourEyes"] = true.into();
    platform.publish(&operator, "civil-status/agency.yaml", strict).await.unwrap();
    let portal = platform.bus("portal").await;
    platform.appoint("civil-status", "grant-approver");
    assert_eq!(approve(&platform, &portal, &hash, OFFICER).await.unwrap().state, "waiting");
    assert_eq!(approve(&platform, &portal, &hash, OFFICER).await.unwrap().approvals, 1, "the same person again");
    assert_eq!(approve(&platform, &portal, &hash, [6; 16]).await.unwrap().state, "approved");
    platform.appoint("justice", "registrar");
    assert_eq!(approve(&platform, &portal, &hash, [5; 16]).await.unwrap_err(), "exchange.own-request");
    let unknown = Hash::of(b"another spec");
    assert_eq!(approve(&platform, &portal, unknown.as_bytes(), OFFICER).await.unwrap_err(), "exchange.no-such-grant");
    let foreign =
        platform.publish(&operator, "civil-status/grant.yaml", |grant| grant["spec"]["from"] = "justice".into());
    assert!(foreign.await.unwrap_err()[0].contains("spec.from"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_asked_in_a_minute_than_the_grant_allows() {
    let (platform, operator, _) = published().await;
    start_archive(&platform).await;
    let (eservice, portal) = (platform.bus("eservice").await, platform.bus("portal").await);
    let one = platform.publish(&operator, "civil-status/grant.yaml", |grant| grant["spec"]["perMinute"] = 1.into());
    platform.appoint("civil-status", "grant-approver");
    approve(&platform, &portal, &one.await.unwrap(), OFFICER).await.unwrap();
    let found = ask(&eservice, &question(1, AYGUL)).await;
    assert_eq!(found.outcome, "found");
    let more = ask(&eservice, &question(2, AYGUL)).await;
    assert_eq!((more.outcome.as_str(), more.code.as_str()), ("refused", "exchange.rate"));
    assert_eq!(ask(&eservice, &question(1, AYGUL)).await, found, "what was answered is not asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_a_registry_that_is_withdrawn_nor_under_a_grant_that_officers_took_back() {
    let (platform, operator, hash) = published().await;
    start_archive(&platform).await;
    let (eservice, portal) = (platform.bus("eservice").await, platform.bus("portal").await);
    assert_eq!(revoke(&platform, &portal, &hash, OFFICER).await.unwrap_err(), "exchange.no-such-grant", "nobody yet");
    platform.appoint("civil-status", "grant-approver");
    approve(&platform, &portal, &hash, OFFICER).await.unwrap();
    assert_eq!(ask(&eservice, &question(1, AYGUL)).await.outcome, "found");

    withdraw(&operator, "civil-status", "Registry", "civil-status").await.unwrap();
    let gone = ask(&eservice, &question(2, AYGUL)).await;
    assert_eq!((gone.outcome.as_str(), gone.code.as_str()), ("refused", "exchange.no-registry"));
    platform.publish(&operator, "civil-status/registry.yaml", |_| ()).await.unwrap();
    assert_eq!(ask(&eservice, &question(3, AYGUL)).await.outcome, "found", "it is there again");

    for _ in 0..2 {
        assert_eq!(revoke(&platform, &portal, &hash, OFFICER).await.unwrap().state, "revoked");
    }
    assert_eq!(ask(&eservice, &question(4, AYGUL)).await.code, "exchange.no-grant");
    assert_eq!(approve(&platform, &portal, &hash, [6; 16]).await.unwrap_err(), "exchange.grant-revoked");
    let longer =
        platform.publish(&operator, "civil-status/grant.yaml", |grant| grant["spec"]["until"] = "2031-12-31".into());
    approve(&platform, &portal, &longer.await.unwrap(), OFFICER).await.unwrap();
    assert_eq!(ask(&eservice, &question(5, AYGUL)).await.outcome, "found", "another version is another decision");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_another_services_action_id_first_neither_hears_nor_delays_its_answer() {
    let (platform, operator, _) = published().await;
    start_archive(&platform).await;
    let (eservice, portal) = (platform.bus("eservice").await, platform.bus("portal").await);
    let for_all = platform.publish(&operator, "civil-status/grant.yaml", |grant| grant["spec"]["services"] = json!([]));
    platform.appoint("civil-status", "grant-approver");
    approve(&platform, &portal, &for_all.await.unwrap(), OFFICER).await.unwrap();
    let mut taking = question(1, AYGUL);
    taking.action.as_mut().unwrap().case.as_mut().unwrap().service = "another".into();
    let taken = ask(&eservice, &taking).await;
    let found = ask(&eservice, &question(1, AYGUL)).await;
    assert_eq!((taken.outcome.as_str(), found.outcome.as_str()), ("found", "found"));
    assert_ne!(taken.output, found.output, "each was asked for on its own");
    assert_eq!(ask(&eservice, &taking).await, taken);
    assert_eq!(ask(&eservice, &question(1, AYGUL)).await, found);
    let mut odd = question(1, AYGUL);
    odd.action.as_mut().unwrap().action_id.push(0);
    assert_eq!(eservice.request(&CALL_REGISTRY, "justice", &odd).await.unwrap_err().code, "exchange.no-action");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_command_id_of_another_person_or_decision_is_another_command() {
    let (platform, operator, hash) = published().await;
    let strict = |agency: &mut serde_json::Value| agency["spec"]["fourEyes"] = true.into();
    platform.publish(&operator, "civil-status/agency.yaml", strict).await.unwrap();
    let portal = platform.bus("portal").await;
    platform.appoint("civil-status", "grant-approver");
    let (agency, name) = ("civil-status".to_owned(), "justice-marriages".to_owned());
    let request = ApproveGrantRequest { agency: agency.clone(), name: name.clone(), hash: hash.clone() };
    let command = CommandId::from_bytes([3; 16]);
    let mut states = Vec::new();
    for person in [OFFICER, [6; 16]] {
        let person = platform.commanded(&APPROVE_GRANT, PersonId::from_bytes(person), true, &request, command);
        let status = portal.request_for(&APPROVE_GRANT, "civil-status", &request, &person).await.unwrap();
        states.push((status.state, status.approvals));
    }
    assert_eq!(states, [("waiting".to_owned(), 1), ("approved".to_owned(), 2)]);
    let request = RevokeGrantRequest { agency, name, hash };
    let person = platform.commanded(&REVOKE_GRANT, PersonId::from_bytes(OFFICER), true, &request, command);
    let status = portal.request_for(&REVOKE_GRANT, "civil-status", &request, &person).await.unwrap();
    assert_eq!(status.state, "revoked", "and another decision is");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_pushed_again_when_the_server_has_forgotten_everything() {
    let (mut platform, _operator, hash) = published().await;
    start_archive(&platform).await;
    platform.appoint("civil-status", "grant-approver");
    let (eservice, portal) = (platform.bus("eservice").await, platform.bus("portal").await);
    approve(&platform, &portal, &hash, OFFICER).await.unwrap();
    assert_eq!(ask(&eservice, &question(1, AYGUL)).await.outcome, "found");
    platform.kill_server();
    for forgotten in ["resolver", "jetstream"] {
        std::fs::remove_dir_all(platform.provisioned.folder.join(forgotten)).unwrap();
    }
    platform.start_server();
    for action in 10..100 {
        let reply = eservice.request(&CALL_REGISTRY, "justice", &question(action, AYGUL)).await;
        if reply.is_ok_and(|reply| reply.outcome == "found") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    eventually(|| false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_reaches_its_agencys_own_system_once_and_is_asked_for_again_while_that_is_away() {
    let (platform, _operator, _) = published().await;
    let eservice = platform.bus("eservice").await;
    let mut request = DeliverEventRequest {
        action: question(7, AYGUL).action,
        name: "copy-granted".into(),
        attributes: json!({"office": "nukus"}).to_string().into_bytes(),
        time_us: 1_795_410_000_000_000,
    };
    let foreign = eservice.request(&DELIVER_EVENT, "civil-status", &request).await.unwrap_err();
    assert_eq!(foreign.code, "exchange.other-agency");
    request.action.as_mut().unwrap().case.as_mut().unwrap().agency = "civil-status".into();
    let away = eservice.request(&DELIVER_EVENT, "civil-status", &request).await.unwrap_err();
    assert!(away.kind.retry(), "{away:?}");
    let client = platform.raw(&platform.provisioned.agents.join("civil-status.creds"), "inbox.agent").await;
    let mut heard = client.subscribe("event").await.unwrap();
    client.flush().await.unwrap();
    let system = tokio::spawn(async move {
        let event = heard.next().await.unwrap();
        client.publish(event.reply.clone().unwrap(), "".into()).await.unwrap();
        client.flush().await.unwrap();
        (event, heard, client)
    });
    eservice.request(&DELIVER_EVENT, "civil-status", &request).await.unwrap();
    let (event, mut heard, client) = system.await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&event.payload).unwrap();
    assert_eq!((&told["type"], &told["data"]["office"]), (&json!("copy-granted"), &json!("nukus")));
    // Nobody answers any more: the second request is answered from what is kept.
    eservice.request(&DELIVER_EVENT, "civil-status", &request).await.unwrap();
    client.flush().await.unwrap();
    assert!(futures::FutureExt::now_or_never(heard.next()).is_none(), "it came once");
}
