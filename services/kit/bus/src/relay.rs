//! Carries a database's outbox to the bus: numbers what committed, publishes it, and lets whoever lags read it.

use std::{future::IntoFuture, time::Duration};

use async_nats::jetstream::context::PublishAckFuture;
use boot::metrics;
use bytes::Bytes;
use futures::future::try_join_all;
use kernel::Failure;
use sql::{Database, outbox};
use tokio::{sync::watch, time::Instant};

use crate::{
    Bus, Event, Log,
    log_end::{BELIEVED, LogEnd},
    outbox_read, stream,
};

/// Rows numbered or published at a time.
const PAGE: i64 = 256;
/// Whoever holds the lease finds another replica's commits by looking.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// When its holder is gone, another relay finds out within this.
const LEASE: Duration = Duration::from_secs(30);
const RENEW_EVERY: Duration = Duration::from_secs(10);
const STREAM_CHECK_EVERY: Duration = Duration::from_secs(30);
const RETRY: Duration = Duration::from_secs(1);

/// Starts the relay of `database`, which holds `log`, and answers `outbox-read` where the contract has it.
///
/// Only one relay publishes at a time (the lease); numbering is safe whoever does it. A PubAck is not a receipt:
/// rows stay in the outbox, and consumers read it themselves whenever they notice that something is missing.
///
/// When all is published and nothing came for a while, the lease is given back and the database left alone until this process
/// commits, somebody calls [`Database::wake`], or a lease has passed: what another process left when it died is found then.
pub async fn run(bus: &Bus, database: &Database, log: Log, kit: &boot::Kit) -> Result<(), Failure> {
    outbox_read::serve(bus, database, log.clone(), None, kit).await?;
    start(LEASE, bus, database, log, kit);
    Ok(())
}

/// The same where processes that write this log nudge each other, and somebody sees what they leave and wakes the relay: it looks by
/// itself only this often, and readers that want nothing new are answered without a look.
pub async fn run_looking_every(
    look_every: Duration,
    bus: &Bus,
    database: &Database,
    log: Log,
    kit: &boot::Kit,
) -> Result<(), Failure> {
    let end = LogEnd::follow(BELIEVED, bus, database, kit);
    outbox_read::serve(bus, database, log.clone(), Some(end), kit).await?;
    start(look_every, bus, database, log, kit);
    Ok(())
}

fn start(look_every: Duration, bus: &Bus, database: &Database, log: Log, kit: &boot::Kit) {
    let (bus, database, shutdown) = (bus.clone(), database.clone(), kit.shutdown.clone());
    let holder = kernel::bytes::<16>(&*kit.random);
    kit.spawn("relay", move || {
        let relay = Relay {
            bus: bus.clone(),
            database: database.quietly(),
            log: log.clone(),
            look_every,
            holder,
            published: None,
            renewed: None,
            checked: None,
            is_new: false,
            commits: database.commits(),
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
}

struct Relay {
    bus: Bus,
    database: Database,
    log: Log,
    look_every: Duration,
    holder: [u8; 16],
    /// Last sequence that the stream has acknowledged to us.
    published: Option<i64>,
    /// Since when we hold the lease, or last prolonged it.
    renewed: Option<Instant>,
    checked: Option<Instant>,
    /// Something was published since then.
    is_new: bool,
    commits: watch::Receiver<u64>,
    connections: watch::Receiver<u64>,
}

/// What to do after a look.
enum Next {
    /// There may be more.
    Look,
    /// As long as nobody commits here.
    Rest(Duration),
}

impl Relay {
    async fn work(mut self) -> Result<(), Failure> {
        loop {
            self.commits.mark_unchanged();
            match self.once().await {
                Ok(Next::Look) => continue,
                Ok(Next::Rest(pause)) => self.rest(pause).await,
                Err(failure) => {
                    self.tell(&failure);
                    self.checked = None;
                    self.count_waiting().await;
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    async fn once(&mut self) -> Result<Next, Failure> {
        if self.nothing_waits().await? {
            return Ok(Next::Rest(self.look_every));
        }
        self.number().await?;
        if self.may_give_back() && self.give_back().await? {
            return Ok(Next::Rest(self.look_every));
        }
        if !self.holds_lease().await? {
            self.waiting(0);
            return self.until_the_lease_ends().await;
        }
        self.check_stream().await?;
        Ok(if self.publish_next().await? { Next::Look } else { Next::Rest(LOOK_EVERY) })
    }

    /// Of a relay that holds nothing: the log ends where it published last, and nobody holds it or waits for a place in it. To take the
    /// lease all the same would be to look for ten seconds more.
    async fn nothing_waits(&self) -> Result<bool, Failure> {
        let (None, Some(published)) = (self.renewed, self.published) else { return Ok(false) };
        let mut tx = self.database.read().await?;
        Ok(outbox::head(&mut tx).await?.last == published
            && outbox::held_until(&mut tx).await?.is_none()
            && !outbox::has_unnumbered(&mut tx).await?)
    }

    /// Leaves the database alone; the stream is looked after all the same.
    async fn rest(&mut self, pause: Duration) {
        let over = tokio::time::sleep(pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                _ = self.commits.changed() => return,
                () = self.database.woken() => return,
                () = &mut over => return,
                // What was published before a broken connection may be gone with the server's storage.
                _ = self.connections.changed() => self.checked = None,
                () = tokio::time::sleep(RETRY) => {}
            }
            if let Err(failure) = self.check_stream().await {
                self.tell(&failure);
            }
        }
    }

    fn tell(&self, failure: &Failure) {
        let (producer, log) = (self.log.producer, &self.log.name);
        tracing::warn!(producer, log, ?failure, "events wait in the outbox");
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
        let now = Instant::now();
        if self.renewed.is_some_and(|at| now - at < RENEW_EVERY) {
            return Ok(true);
        }
        let had = self.renewed.take().is_some_and(|at| now - at < LEASE);
        let mut tx = self.database.begin().await?;
        let held = outbox::hold(&mut tx, &self.holder, LEASE).await?;
        // Whoever held it meanwhile may have died between numbering and publishing; repetitions are recognised.
        if held && !had {
            let begin = (outbox::head(&mut tx).await?.last - PAGE).max(0);
            self.published = Some(self.published.map_or(begin, |published| published.max(begin)));
        }
        tx.commit().await?;
        self.renewed = held.then_some(now);
        self.is_new = false;
        Ok(held)
    }

    /// Instead of prolonging a lease under which nothing came.
    fn may_give_back(&self) -> bool {
        !self.is_new && self.renewed.is_some_and(|at| at.elapsed() >= RENEW_EVERY)
    }

    async fn give_back(&mut self) -> Result<bool, Failure> {
        let Some(published) = self.published else { return Ok(false) };
        let mut tx = self.database.begin().await?;
        let given = outbox::give_back(&mut tx, &self.holder, published).await?;
        tx.commit().await?;
        if given {
            self.renewed = None;
        }
        Ok(given)
    }

    /// Its holder publishes what we number; should it die, we do.
    async fn until_the_lease_ends(&self) -> Result<Next, Failure> {
        let mut tx = self.database.read().await?;
        let (now, until) = (tx.database_now().await?, outbox::held_until(&mut tx).await?);
        let left = until.map_or(Duration::ZERO, |until| until.since(now));
        Ok(Next::Rest(left.clamp(LOOK_EVERY, LEASE)))
    }

    async fn check_stream(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
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
        self.is_new |= last > after;
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
