//! The outbox is the truth: whatever happens to the server, no event is skipped and none takes effect twice.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use proto::payments::v1::IntentCaptured;
use sql::{Database, outbox};

use super::fixture::{Platform, Shared, eventually};
use crate::{
    Event, Log, consume, relay,
    stream::{ensure, stream_name},
};

async fn enqueue(platform: &Platform, database: &Database, numbers: std::ops::Range<u8>) {
    for number in numbers {
        let mut tx = database.begin().await.unwrap();
        let message = platform.captured(vec![0x0a, 1, number]);
        outbox::enqueue(&mut tx, &message).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn collector(platform: &Platform, bus: &crate::Bus, database: &Database) -> Shared<Vec<u8>> {
    let seen: Shared<Vec<u8>> = Arc::new(Mutex::new(Vec::new()));
    let (seen_too, failed_once) = (seen.clone(), Mutex::new(false));
    consume(bus, database, &platform.kit, "payments", move |_tx, event: Event| {
        let first_try = event.body[2] == 5 && !std::mem::replace(&mut *failed_once.lock().unwrap(), true);
        if !first_try {
            seen_too.lock().unwrap().push(event.body[2]);
        }
        Box::pin(async move {
            assert!(event.is::<IntentCaptured>());
            if first_try {
                return Err(kernel::Failure::unavailable("test.busy", "Busy."));
            }
            Ok(())
        })
    });
    seen
}

async fn has_all(seen: &Shared<Vec<u8>>, count: u8) {
    eventually("every event was taken once, in order", async || {
        let mut taken = seen.lock().unwrap().clone();
        // A failed transaction takes its handler's calls back; this list is outside of it.
        taken.dedup();
        let distinct = taken.iter().copied().collect::<std::collections::BTreeSet<_>>();
        distinct.len() == usize::from(count)
    })
    .await;
    let mut taken = seen.lock().unwrap().clone();
    let first_try = taken.iter().position(|number| *number == 5).unwrap();
    let after = taken.split_off(first_try);
    assert_eq!(after, (5..count).collect::<Vec<_>>(), "nothing skipped, nothing twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_skipped_when_the_server_dies_and_its_storage_is_deleted() {
    let mut platform = Platform::start();
    let (producer, consumer) = (platform.database("payments").await, platform.database("eservice").await);
    let payments = platform.bus("payments").await;
    relay::run(&payments, &producer, Log::of("payments"), &platform.kit).await.unwrap();
    let eservice = platform.bus("eservice").await;
    let seen = collector(&platform, &eservice, &consumer);
    enqueue(&platform, &producer, 0..20).await;
    has_all(&seen, 20).await;

    platform.kill_server();
    enqueue(&platform, &producer, 20..30).await;
    std::fs::remove_dir_all(platform.storage()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    platform.start_server();
    has_all(&seen, 30).await;

    // Streams and consumers were made again: what follows arrives by JetStream.
    enqueue(&platform, &producer, 30..40).await;
    has_all(&seen, 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_producer_starts_an_epoch_and_its_log_is_read_again_without_a_second_effect() {
    let platform = Platform::start();
    let (producer, consumer) = (platform.database("payments").await, platform.database("eservice").await);
    let payments = platform.bus("payments").await;
    relay::run(&payments, &producer, Log::of("payments"), &platform.kit).await.unwrap();
    let eservice = platform.bus("eservice").await;
    let seen = collector(&platform, &eservice, &consumer);
    enqueue(&platform, &producer, 0..12).await;
    has_all(&seen, 12).await;
    let mut tx = producer.begin().await.unwrap();
    outbox::start_epoch(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    enqueue(&platform, &producer, 12..20).await;
    has_all(&seen, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_forgets_after_a_week_at_most() {
    let platform = Platform::start();
    let payments = platform.bus("payments").await;
    ensure(&payments, "payments").await.unwrap();
    let stream = payments.jetstream().get_stream(stream_name("payments")).await.unwrap();
    let kept_for = stream.cached_info().config.max_age;
    // Nothing at all would be for ever.
    assert!(Duration::ZERO < kept_for && kept_for <= Duration::from_secs(7 * 24 * 3600), "{kept_for:?}");
}
