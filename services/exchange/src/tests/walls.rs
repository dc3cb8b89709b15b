//! Every user tries every subject: nothing but what the contracts say gets through.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use bus::{consumer_name, stream_name, subject};
use futures::StreamExt;
use kernel::id::MessageId;
use proto::{
    Event as _,
    payments::v1::IntentCaptured,
    permissions::{CALLS, EVENTS, HOSTED, ROLES},
};

use super::platform::Platform;
use crate::permissions::{self, OBSERVER};

/// (who received, on which subject, from whom)
type Received = BTreeSet<(String, String, String)>;

fn requests() -> Vec<(String, &'static str, &'static [&'static str], &'static str)> {
    let mut requests = Vec::new();
    for (callee, operation, callers) in CALLS {
        for named in ROLES {
            let service = if HOSTED.contains(&(callee, operation)) { ".certificate" } else { "" };
            requests.push((format!("{callee}.v1.{operation}.justice{service}.{named}"), *callee, *callers, *named));
        }
    }
    requests
}

/// What a curious role would listen to.
fn wanted() -> Vec<String> {
    let mut wanted: Vec<String> =
        CALLS.iter().map(|(callee, operation, _)| permissions::requests(callee, operation, "*")).collect();
    wanted.extend(ROLES.iter().map(|role| format!("{}.>", subject::inbox_prefix(role))));
    wanted.extend(EVENTS.iter().map(|(producer, name, _)| subject::event(producer, name, "*")));
    wanted.extend(
        [">", "*.>", "_INBOX.>", "inbox.>", "$JS.API.>", "$JS.ACK.>", "$SYS.>", "registry.>", "event", "event.>"]
            .map(String::from),
    );
    wanted
}

/// What a malicious role would send, beside requests.
fn forged() -> Vec<String> {
    let mut forged: Vec<String> = ROLES.iter().map(|role| format!("{}.guess.1", subject::inbox_prefix(role))).collect();
    forged.extend(["$SYS.REQ.CLAIMS.UPDATE", "$JS.API.STREAM.DELETE.PAYMENTS_EVENTS"].map(String::from));
    forged.extend(["$SRV.PING.payments", "_INBOX.x.y", "event", "event.justice"].map(String::from));
    forged
}

#[tokio::test(flavor = "multi_thread")]
async fn every_user_tries_every_foreign_subject_and_only_the_contracts_pass() {
    let platform = Platform::start();
    platform.start_exchange().await;
    let received: Arc<Mutex<Received>> = Arc::default();
    let mut clients = Vec::new();
    for role in ROLES {
        let credentials = platform.provisioned.bus(role).credentials_file;
        let client = platform.raw(&credentials, &subject::inbox_prefix(role)).await;
        for subject in wanted() {
            let mut subscription = client.subscribe(subject).await.unwrap();
            let received = received.clone();
            tokio::spawn(async move {
                while let Some(message) = subscription.next().await {
                    let sender = String::from_utf8_lossy(&message.payload).into_owned();
                    // The running exchange's own answers are not part of the attempt.
                    if ROLES.contains(&sender.as_str()) {
                        received.lock().unwrap().insert(((*role).to_owned(), message.subject.to_string(), sender));
                    }
                }
            });
        }
        client.flush().await.unwrap();
        clients.push((*role, client));
    }
    for (role, client) in &clients {
        for subject in requests().into_iter().map(|(subject, ..)| subject).chain(forged()) {
            client.publish(subject, (*role).into()).await.unwrap();
        }
        client.flush().await.unwrap();
    }
    let expected: Received = requests()
        .into_iter()
        .filter(|(_, _, callers, named)| callers.contains(named))
        .map(|(subject, callee, _, named)| (callee.to_owned(), subject, named.to_owned()))
        .collect();
    eventually(|| expected.is_subset(&received.lock().unwrap())).await;
    // What should not pass gets the time in which the rest came.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let received = received.lock().unwrap().clone();
    let leaks: Vec<_> = received.difference(&expected).collect();
    assert!(leaks.is_empty(), "got through: {leaks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_producer_touches_its_stream_and_only_the_consumer_its_consumer() {
    let platform = Platform::start();
    platform.start_exchange().await;
    let payments = platform.bus("payments").await;
    let database =
        sql::Database::open(&sql::Settings::file(platform.dir.path().join("payments.db")), &[]).await.unwrap();
    bus::relay::run(&payments, &database, bus::Log::of("payments"), &platform.kit).await.unwrap();
    let eservice = platform.bus("eservice").await;
    let consumer =
        sql::Database::open(&sql::Settings::file(platform.dir.path().join("eservice.db")), &[]).await.unwrap();
    let seen: Arc<Mutex<Vec<i64>>> = Arc::default();
    let seen_too = seen.clone();
    bus::consume(&eservice, &consumer, &platform.kit, "payments", move |_tx, event| {
        seen_too.lock().unwrap().push(event.sequence);
        Box::pin(async move { Ok(()) })
    });
    for count in 1..=5_usize {
        let mut tx = database.begin().await.unwrap();
        let message = sql::outbox::Outgoing {
            message_id: MessageId::new(&*platform.kit.clock, &*platform.kit.random),
            name: IntentCaptured::NAME.into(),
            agency: "justice".into(),
            case: None,
            time: platform.kit.clock.now(),
            body: Vec::new(),
        };
        sql::outbox::enqueue(&mut tx, &message).await.unwrap();
        tx.commit().await.unwrap();
        eventually(|| seen.lock().unwrap().len() == count).await;
    }
    let stream = stream_name("payments");
    let consumer = consumer_name("eservice");
    for role in ROLES {
        let credentials = platform.provisioned.bus(role).credentials_file;
        let client = platform.raw(&credentials, &subject::inbox_prefix(role)).await;
        for (subject, owner) in [
            (format!("$JS.API.STREAM.INFO.{stream}"), "payments"),
            (format!("$JS.API.STREAM.DELETE.{stream}"), ""),
            (format!("$JS.API.STREAM.MSG.GET.{stream}"), ""),
            (format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}"), "eservice"),
            (format!("$JS.API.CONSUMER.DELETE.{stream}.{consumer}"), ""),
            (format!("$JS.API.CONSUMER.CREATE.{stream}.spy"), "payments"),
            ("$JS.API.INFO".to_owned(), ""),
            ("$JS.API.STREAM.NAMES".to_owned(), ""),
        ] {
            let answered = client.request(subject.clone(), "{}".into()).await.is_ok();
            assert_eq!(answered, *role == owner, "{role} {subject}");
        }
    }
    let observer =
        platform.raw(&platform.provisioned.folder.join("users/observer.creds"), &subject::inbox_prefix(OBSERVER)).await;
    let info = observer.request("$SRV.INFO.payments", "".into()).await.unwrap();
    assert!(String::from_utf8_lossy(&info.payload).contains("outbox-read"));
    assert!(observer.request(stream, "".into()).await.is_err());
}

/// Waits until `condition` holds. A minute is no measure of anything: it only ends a test that hangs.
pub async fn eventually(condition: impl Fn() -> bool) {
    for _ in 0..1200 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never came true");
}
