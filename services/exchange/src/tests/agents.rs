//! An agency's own system: connects under a key that the exchange never sees, reaches its agency alone, and is refused when
//! another key takes its place.

use std::time::Duration;

use futures::{FutureExt, StreamExt};
use nkeys::KeyPair;

use super::{
    platform::{Platform, issue_agent, withdraw},
    walls::eventually,
};
use crate::domain::claims;

async fn with_agencies() -> Platform {
    let platform = Platform::start();
    platform.start_exchange().await;
    let operator = platform.bus("operator").await;
    for file in ["justice/agency.yaml", "civil-status/agency.yaml"] {
        platform.publish(&operator, file, |_| ()).await.unwrap();
    }
    platform
}

/// A client of NATS with the agency's key and what was issued for it.
async fn connect(platform: &Platform, user: &KeyPair, token: &str) -> async_nats::Client {
    let file = platform.dir.path().join("own.creds");
    std::fs::write(&file, claims::credentials(token, &user.seed().unwrap())).unwrap();
    platform.raw(&file, "inbox.agent").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agencys_system_connects_with_its_own_key_and_meets_its_own_agency_alone() {
    let platform = with_agencies().await;
    let operator = platform.bus("operator").await;
    let (own, other) = (KeyPair::new_user(), KeyPair::new_user());
    let token = issue_agent(&operator, "justice", &own.public_key()).await.unwrap();
    let system = connect(&platform, &own, &token).await;
    let neighbour = {
        let token = issue_agent(&operator, "civil-status", &other.public_key()).await.unwrap();
        connect(&platform, &other, &token).await
    };
    let mut heard = system.subscribe("registry.*.*").await.unwrap();
    let mut foreign = Vec::new();
    for subject in [">", "exchange.v1.>", "eservice.v1.event.>", "inbox.>", "$SYS.>", "$JS.>"] {
        foreign.push(system.subscribe(subject).await.unwrap());
    }
    system.flush().await.unwrap();
    system.publish("registry.a.own", "own".into()).await.unwrap();
    neighbour.publish("registry.a.foreign", "foreign".into()).await.unwrap();
    neighbour.publish("inbox.agent.guess", "foreign".into()).await.unwrap();
    neighbour.flush().await.unwrap();
    let first = heard.next().await.unwrap();
    assert_eq!(first.subject.as_str(), "registry.a.own");
    for subject in ["exchange.v1.publish-resource.justice.operator", "$SYS.REQ.CLAIMS.UPDATE", "$JS.API.INFO"] {
        assert!(system.request(subject, "".into()).await.is_err(), "{subject}");
    }
    assert!(heard.next().now_or_never().is_none(), "another agency's message");
    assert!(foreign.iter_mut().all(|heard| heard.next().now_or_never().flatten().is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_takes_the_place_of_the_one_before_which_is_refused_at_once() {
    let platform = with_agencies().await;
    let operator = platform.bus("operator").await;
    let (old, new) = (KeyPair::new_user(), KeyPair::new_user());
    let token = issue_agent(&operator, "justice", &old.public_key()).await.unwrap();
    let system = connect(&platform, &old, &token).await;
    let again = issue_agent(&operator, "justice", &old.public_key()).await.unwrap();
    assert_eq!(claims::lasting(&again), claims::lasting(&token), "asking again changes nothing");
    assert_eq!(system.connection_state(), async_nats::connection::State::Connected);

    let token = issue_agent(&operator, "justice", &new.public_key()).await.unwrap();
    eventually(|| system.connection_state() != async_nats::connection::State::Connected).await;
    let file = platform.dir.path().join("own.creds");
    let options = async_nats::ConnectOptions::new().connection_timeout(Duration::from_secs(5));
    let refused = options.credentials_file(&file).await.unwrap().connect(&platform.provisioned.url).await;
    assert!(refused.is_err(), "the old key is refused");
    let system = connect(&platform, &new, &token).await;
    system.publish("registry.a.own", "own".into()).await.unwrap();
    system.flush().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_that_ended_has_nobody_on_the_bus_until_it_is_there_again() {
    let platform = with_agencies().await;
    let operator = platform.bus("operator").await;
    let (own, other) = (KeyPair::new_user(), KeyPair::new_user());
    let token = issue_agent(&operator, "justice", &own.public_key()).await.unwrap();
    let system = connect(&platform, &own, &token).await;
    for _ in 0..2 {
        withdraw(&operator, "justice", "Agency", "justice").await.unwrap();
    }
    eventually(|| system.connection_state() != async_nats::connection::State::Connected).await;
    let file = platform.dir.path().join("own.creds");
    let options = async_nats::ConnectOptions::new().connection_timeout(Duration::from_secs(5));
    let refused = options.credentials_file(&file).await.unwrap().connect(&platform.provisioned.url).await;
    assert!(refused.is_err(), "its credentials are refused");
    let none = issue_agent(&operator, "justice", &other.public_key()).await.unwrap_err();
    assert_eq!(none.code, "exchange.no-agency", "and there are no others");
    for (kind, name) in [("Agency", "civil-status"), ("Grant", "g")] {
        assert_eq!(withdraw(&operator, "justice", kind, name).await.unwrap_err().code, "exchange.kind");
    }

    platform.publish(&operator, "justice/agency.yaml", |_| ()).await.unwrap();
    let token = issue_agent(&operator, "justice", &other.public_key()).await.unwrap();
    let system = connect(&platform, &other, &token).await;
    system.publish("registry.a.own", "own".into()).await.unwrap();
    system.flush().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_operator_gets_credentials_and_only_for_an_agency_that_is_there() {
    let platform = with_agencies().await;
    let operator = platform.bus("operator").await;
    let user = KeyPair::new_user().public_key();
    let refusal = |refused: Result<String, kernel::Failure>| refused.unwrap_err().code.into_owned();
    assert_eq!(refusal(issue_agent(&operator, "tax", &user).await), "exchange.no-agency");
    let account = KeyPair::new_account().public_key();
    assert_eq!(refusal(issue_agent(&operator, "justice", &account).await), "exchange.agent-key");
    assert_eq!(refusal(issue_agent(&operator, "justice", "U").await), "exchange.agent-key");
    let portal = platform.bus("portal").await;
    assert!(issue_agent(&portal, "justice", &user).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_refused_only_when_no_system_of_the_agency_has_it_any_more() {
    for (engine, database) in testkit::databases(crate::store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let at = kernel::Time::from_seconds;
        let mut admit = async |agent: &str, key: &str, second| {
            crate::store::agents::admit(&mut tx, ("justice", agent), key, at(second)).await.unwrap()
        };
        assert!(admit("one", "UA", 1).await && admit("two", "UA", 1).await, "{engine}");
        assert!(!admit("one", "UA", 2).await, "{engine}: known already");
        assert!(admit("one", "UB", 3).await, "{engine}");
        let refused = async |tx: &mut sql::Tx| {
            let ended = crate::store::agents::ended(tx).await.unwrap();
            ended.into_iter().map(|ended| (ended.nats_user, ended.at)).collect::<Vec<_>>()
        };
        assert_eq!(refused(&mut tx).await, [], "{engine}: the other system still has it");
        crate::store::agents::admit(&mut tx, ("justice", "two"), "UB", at(4)).await.unwrap();
        assert_eq!(refused(&mut tx).await, [("UA".to_owned(), at(4))], "{engine}");
        crate::store::agents::admit(&mut tx, ("justice", "two"), "UA", at(5)).await.unwrap();
        assert_eq!(refused(&mut tx).await, [], "{engine}: let in again");
    }
}
