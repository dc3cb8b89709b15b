//! Messages that are not what they say: foreign subjects, foreign signatures, repetitions, changed content.

use std::{sync::Arc, time::Duration};

use async_nats::HeaderMap;
use kernel::{Hash, Random};
use prost::Message;
use proto::{
    permissions::{CALLS, EVENTS, FOR_PERSONS, HOSTED, ROLES},
    register::v1::{ReadServiceRequest, operations::READ_SERVICE},
};
use tests::{patience::Patience, platform::Platform};
use tokio::sync::mpsc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_role_speaks_for_another_and_no_message_counts_twice() {
    let platform = Platform::start().await;
    foreign_subjects_are_refused(&platform).await;
    forged_messages_are_refused(&platform).await;
    without_a_person_nothing_is_done_for_one(&platform).await;
    forged_events_change_nothing(&platform).await;
}

/// Every operation that is for persons, asked by who may ask, rightly signed, and on nobody's behalf.
async fn without_a_person_nothing_is_done_for_one(platform: &Platform) {
    let asking = [
        ("portal", bus(platform, "portal", "portal").await),
        ("operator", bus(platform, "operator", "operator").await),
    ];
    for (callee, operation) in FOR_PERSONS {
        let callers =
            CALLS.iter().find(|(of, name, _)| of == callee && name == operation).map(|(.., callers)| *callers);
        let (caller, bus) = asking
            .iter()
            .find(|(caller, _)| callers.is_some_and(|callers| callers.contains(caller)))
            .unwrap_or_else(|| panic!("who asks for {callee} {operation}?"));
        let hosted = HOSTED.contains(&(*callee, *operation));
        let service = if hosted { ".marriage-certificate-copy" } else { "" };
        let subject = format!("{callee}.v1.{operation}.justice{service}.{caller}");
        let told = refusal(bus, &subject, bus.sign(&subject, b"", Duration::from_secs(5)), Vec::new()).await;
        assert!(told.contains("bus.assertion"), "{subject}: {told}");
    }
}

/// What a request is refused with; nothing when it is not.
async fn refusal(bus: &bus::Bus, subject: &str, headers: HeaderMap, body: Vec<u8>) -> String {
    let reply = bus.client().request_with_headers(subject.to_owned(), headers, body.into()).await;
    let reply = reply.unwrap_or_else(|error| panic!("{subject} is not answered: {error}"));
    let told = reply.headers.and_then(|headers| headers.get("Xizmat-Error").map(ToString::to_string));
    told.unwrap_or_default()
}

/// Every user tries every request and every event that is not its own, and to listen to everything.
async fn foreign_subjects_are_refused(platform: &Platform) {
    for role in ROLES {
        let (client, mut refusals) = connect(platform, role).await;
        let mut foreign: Vec<String> = Vec::new();
        for (callee, operation, callers) in CALLS {
            for caller in ROLES.iter().filter(|caller| callers.contains(caller) && *caller != role) {
                foreign.push(format!("{callee}.v1.{operation}.justice.{caller}"));
            }
            if !callers.contains(role) {
                foreign.push(format!("{callee}.v1.{operation}.justice.{role}"));
            }
        }
        for (producer, name, _) in EVENTS.iter().filter(|(producer, ..)| producer != role) {
            foreign.push(format!("{producer}.v1.event.{name}.justice"));
        }
        foreign.push("registry.civil-status.civil-status.find".into());
        foreign.retain(|subject| !(*role == "exchange" && subject.starts_with("registry.")));
        foreign.push("$SYS.REQ.CLAIMS.UPDATE".into());
        foreign.push("$JS.API.STREAM.LIST".into());
        // The client keeps only so many refusals that nobody has looked at yet.
        for some in foreign.chunks(64) {
            for subject in some {
                client.publish(subject.clone(), "forged".into()).await.expect("it is sent");
            }
            client.flush().await.expect("it is sent");
            all_are_refused(role, &mut refusals, some.len()).await;
        }
        let mut listening = Vec::new();
        for subject in [">", "*.v1.>", "inbox.>", "_INBOX.>", "$SYS.>", "$JS.>"] {
            listening.push(client.subscribe(subject).await.expect("it is sent"));
        }
        client.flush().await.expect("it is sent");
        all_are_refused(role, &mut refusals, listening.len()).await;
    }
    let recorded = std::fs::read_to_string(platform.data().join("logs/nats.log")).expect("the server keeps a log");
    assert!(recorded.contains("Publish Violation"), "the server records refusals:\n{recorded}");
}

async fn all_are_refused(role: &str, refusals: &mut mpsc::UnboundedReceiver<String>, expected: usize) {
    for counted in 0..expected {
        let refusal = tokio::time::timeout(Duration::from_secs(120), refusals.recv()).await;
        assert!(refusal.is_ok(), "{role}: only {counted} of {expected} were refused");
    }
}

async fn connect(platform: &Platform, role: &str) -> (async_nats::Client, mpsc::UnboundedReceiver<String>) {
    let (refused, refusals) = mpsc::unbounded_channel();
    let client = async_nats::ConnectOptions::new()
        .custom_inbox_prefix(format!("inbox.{role}"))
        .event_callback(move |event| {
            let refused = refused.clone();
            async move {
                if let async_nats::Event::ServerError(error) = event {
                    let _ = refused.send(error.to_string());
                }
            }
        })
        .credentials_file(platform.data().join(format!("nats/users/{role}.creds")))
        .await
        .expect("the role has credentials")
        .connect(&platform.ready.nats)
        .await
        .expect("the server admits it");
    (client, refusals)
}

/// The portal's own user, so that the message arrives; what it carries must still be the portal's, once, unchanged.
async fn forged_messages_are_refused(platform: &Platform) {
    let portal = bus(platform, "portal", "portal").await;
    let thief = bus(platform, "portal", "docket").await;
    let request = ReadServiceRequest { agency: "justice".into(), ..ReadServiceRequest::default() };
    let subject = READ_SERVICE.subject("platform", None, "portal");
    let body = request.encode_to_vec();
    let headers = portal.sign(&subject, &body, Duration::from_secs(5));
    let ask = |headers: HeaderMap, body: Vec<u8>| refusal(&portal, &subject, headers, body);
    let changed = [body.clone(), vec![0x7a, 0x00]].concat();
    let altered = ask(headers.clone(), changed).await;
    assert!(altered.contains("bus.signature"), "altered: {altered}");
    let first = ask(headers.clone(), body.clone()).await;
    assert!(!first.contains("bus.signature"), "unchanged: {first}");
    let replayed = ask(headers, body.clone()).await;
    assert!(replayed.contains("bus.signature"), "replayed: {replayed}");
    let stolen = ask(thief.sign(&subject, &body, Duration::from_secs(5)), body.clone()).await;
    assert!(stolen.contains("bus.signature"), "signed by another: {stolen}");
    let unsigned = ask(HeaderMap::new(), body).await;
    assert!(unsigned.contains("bus.signature"), "unsigned: {unsigned}");
    assert!(platform.log().matches("a request was refused").count() >= 4, "{}", platform.log());
}

/// Payments' user with another's key: its stream takes the event, nobody believes it.
async fn forged_events_change_nothing(platform: &Platform) {
    let forger = bus(platform, "payments", "docket").await;
    let subject = "payments.v1.event.intent-captured.justice";
    let random = boot::OsRandom;
    let mut id = [0; 16];
    random.fill(&mut id);
    let mut headers = forger.sign(subject, b"forged", Duration::from_secs(5));
    for (name, value) in
        [("Xizmat-Producer", "payments"), ("Xizmat-Epoch", "9000000000000000"), ("Xizmat-Sequence", "1")]
    {
        headers.insert(name, value);
    }
    headers.insert("Nats-Msg-Id", Hash::of(&id).to_string());
    let client = forger.client();
    client.publish_with_headers(subject, headers, "forged".into()).await.expect("it is sent");
    client.flush().await.expect("it is sent");
    let patience = Patience::default();
    while patience.lasts() {
        if platform.log().contains("an event is refused") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody refused the forged event:\n{}", platform.log());
}

/// A connection as `role` that signs with the key of `signer`.
async fn bus(platform: &Platform, role: &str, signer: &str) -> bus::Bus {
    let nats = platform.data().join("nats");
    let settings = bus::Settings {
        url: platform.ready.nats.clone(),
        credentials_file: nats.join(format!("users/{role}.creds")),
        role: role.to_owned(),
        key_file: nats.join(format!("signing/{signer}.key")),
        trusted_keys_file: nats.join("trusted-keys.json"),
        ..bus::Settings::default()
    };
    let kit = boot::Kit::system(boot::Stage::Trial);
    bus::Bus::connect(&settings, Arc::clone(&kit.clock), Arc::clone(&kit.random)).await.expect("it is admitted")
}
