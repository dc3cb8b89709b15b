//! What an agency's own system announces in its own account is taken once, and read by those alone whom its agency lets.

use bus::Bus;
use proto::exchange::v1::{Events, ReadEventsRequest, operations::READ_EVENTS};
use serde_json::{Value, json};

use super::{
    journey::{OFFICER, approve, revoke},
    platform::Platform,
};

const PINFL: &str = "52104150170441";

fn lost(id: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "type": "record-lost", "data": {"spouse": {"pinfl": PINFL}}})
}

/// The receipt, and the number of the refusal.
async fn announce(client: &async_nats::Client, event: &Value) -> (Value, String) {
    let reply = client.request("announce", event.to_string().into()).await.unwrap();
    let headers = reply.headers.unwrap_or_default();
    let number = bus::header::text(&headers, async_nats::service::NATS_SERVICE_ERROR_CODE).to_owned();
    (serde_json::from_slice(&reply.payload).unwrap(), number)
}

fn asked(agency: &str, after: i64) -> ReadEventsRequest {
    ReadEventsRequest {
        agency: agency.into(),
        service: "marriage-certificate-copy".into(),
        owner: "civil-status".into(),
        name: "record-lost".into(),
        after,
        limit: 10,
    }
}

async fn read(eservice: &Bus, agency: &str, after: i64) -> Result<Events, String> {
    let told = eservice.request(&READ_EVENTS, agency, &asked(agency, after)).await;
    told.map_err(|failure| failure.code.into_owned())
}

fn ids(events: &Events) -> Vec<&str> {
    events.events.iter().map(|event| event.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agencys_system_announces_once_and_a_service_hears_it_only_under_a_grant_that_names_it() {
    let platform = Platform::start();
    platform.start_exchange().await;
    platform.start_identity().await;
    platform.appoint("civil-status", "grant-approver");
    let operator = platform.bus("operator").await;
    for file in ["civil-status/agency.yaml", "justice/agency.yaml", "civil-status/registry.yaml"] {
        platform.publish(&operator, file, |_| ()).await.unwrap();
    }
    let tells = |grant: &mut Value| grant["spec"]["events"] = json!(["record-lost"]);
    let hash = platform.publish(&operator, "civil-status/grant.yaml", tells).await.unwrap();
    let (eservice, portal) = (platform.bus("eservice").await, platform.bus("portal").await);
    let archive = platform.raw(&platform.provisioned.agents.join("civil-status.creds"), "inbox.agent").await;
    let justice = platform.raw(&platform.provisioned.agents.join("justice.creds"), "inbox.agent").await;

    let (receipt, number) = announce(&archive, &lost("e-1")).await;
    assert_eq!(
        (receipt["outcome"].as_str(), receipt["id"].as_str(), number.as_str()),
        (Some("taken"), Some("e-1"), "")
    );
    assert_eq!(announce(&archive, &lost("e-1")).await.0, receipt, "the same again gets the same receipt");
    let mut other = lost("e-1");
    other["data"]["spouse"]["pinfl"] = "41203850170214".into();
    let (refused, number) = announce(&archive, &other).await;
    assert_eq!((refused["code"].as_str(), number.as_str()), (Some("exchange.event-other"), "409"));
    let (refused, number) = announce(&archive, &json!({"id": "e-2"})).await;
    assert_eq!((refused["code"].as_str(), number.as_str()), (Some("exchange.event-form"), "400"));
    // Whose it is, the account says: the same id and name of another agency are another event.
    assert_eq!(announce(&justice, &lost("e-1")).await.1, "");
    assert_eq!(announce(&archive, &lost("e-2")).await.1, "");
    assert!(archive.request("announce.justice", lost("e-9").to_string().into()).await.is_err(), "nobody else's name");

    assert_eq!(read(&eservice, "justice", 0).await.unwrap_err(), "exchange.no-grant");
    let foreign = eservice.request(&READ_EVENTS, "justice", &asked("civil-status", 0)).await.unwrap_err();
    assert_eq!(foreign.code, "exchange.other-agency");
    let own = read(&eservice, "civil-status", 0).await.unwrap();
    assert_eq!(ids(&own), ["e-1", "e-2"], "nobody has to agree to what is their own");
    assert_eq!(approve(&platform, &portal, &hash, OFFICER).await.unwrap().state, "approved");
    let begins = read(&eservice, "justice", -1).await.unwrap();
    assert_eq!((ids(&begins).len(), begins.last), (0, 2), "where the newest stands, and nothing else");
    let told = read(&eservice, "justice", 1).await.unwrap();
    assert_eq!(ids(&told), ["e-2"]);
    let said: Value = serde_json::from_slice(&told.events[0].data).unwrap();
    assert_eq!(said["spouse"]["pinfl"], PINFL);
    assert_eq!(ids(&read(&eservice, "justice", 2).await.unwrap()).len(), 0);
    assert_eq!(revoke(&platform, &portal, &hash, OFFICER).await.unwrap().state, "revoked");
    assert_eq!(read(&eservice, "justice", 0).await.unwrap_err(), "exchange.no-grant");

    for file in ["exchange.db", "exchange.db-wal"] {
        let kept = std::fs::read(platform.dir.path().join(file)).unwrap_or_default();
        let is_open = kept.windows(PINFL.len()).any(|window| window == PINFL.as_bytes());
        assert!(!is_open, "{file}: what an event says of somebody is kept sealed");
    }
}
