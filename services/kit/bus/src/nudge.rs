//! Copies of one host tell each other that one of them committed something, so that none has to ask the database time and again.
//! Other hosts of the agency hear it for the log that all of them write.
//!
//! A nudge says nothing but "look": it is not signed, it may be lost, and whoever hears many looks once a second.

use std::{convert::Infallible, time::Duration};

use async_nats::Subscriber;
use bytes::Bytes;
use futures::StreamExt;
use kernel::Failure;
use sql::Database;
use tokio::sync::watch;

use crate::{Bus, subject};

/// Many commits are one nudge.
const PAUSE: Duration = Duration::from_secs(1);
/// A process that stops has no longer than this for its last word.
const LAST: Duration = Duration::from_millis(500);

/// Between the copies of one host.
#[derive(Clone)]
pub struct Nudges {
    bus: Bus,
    subject: String,
    /// Whose they are: nobody is woken by itself.
    own: Bytes,
}

/// What the other copies tell.
pub struct Heard {
    nudges: Subscriber,
    connections: watch::Receiver<u64>,
    own: Bytes,
}

impl Bus {
    pub fn nudges(&self) -> Nudges {
        let subject = match self.host() {
            Some(host) => subject::nudge(self.role(), &host.agency, &host.name),
            None => subject::nudge(self.role(), subject::PLATFORM, subject::PLATFORM),
        };
        let own = Bytes::from(kernel::bytes::<16>(self.random()).to_vec());
        Nudges { bus: self.clone(), subject, own }
    }
}

impl Nudges {
    /// Tells the others whenever this copy commits something that leaves work.
    pub fn tell(&self, database: &Database, kit: &boot::Kit) {
        let (nudges, database, shutdown) = (self.clone(), database.clone(), kit.shutdown.clone());
        kit.spawn("nudges", move || {
            let (nudges, commits, shutdown) = (nudges.clone(), database.commits(), shutdown.clone());
            async move {
                tokio::select! {
                    () = shutdown.cancelled() => Ok(()),
                    never = nudges.tell_of(commits) => match never? {},
                }
            }
        });
    }

    async fn tell_of(&self, mut commits: watch::Receiver<u64>) -> Result<Infallible, Failure> {
        loop {
            commits.changed().await.map_err(unavailable)?;
            self.say().await?;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn say(&self) -> Result<(), Failure> {
        self.bus.client().publish(self.subject.clone(), self.own.clone()).await.map_err(unavailable)
    }

    /// The last word of a copy that stops: sent before it is gone, unless the bus is away.
    pub async fn say_last(&self) -> Result<(), Failure> {
        self.say().await?;
        let sent = tokio::time::timeout(LAST, self.bus.client().flush()).await;
        sent.map_err(unavailable)?.map_err(unavailable)
    }

    pub async fn listen(&self) -> Result<Heard, Failure> {
        self.hear(self.subject.clone()).await
    }

    /// Whatever is committed to the log: hosts of one agency share theirs. That this process committed something is heard, too.
    pub(crate) async fn listen_to_log(&self) -> Result<Heard, Failure> {
        let everybody = match self.bus.host() {
            Some(host) => subject::nudge(self.bus.role(), &host.agency, "*"),
            None => self.subject.clone(),
        };
        let heard = self.hear(everybody).await?;
        self.bus.client().flush().await.map_err(unavailable)?;
        Ok(heard)
    }

    async fn hear(&self, subject: String) -> Result<Heard, Failure> {
        let mut connections = self.bus.connections();
        connections.mark_unchanged();
        let nudges = self.bus.client().subscribe(subject).await.map_err(unavailable)?;
        Ok(Heard { nudges, connections, own: self.own.clone() })
    }
}

impl Heard {
    /// Returns when another copy committed something, or when it may have done so unheard.
    pub async fn next(&mut self) -> Result<(), Failure> {
        loop {
            tokio::select! {
                nudge = self.nudges.next() => match nudge {
                    Some(nudge) if nudge.payload == self.own => {}
                    Some(_) => return Ok(()),
                    None => return Err(unavailable("the subscription ended")),
                },
                changed = self.connections.changed() => return changed.map_err(unavailable),
            }
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    let message = "The other copies of this host are not heard now.";
    Failure::unavailable("bus.nudges", message).with_detail(error)
}
