//! One click, one trace: over requests, through a database's log, to whoever hears of it.

use std::{io, sync::Arc};

use boot::telemetry::{self, Kind, Work};
use futures::StreamExt;
use kernel::{Trace, id::MessageId};
use proto::{
    Empty, Event as _,
    identity::v1::{Keys, operations::READ_KEYS},
    payments::v1::{IntentCaptured, RefundReply, RefundRequest, operations::REFUND},
};
use sql::outbox;

use super::fixture::{Platform, Shared, eventually};
use crate::{Bus, Service, consume, header, outbox_read, relay};

#[derive(Clone, Default)]
struct Log(Shared<Vec<u8>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The line with this message.
    fn line(&self, message: &str) -> Option<serde_json::Value> {
        let written = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let mut lines = written.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.find(|line| line["message"] == message)
    }
}

/// Pays back: asks identity on the way, and tells of it through its database's log.
async fn payments(platform: &Platform, database: &sql::Database) -> Bus {
    let bus = platform.bus("payments").await;
    let (asks, database, kit) = (bus.clone(), database.clone(), platform.kit.clone());
    let service = Service::new("payments").on(&REFUND, move |_: crate::Call<RefundRequest>| {
        let (asks, database, kit) = (asks.clone(), database.clone(), kit.clone());
        async move {
            tracing::info!("refund asked");
            asks.request(&READ_KEYS, "platform", &Empty::default()).await?;
            let mut tx = database.begin().await?;
            let message = outbox::Outgoing {
                message_id: MessageId::new(&*kit.clock, &*kit.random),
                name: IntentCaptured::NAME.into(),
                agency: "justice".into(),
                case: None,
                time: kit.clock.now(),
                body: Vec::new(),
            };
            outbox::enqueue(&mut tx, &message).await?;
            tx.commit().await?;
            Ok(RefundReply::default())
        }
    });
    bus.serve(service, &platform.kit).await.unwrap();
    bus
}

async fn identity(platform: &Platform) -> Bus {
    let bus = platform.bus("identity").await;
    let service = Service::new("identity").on(&READ_KEYS, |_: crate::Call<Empty>| async move {
        tracing::info!("keys asked");
        Ok(Keys::default())
    });
    bus.serve(service, &platform.kit).await.unwrap();
    bus
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_is_followed_over_requests_and_events_to_every_log_line_that_it_causes() {
    let log = Log::default();
    let writer = log.clone();
    // Everybody's: a span that another test meets first without a subscriber stays switched off for all.
    let lines = telemetry::lines("info".into(), move || writer.clone());
    tracing::subscriber::set_global_default(lines).unwrap();
    let platform = Platform::start();
    let (producer, consumer) = (platform.database("payments").await, platform.database("eservice").await);
    let (_identity, payments) = (identity(&platform).await, payments(&platform, &producer).await);
    relay::run(&payments, &producer, crate::Log::of("payments"), &platform.kit).await.unwrap();
    let eservice = platform.bus("eservice").await;
    let mut wire = eservice.client().subscribe("payments.v1.event.>").await.unwrap();
    let heard: Shared<Vec<Trace>> = Arc::default();
    let hears = heard.clone();
    consume(&eservice, &consumer, &platform.kit, "payments", move |_tx, _event| {
        let hears = hears.clone();
        Box::pin(async move {
            tracing::info!("money heard of");
            hears.lock().unwrap().extend(Trace::current());
            Ok(())
        })
    });

    let click = async {
        tracing::info!("clicked");
        eservice.request(&REFUND, "justice", &RefundRequest::default()).await.unwrap();
    };
    Work::new(Kind::Server, "portal", "POST /refund").run(&*platform.kit.random, click).await;
    eventually("the event was heard of", async || !heard.lock().unwrap().is_empty()).await;

    let clicked = log.line("clicked").unwrap();
    for (message, role, cause) in [
        ("refund asked", "payments", "clicked"),
        ("keys asked", "identity", "refund asked"),
        ("money heard of", "eservice", "refund asked"),
    ] {
        let (line, cause) = (log.line(message).unwrap(), log.line(cause).unwrap());
        assert_eq!((&line["trace_id"], &line["role"]), (&clicked["trace_id"], &role.into()), "{line}");
        assert_eq!(line["parent_id"], cause["span_id"], "{line}");
        assert_ne!(line["span_id"], cause["span_id"], "{line}");
    }

    // Both ways on which an event may come carry it.
    let message = wire.next().await.unwrap();
    let pushed = header::trace(message.headers.as_ref().unwrap()).unwrap();
    let pulled = outbox_read::pull(&eservice, &crate::Log::of("payments"), 0, 0).await.unwrap().rows.remove(0);
    assert_eq!(pulled.trace, pushed.to_string());
    assert_eq!(clicked["trace_id"], pushed.trace_id());

    // What nobody's click caused begins a trace of its own.
    eservice.request(&REFUND, "justice", &RefundRequest::default()).await.unwrap();
    eventually("the second event was heard of", async || heard.lock().unwrap().len() == 2).await;
    let heard = heard.lock().unwrap();
    assert_ne!(heard[0].trace_id(), heard[1].trace_id());
}
