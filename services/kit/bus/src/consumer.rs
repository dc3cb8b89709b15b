//! Consumes a producer's logs so that nothing is skipped: the cursor moves in the transaction of the effect.
//!
//! JetStream tells quickly that something happened; the producer's outbox is what is read whenever the next sequence
//! is not the expected one, after a reconnect and after a quiet minute. No JetStream sequence is ever kept.
//!
//! A host of one agency's services hears its agency's events as they pass, without a consumer of its own in JetStream,
//! and reads from the log what passed while it did not listen.

mod follow;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use boot::{
    metrics,
    telemetry::{Kind, Work},
};
use kernel::{BoxFuture, Failure};
use sql::{Database, Tx, case_log, cursor, cursor::Position, inbox};
use tokio::time::Instant;

use crate::{
    Bus, Event, Log,
    log::logs,
    outbox_read,
    pace::{QUIET, Woken},
    request::NOT_RUNNING,
    subject,
};

const STEADY: Duration = Duration::from_secs(3);
const PAUSE_MIN: Duration = Duration::from_millis(100);
const WORTH_A_WARNING: Duration = Duration::from_secs(2);
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// Events that take effect in one transaction while catching up.
const TOGETHER: usize = 64;

trait Handler: for<'a> Fn(&'a mut Tx, Event) -> BoxFuture<'a, Result<(), Failure>> + Send + Sync + 'static {}
impl<H> Handler for H where
    H: for<'a> Fn(&'a mut Tx, Event) -> BoxFuture<'a, Result<(), Failure>> + Send + Sync + 'static
{
}

/// Gives every event of `producer` that this role may consume to `handler`, each once, in the order of the log.
///
/// The handler writes with the given transaction only; what it returns as an error is tried again until it succeeds,
/// and nothing after it is taken before.
pub fn consume<H>(bus: &Bus, database: &Database, kit: &boot::Kit, producer: &'static str, handler: H)
where
    H: for<'a> Fn(&'a mut Tx, Event) -> BoxFuture<'a, Result<(), Failure>> + Send + Sync + 'static,
{
    consume_beside(bus, database, kit, producer, || {}, handler);
}

/// The same beside others that move the same cursors and see other rows: `passed` is called whenever events may have been taken
/// by one of them, after their effect was committed.
pub fn consume_beside<H>(
    bus: &Bus,
    database: &Database,
    kit: &boot::Kit,
    producer: &'static str,
    passed: impl Fn() + Send + Sync + 'static,
    handler: H,
) where
    H: for<'a> Fn(&'a mut Tx, Event) -> BoxFuture<'a, Result<(), Failure>> + Send + Sync + 'static,
{
    consume_looking_after(QUIET, bus, database, kit, producer, passed, handler);
}

/// The same, and all logs are read when nothing was heard for so long.
pub(crate) fn consume_looking_after<H>(
    quiet: Duration,
    bus: &Bus,
    database: &Database,
    kit: &boot::Kit,
    producer: &'static str,
    passed: impl Fn() + Send + Sync + 'static,
    handler: H,
) where
    H: for<'a> Fn(&'a mut Tx, Event) -> BoxFuture<'a, Result<(), Failure>> + Send + Sync + 'static,
{
    let (bus, database) = (bus.clone(), database.clone());
    let passed = Box::new(passed);
    let consumer = Arc::new(Consumer { bus, database, producer, handler, passed, quiet, ends: Mutex::default() });
    let shutdown = kit.shutdown.clone();
    kit.spawn("consumer", move || {
        let (consumer, shutdown) = (consumer.clone(), shutdown.clone());
        async move {
            tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                outcome = consumer.work() => outcome,
            }
        }
    });
}

struct Consumer<H> {
    bus: Bus,
    database: Database,
    producer: &'static str,
    handler: H,
    /// Somebody else may have taken events.
    passed: Box<dyn Fn() + Send + Sync>,
    quiet: Duration,
    /// Where each log ended that was read to its end: a log that has not grown is not worth a look into the database.
    ends: Mutex<HashMap<String, Position>>,
}

impl<H: Handler> Consumer<H> {
    async fn work(&self) -> Result<(), Failure> {
        let (mut pause, mut lately) = (PAUSE_MIN, false);
        loop {
            // Taken before reading the log, so that a connection made meanwhile makes us read again.
            let mut connections = self.bus.connections();
            connections.mark_unchanged();
            let began = Instant::now();
            let outcome = match self.catch_up_with_all(lately).await {
                Ok(waiting) => self.follow(&mut connections, waiting).await,
                Err(failure) => Err(failure),
            };
            // After anything else something may have been missed.
            lately = matches!(outcome, Ok(Woken::ByQuiet));
            match outcome {
                Ok(_) => pause = PAUSE_MIN,
                Err(failure) => {
                    // What went well for a while starts over: a broken connection now and then must not add up to a long pause.
                    if began.elapsed() > STEADY {
                        pause = PAUSE_MIN;
                    }
                    // At a start services come one after the other; only what lasts is worth a warning.
                    if pause > WORTH_A_WARNING {
                        tracing::warn!(producer = self.producer, role = self.bus.role(), ?failure, "events wait");
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Reads every log to its end; `lately`: what its producer knew within the last minute will do. Says which could not be read now:
    /// they do not hold up the others.
    async fn catch_up_with_all(&self, lately: bool) -> Result<Vec<Log>, Failure> {
        let logs = logs(&self.bus, &self.database, self.producer).await?;
        match logs.as_slice() {
            [only] if !only.is_one_of_several() => self.catch_up(only, lately).await.map(|()| Vec::new()),
            _ => self.catch_up_with(logs, lately).await,
        }
    }

    async fn catch_up_with(&self, logs: Vec<Log>, lately: bool) -> Result<Vec<Log>, Failure> {
        let mut waiting = Vec::new();
        for log in logs {
            let Err(failure) = self.catch_up(&log, lately).await else { continue };
            // Nothing was ever heard of such a log: it is none, or its first event will tell.
            if failure.code == NOT_RUNNING && self.position(&log).await? == Position::default() {
                continue;
            }
            tracing::debug!(producer = self.producer, log = log.name, ?failure, "a log waits");
            waiting.push(log);
        }
        Ok(waiting)
    }

    /// Reads a log to its end.
    async fn catch_up(&self, log: &Log, lately: bool) -> Result<(), Failure> {
        if self.stands_still(log, lately).await? {
            return Ok(());
        }
        loop {
            let mut position = self.position(log).await?;
            let page = outbox_read::pull(&self.bus, log, position.epoch, position.sequence).await?;
            if page.epoch != position.epoch {
                self.change_epoch(log, position, page.epoch, page.last).await?;
                continue;
            }
            self.behind(page.last, position);
            if page.last < position.sequence {
                self.alarm(log, position, page.last);
                (self.passed)();
                return Ok(());
            }
            let ended = page.through >= page.last;
            let events = page
                .rows
                .into_iter()
                .map(|row| outbox_read::to_event(log, page.epoch, row))
                .collect::<Result<Vec<_>, _>>()?;
            for events in events.chunks(TOGETHER) {
                position = self.take(log, position, events).await?;
                self.behind(page.last, position);
            }
            // What lies between is somebody else's.
            if page.through > position.sequence {
                position = self.pass(log, position, page.through).await?;
                self.behind(page.last, position);
            }
            if ended {
                self.ends().insert(log.name.clone(), position);
                // What it did not take was taken before the position was read.
                (self.passed)();
                return Ok(());
            }
        }
    }

    /// What was committed here stays: nothing is to be done about a log to which only others' events came since this process left it.
    async fn stands_still(&self, log: &Log, lately: bool) -> Result<bool, Failure> {
        let Some(end) = self.ends().get(&log.name).copied() else { return Ok(false) };
        let page = if lately {
            outbox_read::pull_lately(&self.bus, log, end.epoch, end.sequence).await?
        } else {
            outbox_read::pull(&self.bus, log, end.epoch, end.sequence).await?
        };
        let is_whole = page.last >= end.sequence && page.through >= page.last;
        let stands = page.epoch == end.epoch && page.rows.is_empty() && is_whole;
        if stands {
            self.ends().insert(log.name.clone(), Position { epoch: page.epoch, sequence: page.last });
        }
        Ok(stands)
    }

    fn ends(&self) -> std::sync::MutexGuard<'_, HashMap<String, Position>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, log: &Log, from: Position, through: i64) -> Result<Position, Failure> {
        let mut tx = self.database.quietly().begin().await?;
        let to = Position { epoch: from.epoch, sequence: through };
        if !cursor::advance(&mut tx, &log.cursor(), from, to).await? {
            return Err(Failure::stale("bus.cursor-moved", "Another replica took these events."));
        }
        tx.commit().await?;
        Ok(to)
    }

    async fn position(&self, log: &Log) -> Result<Position, Failure> {
        let mut tx = self.database.quietly().read().await?;
        Ok(cursor::read(&mut tx, &log.cursor()).await?)
    }

    /// A producer that was restored numbers anew: its log is read from the start, what took effect is recognised.
    async fn change_epoch(&self, log: &Log, from: Position, epoch: i64, last: i64) -> Result<(), Failure> {
        if epoch < from.epoch {
            self.alarm(log, from, last);
            return Err(Failure::unavailable("bus.older-epoch", "A producer's log is older than what was seen of it."));
        }
        if last < from.sequence {
            self.alarm(log, from, last);
        }
        let mut tx = self.database.begin().await?;
        if cursor::advance(&mut tx, &log.cursor(), from, Position { epoch, sequence: 0 }).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Counts of events are far below what a float holds exactly.
    fn behind(&self, last: i64, position: Position) {
        let behind = last.saturating_sub(position.sequence).max(0);
        metrics::CONSUMER_BEHIND.set(&[self.bus.role(), self.producer], behind as f64);
    }

    fn alarm(&self, log: &Log, position: Position, last: i64) {
        tracing::error!(
            producer = self.producer,
            log = log.name,
            role = self.bus.role(),
            position.sequence,
            last,
            "this consumer is ahead of its producer: the producer lost events that took effect here"
        );
    }

    /// Several events in one transaction; when one fails, each alone, so that those before it take effect.
    async fn take(&self, log: &Log, position: Position, events: &[Event]) -> Result<Position, Failure> {
        match self.take_together(log, position, events).await {
            Err(_) if events.len() > 1 => {
                let mut position = position;
                for event in events {
                    position = self.take_together(log, position, std::slice::from_ref(event)).await?;
                }
                Ok(position)
            }
            outcome => outcome,
        }
    }

    async fn take_together(&self, log: &Log, from: Position, events: &[Event]) -> Result<Position, Failure> {
        let mut tx = self.database.begin().await?;
        let mut to = from;
        for event in events {
            to = Position { epoch: event.epoch, sequence: event.sequence };
            if event.name.is_empty()
                || !self.is_its_own(&mut tx, event).await?
                || !self.is_first(&mut tx, log, event).await?
            {
                continue;
            }
            let name = format!("{} {}", event.producer, event.name);
            let work = Work::new(Kind::Consumer, self.bus.role(), &name).because_of(event.trace);
            work.run(self.bus.random(), (self.handler)(&mut tx, event.clone())).await?;
        }
        if !cursor::advance(&mut tx, &log.cursor(), from, to).await? {
            return Err(Failure::stale("bus.cursor-moved", "Another replica took these events."));
        }
        tx.commit().await?;
        Ok(to)
    }

    /// A host speaks of its own cases: whose log was the first to speak of one keeps it.
    async fn is_its_own(&self, tx: &mut Tx, event: &Event) -> Result<bool, Failure> {
        let (Some((case, _)), false) = (event.case, event.log == subject::PLATFORM) else { return Ok(true) };
        let own = case_log::claim(tx, case, &event.log).await?;
        if !own {
            tracing::error!(producer = self.producer, log = event.log, %case, "an event of another's case is refused");
        }
        Ok(own)
    }

    /// Each log has ids of its own: nobody takes another's before it comes.
    async fn is_first(&self, tx: &mut Tx, log: &Log, event: &Event) -> Result<bool, Failure> {
        let id = [b"event:", log.cursor().as_bytes(), b":", event.message_id.as_bytes()].concat();
        Ok(inbox::claim(tx, &id, event.time).await?)
    }
}
