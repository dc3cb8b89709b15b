//! What happened: the only thing that changes a case. Every value an expression, the clock or chance gave is recorded here.

mod chosen;
mod declared;
mod late;
mod moved;
mod name;
mod news;
mod opened;
mod stored;
mod undone;
mod what;

use std::fmt;

pub use chosen::Chosen;
pub use declared::Declared;
use kernel::Time;
pub use late::{CorrectionForgotten, DocumentUnwanted, VerdictKept};
pub use moved::DraftMoved;
pub use opened::TaskOpened;
use serde::{Deserialize, Serialize};
pub use stored::{UnreadableEvent, read};
pub use undone::CompensationBegun;
pub use what::What;

/// Version of the stored form of events; older ones are upcast when read.
pub const EVENT_VERSION: u16 = 1;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub version: u16,
    pub at: Time,
    pub what: What,
}

impl Event {
    pub fn new(at: Time, what: What) -> Self {
        Self { version: EVENT_VERSION, at, what }
    }

    pub fn name(&self) -> &'static str {
        self.what.name()
    }
}

/// Events carry personal data: a log line shows only which one it is.
impl fmt::Debug for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at {}", self.name(), self.at)
    }
}
