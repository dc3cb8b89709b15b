//! Three servers: whichever is killed, what was acknowledged is not lost and what waits arrives.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Child,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::{
    consumer::{self, pull},
    stream::{ClusterInfo, Info},
};
use proto::{Event as _, payments::v1::IntentCaptured};
use sql::{Database, outbox};
use tempfile::TempDir;

use super::fixture::{Platform, Shared, eventually};
use crate::{
    Bus, Event, Log, Replicas, consume, header, relay,
    stream::{consumer_name, ensure, stream_name},
    subject,
};

/// So many events at most are written before their consumer has them.
const AHEAD: usize = 100;
/// So many are written once a server was killed.
const AFTERWARDS: u16 = 200;

struct Servers {
    folder: TempDir,
    /// Where each takes clients, and where the others.
    ports: [(u16, u16); 3],
    running: [Option<Child>; 3],
}

impl Servers {
    /// Each knows where the others should be.
    fn start() -> Self {
        let ports = [(); 3].map(|()| (testkit::free_port(), testkit::free_port()));
        let mut servers = Self { folder: tempfile::tempdir().unwrap(), ports, running: [None, None, None] };
        for number in 0..3 {
            servers.run(number);
        }
        servers
    }

    fn addresses(&self) -> String {
        self.ports.map(|(clients, _)| format!("nats://127.0.0.1:{clients}")).join(",")
    }

    fn run(&mut self, number: usize) {
        let home = self.folder.path().join(name(number));
        std::fs::create_dir_all(&home).unwrap();
        let (clients, others) = self.ports[number];
        let routes = self.ports.map(|(_, others)| format!("\"nats-route://127.0.0.1:{others}\"")).join(", ");
        let text = format!(
            "server_name: {}\nlisten: \"127.0.0.1:{clients}\"\njetstream {{ store_dir: \"{}\" }}\n\
             cluster {{ name: xizmat, listen: \"127.0.0.1:{others}\", routes: [{routes}] }}\n",
            name(number),
            home.join("jetstream").display(),
        );
        let file = home.join("nats.conf");
        std::fs::write(&file, text).unwrap();
        self.running[number] = Some(testkit::nats_server([Path::new("-c"), file.as_path()]));
    }

    /// `kill -9`
    fn kill(&mut self, number: usize) {
        let mut child = self.running[number].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in self.running.iter_mut().flatten() {
            let ended = child.kill().and_then(|()| child.wait());
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

fn name(number: usize) -> String {
    format!("nats-{number}")
}

async fn stream(bus: &Bus) -> Option<Info> {
    let stream = bus.jetstream().get_stream(stream_name("payments")).await.ok()?;
    Some(stream.cached_info().clone())
}

async fn consumer(bus: &Bus) -> Option<consumer::Info> {
    let (consumer, stream) = (consumer_name("eservice"), stream_name("payments"));
    let found = bus.jetstream().get_consumer_from_stream::<pull::Config, _, _>(consumer, stream).await.ok()?;
    Some(found.cached_info().clone())
}

/// On how many servers all of something lies.
fn copies(cluster: Option<&ClusterInfo>) -> usize {
    let others = cluster.into_iter().flat_map(|cluster| &cluster.replicas);
    1 + others.filter(|server| server.current && !server.offline).count()
}

async fn lies_on_three(bus: &Bus) -> bool {
    let (Some(stream), Some(consumer)) = (stream(bus).await, consumer(bus).await) else { return false };
    stream.config.num_replicas == 3 && copies(stream.cluster.as_ref()) == 3 && copies(consumer.cluster.as_ref()) == 3
}

async fn is_kept_by_three(bus: &Bus) -> bool {
    ensure(bus, "payments").await.is_ok() && lies_on_three(bus).await
}

/// Places in the producer's log of all that the stream holds.
async fn held(bus: &Bus) -> BTreeSet<u16> {
    let stream = bus.jetstream().get_stream(stream_name("payments")).await.unwrap();
    let state = &stream.cached_info().state;
    let mut held = BTreeSet::new();
    for sequence in state.first_sequence..=state.last_sequence {
        let message = stream.get_raw_message(sequence).await.unwrap();
        held.insert(header::text(&message.headers, header::SEQUENCE).parse().unwrap());
    }
    held
}

async fn enqueue(platform: &Platform, database: &Database, number: u16) {
    let [high, low] = number.to_be_bytes();
    let message = platform.captured(vec![0x0a, 2, high, low]);
    let mut tx = database.begin().await.unwrap();
    outbox::enqueue(&mut tx, &message).await.unwrap();
    tx.commit().await.unwrap();
}

fn collect(platform: &Platform, bus: &Bus, database: &Database) -> Shared<Vec<u16>> {
    let seen: Shared<Vec<u16>> = Arc::new(Mutex::new(Vec::new()));
    let taken = seen.clone();
    consume(bus, database, &platform.kit, "payments", move |_tx, event: Event| {
        taken.lock().unwrap().push(u16::from_be_bytes([event.body[2], event.body[3]]));
        Box::pin(async move { Ok(()) })
    });
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_that_leads_is_killed_and_no_event_is_lost_or_taken_twice() {
    let mut servers = Servers::start();
    let mut platform = Platform::at(servers.addresses());
    platform.replicas = Replicas::Three;
    let (producer, own) = (platform.database("payments").await, platform.database("eservice").await);
    let payments = platform.bus("payments").await;
    eventually("three servers keep the stream", async || is_kept_by_three(&payments).await).await;
    relay::run(&payments, &producer, Log::of("payments"), &platform.kit).await.unwrap();
    let eservice = platform.bus("eservice").await;
    let seen = collect(&platform, &eservice, &own);
    let count = || seen.lock().unwrap().len();

    let killed = AtomicBool::new(false);
    let writing = async {
        let (mut written, mut left) = (0_u16, AFTERWARDS);
        while left > 0 {
            enqueue(&platform, &producer, written).await;
            written += 1;
            left -= u16::from(killed.load(Ordering::SeqCst));
            while usize::from(written) > count() + AHEAD {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        written
    };
    let killing = async {
        eventually("events arrive", async || count() > AHEAD / 2).await;
        let leader = loop {
            if let Some(leader) = stream(&payments).await.and_then(|info| info.cluster?.leader) {
                break leader;
            }
        };
        let number = (0..3).find(|number| name(*number) == leader).unwrap();
        servers.kill(number);
        killed.store(true, Ordering::SeqCst);
        number
    };
    let (written, number) = tokio::join!(writing, killing);

    eventually("every event arrives", async || count() == usize::from(written)).await;
    assert_eq!(*seen.lock().unwrap(), (0..written).collect::<Vec<_>>(), "each once, in order");
    let on_stream = async || stream(&payments).await.is_some_and(|info| info.state.messages >= u64::from(written));
    eventually("every event is on the stream", on_stream).await;
    let all: BTreeSet<u16> = (1..=written).collect();
    assert_eq!(held(&payments).await, all, "none that was acknowledged went with the server");

    servers.run(number);
    eventually("the server holds everything again", async || lies_on_three(&payments).await).await;
    let nothing_waits =
        async || consumer(&payments).await.is_some_and(|info| (info.num_pending, info.num_ack_pending) == (0, 0));
    eventually("every message was acknowledged by its consumer", nothing_waits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_lay_on_one_server_lies_on_three_with_what_it_held() {
    let servers = Servers::start();
    let mut platform = Platform::at(servers.addresses());
    let before = platform.bus("payments").await;
    eventually("the stream is made", async || ensure(&before, "payments").await.is_ok()).await;
    for number in 0..20_u8 {
        let subject = subject::event("payments", IntentCaptured::NAME, "justice");
        before.jetstream().publish(subject, vec![number].into()).await.unwrap().await.unwrap();
    }
    assert_eq!(stream(&before).await.unwrap().config.num_replicas, 1);

    platform.replicas = Replicas::Three;
    let now = platform.bus("payments").await;
    eventually("three servers keep the stream", async || is_kept_by_three(&now).await).await;
    assert_eq!(stream(&now).await.unwrap().state.messages, 20);
    assert_eq!(consumer(&now).await.unwrap().num_pending, 20, "its consumers lost nothing either");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_server_is_away_the_others_take_events_and_it_gets_its_copy_when_it_is_back() {
    let mut servers = Servers::start();
    let mut platform = Platform::at(servers.addresses());
    let before = platform.bus("payments").await;
    eventually("the stream is made", async || ensure(&before, "payments").await.is_ok()).await;
    let holder = stream(&before).await.and_then(|info| info.cluster?.leader).unwrap();
    let away = (0..3).find(|number| name(*number) != holder).unwrap();
    servers.kill(away);

    platform.replicas = Replicas::Three;
    let payments = platform.bus("payments").await;
    eventually("the others keep the stream", async || ensure(&payments, "payments").await.is_ok()).await;
    let published = async || {
        let subject = subject::event("payments", IntentCaptured::NAME, "justice");
        let Ok(acknowledged) = payments.jetstream().publish(subject, vec![1].into()).await else { return false };
        acknowledged.await.is_ok()
    };
    eventually("two of three take an event", published).await;
    assert!(!lies_on_three(&payments).await, "one of them is away");
    servers.run(away);
    eventually("three servers keep the stream", async || is_kept_by_three(&payments).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_alone_promises_no_copies() {
    let mut platform = Platform::start();
    platform.replicas = Replicas::Three;
    let payments = platform.bus("payments").await;
    for attempt in ["it is made", "it is changed"] {
        ensure(&payments, "payments").await.unwrap();
        assert_eq!(stream(&payments).await.unwrap().config.num_replicas, 1, "{attempt}");
    }
}
