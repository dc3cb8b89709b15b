//! Consumes a producer's log so that nothing is skipped: the cursor moves in the transaction of the effect.
//!
//! JetStream tells quickly that something happened; the producer's outbox is what is read whenever the next sequence
//! is not the expected one, after a reconnect and after a quiet minute. No JetStream sequence is ever kept.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{consumer::PullConsumer, consumer::pull};
use boot::{
    metrics,
    telemetry::{Kind, Work},
};
use futures::StreamExt;
use kernel::{BoxFuture, Failure};
use sql::{Database, Tx, cursor, cursor::Position, inbox};

use crate::{Bus, Event, outbox_read, stream};

const QUIET: Duration = Duration::from_secs(60);
const BATCH_WAIT: Duration = Duration::from_secs(20);
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
    let consumer = Arc::new(Consumer { bus: bus.clone(), database: database.clone(), producer, handler });
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
}

impl<H: Handler> Consumer<H> {
    async fn work(&self) -> Result<(), Failure> {
        let mut pause = PAUSE_MIN;
        loop {
            // Taken before reading the log, so that a connection made meanwhile makes us read again.
            let mut connections = self.bus.connections();
            connections.mark_unchanged();
            let began = tokio::time::Instant::now();
            let outcome = match self.catch_up().await {
                Ok(()) => self.follow(&mut connections).await,
                Err(failure) => Err(failure),
            };
            match outcome {
                Ok(()) => pause = PAUSE_MIN,
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

    /// Reads the log to its end.
    async fn catch_up(&self) -> Result<(), Failure> {
        loop {
            let mut position = self.position().await?;
            let page = outbox_read::pull(&self.bus, self.producer, position.epoch, position.sequence).await?;
            if page.epoch != position.epoch {
                self.change_epoch(position, page.epoch, page.last).await?;
                continue;
            }
            self.behind(page.last, position);
            if page.last < position.sequence {
                self.alarm(position, page.last);
                return Ok(());
            }
            let ended = page.rows.last().is_none_or(|row| row.sequence >= page.last);
            let events = page
                .rows
                .into_iter()
                .map(|row| outbox_read::to_event(self.producer, page.epoch, row))
                .collect::<Result<Vec<_>, _>>()?;
            for events in events.chunks(TOGETHER) {
                position = self.take(position, events).await?;
                self.behind(page.last, position);
            }
            if ended {
                return Ok(());
            }
        }
    }

    async fn position(&self) -> Result<Position, Failure> {
        let mut tx = self.database.read().await?;
        Ok(cursor::read(&mut tx, self.producer).await?)
    }

    /// A producer that was restored numbers anew: its log is read from the start, what took effect is recognised.
    async fn change_epoch(&self, from: Position, epoch: i64, last: i64) -> Result<(), Failure> {
        if epoch < from.epoch {
            self.alarm(from, last);
            return Err(Failure::unavailable("bus.older-epoch", "A producer's log is older than what was seen of it."));
        }
        if last < from.sequence {
            self.alarm(from, last);
        }
        let mut tx = self.database.begin().await?;
        if cursor::advance(&mut tx, self.producer, from, Position { epoch, sequence: 0 }).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Counts of events are far below what a float holds exactly.
    fn behind(&self, last: i64, position: Position) {
        let behind = last.saturating_sub(position.sequence).max(0);
        metrics::CONSUMER_BEHIND.set(&[self.bus.role(), self.producer], behind as f64);
    }

    fn alarm(&self, position: Position, last: i64) {
        tracing::error!(
            producer = self.producer,
            role = self.bus.role(),
            position.sequence,
            last,
            "this consumer is ahead of its producer: the producer lost events that took effect here"
        );
    }

    /// Several events in one transaction; when one fails, each alone, so that those before it take effect.
    async fn take(&self, position: Position, events: &[Event]) -> Result<Position, Failure> {
        match self.take_together(position, events).await {
            Err(_) if events.len() > 1 => {
                let mut position = position;
                for event in events {
                    position = self.take_together(position, std::slice::from_ref(event)).await?;
                }
                Ok(position)
            }
            outcome => outcome,
        }
    }

    async fn take_together(&self, from: Position, events: &[Event]) -> Result<Position, Failure> {
        let mut tx = self.database.begin().await?;
        let mut to = from;
        for event in events {
            to = Position { epoch: event.epoch, sequence: event.sequence };
            if event.name.is_empty() || !self.is_first(&mut tx, event).await? {
                continue;
            }
            let name = format!("{} {}", event.producer, event.name);
            let work = Work::new(Kind::Consumer, self.bus.role(), &name).because_of(event.trace);
            work.run(self.bus.random(), (self.handler)(&mut tx, event.clone())).await?;
        }
        if !cursor::advance(&mut tx, self.producer, from, to).await? {
            return Err(Failure::stale("bus.cursor-moved", "Another replica took these events."));
        }
        tx.commit().await?;
        Ok(to)
    }

    async fn is_first(&self, tx: &mut Tx, event: &Event) -> Result<bool, Failure> {
        let id = [b"event:", self.producer.as_bytes(), b":", event.message_id.as_bytes()].concat();
        Ok(inbox::claim(tx, &id, event.time).await?)
    }

    /// Follows JetStream until something calls for reading the log again.
    async fn follow(&self, connections: &mut tokio::sync::watch::Receiver<u64>) -> Result<(), Failure> {
        let consumer = self.jetstream_consumer().await?;
        let quiet = tokio::time::sleep(QUIET);
        tokio::pin!(quiet);
        loop {
            // Without idle heartbeats: the client's batch sleeps on after one, and the next event would wait for its end.
            let batch = consumer.batch().max_messages(200).expires(BATCH_WAIT).messages();
            let mut batch = batch.await.map_err(unavailable)?;
            loop {
                let message = tokio::select! {
                    _ = connections.changed() => return Ok(()),
                    () = &mut quiet => return Ok(()),
                    message = batch.next() => message,
                };
                let Some(message) = message else { break };
                let message = message.map_err(unavailable)?;
                let fits = self.take_message(&message).await?;
                // Acknowledged in any case: from here on the log is what is read.
                message.ack().await.map_err(unavailable)?;
                if !fits {
                    return Ok(());
                }
                quiet.as_mut().reset(tokio::time::Instant::now() + QUIET);
            }
        }
    }

    async fn jetstream_consumer(&self) -> Result<PullConsumer, Failure> {
        self.bus
            .jetstream()
            .get_consumer_from_stream::<pull::Config, _, _>(
                stream::consumer_name(self.bus.role()),
                stream::stream_name(self.producer),
            )
            .await
            .map_err(unavailable)
    }

    /// False when the log must be read before this event.
    async fn take_message(&self, message: &async_nats::Message) -> Result<bool, Failure> {
        let event = match Event::from_message(&self.bus, self.producer, message) {
            Ok(event) => event,
            Err(failure) => {
                tracing::warn!(producer = self.producer, ?failure, "an event is refused");
                return Ok(true);
            }
        };
        let position = self.position().await?;
        if event.epoch < position.epoch || (event.epoch == position.epoch && event.sequence <= position.sequence) {
            return Ok(true);
        }
        self.behind(event.sequence, position);
        if event.epoch != position.epoch || event.sequence != position.sequence + 1 {
            return Ok(false);
        }
        match self.take(position, std::slice::from_ref(&event)).await {
            Ok(position) => {
                self.behind(event.sequence, position);
                Ok(true)
            }
            Err(failure) if failure.code == "bus.cursor-moved" => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    Failure::unavailable("bus.stream", "Events cannot be followed now.").with_detail(error)
}
