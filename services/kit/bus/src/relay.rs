//! Carries a database's outbox to the bus: numbers what committed, publishes it, and lets whoever lags read it.

use std::{future::IntoFuture, time::Duration};

use async_nats::jetstream::context::PublishAckFuture;
use boot::metrics;
use bytes::Bytes;
use futures::future::try_join_all;
use kernel::Failure;
use sql::{Database, outbox};

use crate::{Bus, Event, Log, outbox_read, stream};

/// Rows numbered or published at a time.
const PAGE: i64 = 256;
/// Another replica's commits are found by looking.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const LEASE: Duration = Duration::from_secs(30);
const RENEW_EVERY: Duration = Duration::from_secs(10);
const STREAM_CHECK_EVERY: Duration = Duration::from_secs(30);
const RETRY: Duration = Duration::from_secs(1);

/// Starts the relay of `database`, which holds `log`, and answers `outbox-read` where the contract has it.
///
/// Only one relay publishes at a time (the lease); numbering is safe whoever does it. A PubAck is not a receipt:
/// rows stay in the outbox, and consumers read it themselves whenever they notice that something is missing.
pub async fn run(bus: &Bus, database: &Database, log: Log, kit: &boot::Kit) -> Result<(), Failure> {
    outbox_read::serve(bus, database, log.clone(), kit).await?;
    let (bus, database, shutdown) = (bus.clone(), database.clone(), kit.shutdown.clone());
    let holder = kernel::bytes::<16>(&*kit.random);
    kit.spawn("relay", move || {
        let relay = Relay {
            bus: bus.clone(),
            database: database.clone(),
            log: log.clone(),
            holder,
            published: None,
            renewed: None,
            checked: None,
            outgoing: database.outgoing(),
            connections: bus.connections(),
        };
        let shutdown = shutdown.clone();
        async move {
            tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                outcome = relay.work() => outcome,
            }
        }
    });
    Ok(())
}

struct Relay {
    bus: Bus,
    database: Database,
    log: Log,
    holder: [u8; 16],
    /// Last sequence that the stream has acknowledged since we hold the lease.
    published: Option<i64>,
    renewed: Option<tokio::time::Instant>,
    checked: Option<tokio::time::Instant>,
    outgoing: tokio::sync::watch::Receiver<u64>,
    connections: tokio::sync::watch::Receiver<u64>,
}

impl Relay {
    async fn work(mut self) -> Result<(), Failure> {
        loop {
            let outcome = self.once().await;
            match outcome {
                Ok(true) => continue,
                Ok(false) => self.rest().await,
                Err(failure) => {
                    tracing::warn!(
                        producer = self.log.producer,
                        log = self.log.name,
                        ?failure,
                        "events wait in the outbox"
                    );
                    self.checked = None;
                    self.count_waiting().await;
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// True when there may be more to do at once.
    async fn once(&mut self) -> Result<bool, Failure> {
        self.number().await?;
        if !self.holds_lease().await? {
            self.published = None;
            self.waiting(0);
            return Ok(false);
        }
        self.check_stream().await?;
        self.publish_next().await
    }

    async fn rest(&mut self) {
        tokio::select! {
            _ = self.outgoing.changed() => {}
            // What was published before a broken connection may be gone with the server's storage.
            _ = self.connections.changed() => self.checked = None,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }

    /// Gives sequences also while the bus is away, so that readers of the log see them at once when it is back.
    async fn number(&self) -> Result<(), Failure> {
        loop {
            let mut tx = self.database.read().await?;
            let waiting = outbox::has_unnumbered(&mut tx).await?;
            drop(tx);
            if !waiting {
                return Ok(());
            }
            let mut tx = self.database.begin().await?;
            outbox::assign(&mut tx, PAGE).await?;
            tx.commit().await?;
        }
    }

    async fn holds_lease(&mut self) -> Result<bool, Failure> {
        let now = tokio::time::Instant::now();
        if self.renewed.is_some_and(|at| now - at < RENEW_EVERY) {
            return Ok(true);
        }
        let mut tx = self.database.begin().await?;
        let held = outbox::hold(&mut tx, &self.holder, LEASE).await?;
        tx.commit().await?;
        self.renewed = held.then_some(now);
        Ok(held)
    }

    async fn check_stream(&mut self) -> Result<(), Failure> {
        let now = tokio::time::Instant::now();
        if self.checked.is_some_and(|at| now - at < STREAM_CHECK_EVERY) {
            return Ok(());
        }
        // A host may not touch the stream that it shares with others: the exchange keeps that one.
        if self.bus.agency().is_none() {
            stream::ensure(&self.bus, self.log.producer).await?;
        }
        self.checked = Some(now);
        Ok(())
    }

    async fn publish_next(&mut self) -> Result<bool, Failure> {
        let mut tx = self.database.read().await?;
        let head = outbox::head(&mut tx).await?;
        // Whoever held the lease before may have died between numbering and publishing; repetitions are recognised.
        let after = self.published.unwrap_or_else(|| (head.last - PAGE).max(0));
        let rows = outbox::read(&mut tx, after, PAGE).await?;
        drop(tx);
        let mut acknowledgements = Vec::with_capacity(rows.len());
        let mut last = after;
        for row in rows {
            last = row.sequence;
            if row.message.name.is_empty() {
                continue;
            }
            acknowledgements.push(self.publish(head.epoch, row).await?.into_future());
        }
        try_join_all(acknowledgements).await.map_err(|error| unpublished(&error))?;
        self.published = Some(last);
        self.waiting(head.last - last);
        Ok(last > after)
    }

    /// While nothing can be published, what waits grows.
    async fn count_waiting(&self) {
        let (Some(published), Ok(mut tx)) = (self.published, self.database.read().await) else { return };
        if let Ok(head) = outbox::head(&mut tx).await {
            self.waiting(head.last - published);
        }
    }

    /// Counts of events are far below what a float holds exactly.
    fn waiting(&self, events: i64) {
        metrics::OUTBOX_WAITING.set(&[self.log.producer], events.max(0) as f64);
    }

    async fn publish(&self, epoch: i64, row: outbox::Recorded) -> Result<PublishAckFuture, Failure> {
        let event = Event {
            producer: self.log.producer.to_owned(),
            log: self.log.name.clone(),
            name: row.message.name,
            agency: row.message.agency,
            message_id: row.message.message_id,
            epoch,
            sequence: row.sequence,
            case: row.message.case,
            time: row.message.time,
            body: Bytes::from(row.message.body),
            trace: row.trace,
        };
        let headers = event.to_headers(&self.bus);
        self.bus
            .jetstream()
            .publish_with_headers(event.subject(), headers, event.body)
            .await
            .map_err(|error| unpublished(&error))
    }
}

fn unpublished(error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable("bus.unpublished", "An event could not be published yet.").with_detail(error)
}
