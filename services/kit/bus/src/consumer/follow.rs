//! What a consumer hears between two times that it reads every log: by JetStream, or for a host as events pass by.

use std::{ops::ControlFlow, time::Duration};

use async_nats::jetstream::{consumer::PullConsumer, consumer::pull};
use futures::StreamExt;
use kernel::Failure;
use tokio::sync::watch;

use super::{Consumer, Handler};
use crate::{
    Event, Log,
    pace::{Pace, Woken, later},
    stream, subject,
};

const BATCH_WAIT: Duration = Duration::from_secs(20);

impl<H: Handler> Consumer<H> {
    /// Follows what is published until something calls for reading every log again.
    pub(super) async fn follow(
        &self,
        connections: &mut watch::Receiver<u64>,
        waiting: Vec<Log>,
    ) -> Result<Woken, Failure> {
        let mut pace = Pace::new(self.quiet, waiting);
        match self.bus.agency() {
            Some(agency) => self.hear(agency, connections, &mut pace).await,
            None => self.follow_stream(connections, &mut pace).await,
        }
    }

    async fn follow_stream(&self, connections: &mut watch::Receiver<u64>, pace: &mut Pace) -> Result<Woken, Failure> {
        let consumer = self.jetstream_consumer().await?;
        loop {
            // Without idle heartbeats: the client's batch sleeps on after one, and the next event would wait for its end.
            let batch = consumer.batch().max_messages(200).expires(BATCH_WAIT).messages();
            let mut batch = batch.await.map_err(unavailable)?;
            loop {
                let message = match self.unless_woken(connections, pace, batch.next()).await? {
                    ControlFlow::Continue(message) => message,
                    ControlFlow::Break(woken) => return Ok(woken),
                };
                let Some(message) = message else { break };
                let message = message.map_err(unavailable)?;
                if self.take_message(&message).await? {
                    pace.heard();
                }
                // Acknowledged in any case: the log is what is read.
                message.ack().await.map_err(unavailable)?;
            }
        }
    }

    /// A host's way: its agency's events as they pass by.
    async fn hear(
        &self,
        agency: &str,
        connections: &mut watch::Receiver<u64>,
        pace: &mut Pace,
    ) -> Result<Woken, Failure> {
        let mut heard = Vec::new();
        for name in stream::events_for(self.producer, self.bus.role()) {
            let subject = subject::event(self.producer, name, agency);
            heard.push(self.bus.client().subscribe(subject).await.map_err(unavailable)?);
        }
        self.bus.client().flush().await.map_err(unavailable)?;
        let mut heard = futures::stream::select_all(heard);
        // What was published before we listened.
        pace.waiting = self.catch_up_with_all(false).await?;
        loop {
            let message = match self.unless_woken(connections, pace, heard.next()).await? {
                ControlFlow::Continue(Some(message)) => message,
                // The subscriptions ended with their connection.
                ControlFlow::Continue(None) => return Ok(Woken::ByConnection),
                ControlFlow::Break(woken) => return Ok(woken),
            };
            if self.take_message(&message).await? {
                pace.heard();
            }
        }
    }

    /// What comes next, until every log should be read again. Logs that waited are read meanwhile.
    async fn unless_woken<T>(
        &self,
        connections: &mut watch::Receiver<u64>,
        pace: &mut Pace,
        mut next: impl Future<Output = T> + Unpin,
    ) -> Result<ControlFlow<Woken, T>, Failure> {
        loop {
            tokio::select! {
                _ = connections.changed() => return Ok(ControlFlow::Break(Woken::ByConnection)),
                () = pace.quiet.as_mut() => return Ok(ControlFlow::Break(Woken::ByQuiet)),
                logs = later(&mut pace.later, &mut pace.waiting) => pace.waiting = self.catch_up_with(logs, false).await?,
                next = &mut next => return Ok(ControlFlow::Continue(next)),
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

    /// Takes an event, or reads its log first where it is not the next one. False when there was nothing to take.
    async fn take_message(&self, message: &async_nats::Message) -> Result<bool, Failure> {
        let event = match Event::from_message(&self.bus, self.producer, message).await {
            Ok(event) => event,
            Err(failure) => {
                tracing::warn!(producer = self.producer, ?failure, "an event is refused");
                return Ok(false);
            }
        };
        let log = Log::named(self.producer, &event.log);
        let position = self.position(&log).await?;
        if event.epoch < position.epoch || (event.epoch == position.epoch && event.sequence <= position.sequence) {
            (self.passed)();
            return Ok(true);
        }
        self.behind(event.sequence, position);
        if event.epoch != position.epoch || event.sequence != position.sequence + 1 {
            self.catch_up(&log, false).await?;
            return Ok(true);
        }
        match self.take(&log, position, std::slice::from_ref(&event)).await {
            Ok(position) => {
                self.behind(event.sequence, position);
                self.ends().insert(log.name.clone(), position);
            }
            Err(failure) if failure.code == "bus.cursor-moved" => self.catch_up(&log, false).await?,
            Err(failure) => return Err(failure),
        }
        Ok(true)
    }
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    Failure::unavailable("bus.stream", "Events cannot be followed now.").with_detail(error)
}
