//! A producer's log: its database's outbox, named so that consumers keep a cursor for each.
//!
//! A platform service has one. The e-services have one an agency, or one for all where a single host serves every agency.

use std::collections::BTreeSet;

use kernel::Failure;
use proto::{Empty, permissions::HOSTED, register::v1::operations::LIST_AGENCIES};
use sql::{Database, cursor};

use crate::{Bus, subject::PLATFORM};

/// One database's outbox.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Log {
    pub producer: &'static str,
    /// An agency, or `platform`.
    pub name: String,
}

impl Log {
    /// The only log of a producer, or that of a host of every agency's services.
    pub fn of(producer: &'static str) -> Self {
        Self { producer, name: PLATFORM.to_owned() }
    }

    pub fn named(producer: &'static str, name: &str) -> Self {
        Self { producer, name: name.to_owned() }
    }

    pub(crate) fn is_one_of_several(&self) -> bool {
        is_hosted(self.producer)
    }

    /// Whether an event of this log may be of that agency.
    pub(crate) fn may_tell_of(&self, agency: &str) -> bool {
        self.name == PLATFORM || agency.is_empty() || agency == self.name
    }

    /// Under which the position in it is kept.
    pub fn cursor(&self) -> String {
        if self.name == PLATFORM { self.producer.to_owned() } else { format!("{}/{}", self.producer, self.name) }
    }
}

fn is_hosted(producer: &str) -> bool {
    HOSTED.iter().any(|(callee, _)| *callee == producer)
}

/// Every log of a producer that there may be. An agency that is not known yet is met with its first event.
pub async fn logs(bus: &Bus, database: &Database, producer: &'static str) -> Result<Vec<Log>, Failure> {
    let mut names = BTreeSet::from([PLATFORM.to_owned()]);
    if is_hosted(producer) {
        let mut tx = database.read().await?;
        let read = cursor::all(&mut tx).await?;
        let of = |name: String| name.strip_prefix(producer)?.strip_prefix('/').map(str::to_owned);
        names.extend(read.into_iter().filter_map(of));
        drop(tx);
        // While the register is away, those are followed that are known.
        match bus.request(&LIST_AGENCIES, PLATFORM, &Empty {}).await {
            Ok(told) => names.extend(told.agencies),
            Err(failure) => tracing::debug!(?failure, "the list of agencies waits"),
        }
    }
    Ok(names.into_iter().map(|name| Log { producer, name }).collect())
}
