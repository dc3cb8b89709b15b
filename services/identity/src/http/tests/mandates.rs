//! A director acts for a company on OneID's word in this session: both are in every assertion, and nobody else gets one.

use axum::http::StatusCode;
use boot::Stage;
use kernel::{Clock, tin::Tin};
use proto::identity::v1::{Contacts, ReadPersonRequest};
use serde_json::Value;

use super::world::{ISSUER, World, world};
use crate::{
    bus,
    domain::exchange::{ACCESS_TOKEN, ASSERTION, Assertion, GRANT_TYPE, HEADER_TYPE},
};

/// Comes back from OneID, which says what this code stands for; gives the access token.
async fn proofed(world: &World, code: &str) -> String {
    *world.cookie.lock().unwrap() = None;
    let path = world.begin("substantial").await;
    let away = world.get(&format!("{path}/oneid")).await;
    let state = away.location().split("state=").nth(1).unwrap().to_owned();
    let back = world.get(&format!("/oneid/callback?code={code}&state={state}")).await;
    let (_, tokens) = world.redeem(&back.returned("code")).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn about(world: &World, access: &str) -> Value {
    serde_json::from_str(&world.userinfo(access).await.body).unwrap()
}

async fn asserted(world: &World, access: &str, principal: &str) -> (StatusCode, Value) {
    let fields = [
        ("grant_type", GRANT_TYPE),
        ("subject_token", access),
        ("subject_token_type", ACCESS_TOKEN),
        ("requested_token_type", ASSERTION),
        ("audience", "eservice"),
        ("operation", "submit"),
        ("command_id", "0193a7f0c0de7000800000000000abcd"),
        ("payload_hash", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("principal", principal),
    ];
    world.token(&fields).await
}

fn claims(world: &World, answer: &Value) -> Assertion {
    let token = answer["access_token"].as_str().unwrap();
    world.provider.keys.verify(HEADER_TYPE, ISSUER, token).unwrap()
}

#[tokio::test]
async fn an_assertion_for_a_company_names_both_and_one_for_oneself_nobody_else() {
    let world = world(Stage::Trial).await;
    let access = proofed(&world, "director").await;
    let told = about(&world, &access).await;
    let companies = told["mandates"].as_array().unwrap();
    let named = companies.iter().find(|company| company["tin"] == "301234567").unwrap();
    let (name, kind) = (named["name"].as_str(), named["kind"].as_str());
    assert_eq!((companies.len(), name, kind), (2, Some("Anor Savdo"), Some("director")));
    let company = named["principal"].as_str().unwrap();
    let (status, answer) = asserted(&world, &access, company).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let assertion = claims(&world, &answer);
    assert_eq!((assertion.sub.as_str(), assertion.mandate.as_deref()), (company, Some("director")));
    assert_eq!(Some(assertion.act.unwrap().sub.as_str()), told["sub"].as_str());
    let (_, answer) = asserted(&world, &access, "").await;
    let oneself = claims(&world, &answer);
    assert_eq!((Some(oneself.sub.as_str()), oneself.act, oneself.mandate), (told["sub"].as_str(), None, None));
}

#[tokio::test]
async fn whoever_is_no_director_any_more_gets_no_assertion_for_the_company() {
    let world = world(Stage::Trial).await;
    let access = proofed(&world, "director").await;
    let told = about(&world, &access).await;
    let company = told["mandates"][0]["principal"].as_str().unwrap().to_owned();
    // The same person signs in again, and OneID names no company.
    let later = proofed(&world, "good").await;
    assert_eq!(about(&world, &later).await["mandates"], Value::Array(Vec::new()));
    for principal in [company.as_str(), "0193a7f0c0de7000800000000000abcd"] {
        let (status, refused) = asserted(&world, &later, principal).await;
        let said = (status, refused["error"].as_str());
        assert_eq!(said, (StatusCode::BAD_REQUEST, Some("invalid_target")), "unknown and forbidden look alike");
    }
}

#[tokio::test]
async fn a_company_that_is_asked_is_reached_through_whoever_directs_it_and_they_have_the_row() {
    let world = world(Stage::Trial).await;
    let asked = world.provider.store.company_with(&Tin::parse("301234567").unwrap()).await.unwrap();
    let reach = async || -> Contacts {
        let request = ReadPersonRequest { person: asked.to_vec(), case_id: vec![1; 16] };
        bus::contacts(&world.provider, &request, "notifications", "justice").await.unwrap()
    };
    assert_eq!(reach().await.phone, "", "nobody came for it");
    proofed(&world, "director").await;
    let contacts = reach().await;
    assert_eq!((contacts.person, contacts.phone.as_str()), (asked.to_vec(), "+998901112233"));
    let director = {
        let mut tx = world.provider.store.database.read().await.unwrap();
        let sql = "SELECT subject FROM audit WHERE act = 'identity.contacts-read' ORDER BY sequence DESC LIMIT 1";
        tx.fetch_one(sql, sql::args![]).await.unwrap().blob(0).unwrap()
    };
    let known = world.provider.store.person(kernel::PersonId::from_slice(&director).unwrap()).await.unwrap().unwrap();
    assert_eq!(known.facts.family_name.reveal(), "Karimova");
    world.clock.set(world.clock.now().plus(std::time::Duration::from_secs(366 * 24 * 3600)));
    assert_eq!(reach().await.phone, "", "and not for ever");
}
