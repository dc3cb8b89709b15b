//! What a producer knows of its log without its database: a reader may be told nothing new wrongly, and hears of it all the same.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::id::MessageId;
use proto::{
    Event as _, OutboxRead, OutboxRows,
    eservice::v1::{CaseChanged, operations::OUTBOX_READ},
};
use sql::{
    Database,
    outbox::{self, Outgoing},
};

use super::fixture::{Platform, Shared, eventually};
use crate::{
    Bus, Event, Log,
    consumer::consume_looking_after,
    log_end::{BELIEVED, LogEnd},
    outbox_read,
    pace::QUIET,
    stream,
};

/// One process that answers for the log, and another that writes it, too.
struct Scene {
    platform: Platform,
    docket: Bus,
    end: Arc<LogEnd>,
    own: Database,
    other: Database,
}

async fn scene(believed: Duration) -> Scene {
    let platform = Platform::start();
    let (own, other) = (platform.database("eservice").await, platform.database("eservice").await);
    let (eservice, docket) = (platform.bus("eservice").await, platform.bus("docket").await);
    stream::ensure(&eservice, "eservice").await.unwrap();
    let end = LogEnd::follow(believed, &eservice, &own, &platform.kit);
    outbox_read::serve(&eservice, &own, Log::of("eservice"), Some(end.clone()), &platform.kit).await.unwrap();
    Scene { platform, docket, end, own, other }
}

impl Scene {
    async fn commit(&self, database: &Database, number: u8) {
        let mut tx = database.begin().await.unwrap();
        let message = Outgoing {
            message_id: MessageId::new(&*self.platform.kit.clock, &*self.platform.kit.random),
            name: CaseChanged::NAME.into(),
            agency: "justice".into(),
            case: None,
            time: self.platform.kit.clock.now(),
            body: vec![0x0a, 1, number],
        };
        outbox::enqueue(&mut tx, &message).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn number(&self, database: &Database) {
        let mut tx = database.begin().await.unwrap();
        outbox::assign(&mut tx, 10).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn epoch(&self) -> i64 {
        outbox::head(&mut self.own.read().await.unwrap()).await.unwrap().epoch
    }

    async fn asked(&self, after: i64, lately: bool) -> OutboxRows {
        let asked = OutboxRead { epoch: self.epoch().await, after, limit: 10, lately };
        self.docket.request(&OUTBOX_READ, "platform", &asked).await.unwrap()
    }

    /// As somebody is told who has everything up to there and wants nothing new.
    async fn last(&self, after: i64) -> i64 {
        self.asked(after, true).await.last
    }

    async fn knows(&self, last: i64) -> bool {
        self.end.recall(self.epoch().await, last).is_some()
    }

    /// From then on.
    async fn is_known(&self, last: i64) {
        eventually("others are heard, and the end is remembered", async || {
            self.last(last).await;
            self.knows(last).await
        })
        .await;
    }
}

fn taken(scene: &Scene, into: &Database, quiet: Duration) -> Shared<Vec<u8>> {
    let seen: Shared<Vec<u8>> = Arc::new(Mutex::new(Vec::new()));
    let kept = seen.clone();
    let kit = &scene.platform.kit;
    consume_looking_after(
        quiet,
        &scene.docket,
        into,
        kit,
        "eservice",
        || {},
        move |_tx, event: Event| {
            kept.lock().unwrap().push(event.body[2]);
            Box::pin(async { Ok(()) })
        },
    );
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_was_told_nothing_new_wrongly_catches_up_when_the_message_is_lost() {
    assert!(BELIEVED + QUIET < Duration::from_secs(120), "within two minutes");
    let scene = scene(Duration::from_secs(5)).await;
    scene.commit(&scene.other, 1).await;
    scene.number(&scene.other).await;
    let index = scene.platform.database("docket").await;
    let seen = taken(&scene, &index, Duration::from_secs(1));
    eventually("the first event was read", async || *seen.lock().unwrap() == [1]).await;
    eventually("what was known is too old", async || !scene.knows(1).await).await;
    scene.is_known(1).await;
    // Neither an event on the stream nor a nudge tells of it.
    scene.commit(&scene.other, 2).await;
    scene.number(&scene.other).await;
    assert_eq!(scene.last(1).await, 1, "it is not known there");
    let whole = scene.asked(1, false).await;
    assert_eq!((whole.last, whole.rows.len()), (2, 1), "whoever heard of something is shown the log itself");
    eventually("the second was read", async || *seen.lock().unwrap() == [1, 2]).await;
    assert_eq!(scene.asked(2, false).await.rows.len(), 0, "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_forgotten_when_this_process_commits_and_when_another_says_that_it_did() {
    let scene = scene(Duration::from_secs(3600)).await;
    scene.commit(&scene.own, 1).await;
    scene.number(&scene.own).await;
    scene.is_known(1).await;
    scene.commit(&scene.own, 2).await;
    scene.number(&scene.own).await;
    assert_eq!(scene.last(1).await, 2, "its own commit");
    scene.is_known(2).await;
    let elsewhere = scene.platform.bus("eservice").await;
    elsewhere.nudges().tell(&scene.other, &scene.platform.kit);
    eventually("a nudge is heard", async || {
        // The first may come before anybody tells of it.
        scene.commit(&scene.other, 3).await;
        scene.number(&scene.other).await;
        scene.last(2).await > 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_place_is_not_forgotten_and_somebody_is_woken_for_it() {
    let scene = scene(Duration::from_secs(3600)).await;
    scene.commit(&scene.other, 1).await;
    assert_eq!(scene.last(0).await, 0, "it has no place yet");
    tokio::time::timeout(Duration::from_secs(60), scene.own.woken()).await.unwrap();
    scene.number(&scene.other).await;
    assert_eq!(scene.last(0).await, 1, "that there was none was not remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_nothing_new_is_answered_without_the_database() {
    let scene = scene(Duration::from_secs(3600)).await;
    scene.commit(&scene.own, 1).await;
    scene.number(&scene.own).await;
    scene.is_known(1).await;
    let epoch = scene.epoch().await;
    scene.own.close().await;
    let asked = async |after: i64, lately: bool| {
        let asked = OutboxRead { epoch, after, limit: 10, lately };
        scene.docket.request(&OUTBOX_READ, "platform", &asked).await
    };
    assert_eq!(asked(1, true).await.unwrap().last, 1);
    assert!(asked(0, true).await.is_err() && asked(1, false).await.is_err(), "everybody else is shown the log");
}
