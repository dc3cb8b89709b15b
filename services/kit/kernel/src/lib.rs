//! Words that every part of Xizmat shares: ids, time, money, secrets and refusals. No I/O lives here.

mod clock;
mod failure;
mod hash;
pub mod id;
mod kept;
mod language;
pub mod lookup;
mod money;
mod personal;
pub mod pinfl;
mod random;
pub mod sealed;
pub mod segments;
mod time;
pub mod tin;
mod trace;
pub mod translit;

pub use clock::{BoxFuture, Clock, ManualClock};
pub use failure::{ErrorKind, Failure};
pub use hash::{Hash, keyed_hash};
pub use id::{AttemptId, CaseId, CommandId, DocumentId, IntentId, MessageId, PersonId, RefundId, SessionId, TaskId};
pub use kept::Kept;
pub use language::Language;
pub use money::{Currency, Money};
pub use personal::Personal;
pub use random::{Random, SeededRandom, bytes};
pub use rust_decimal::Decimal;
pub use time::Time;
pub use trace::Trace;
