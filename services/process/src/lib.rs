//! From a definition to a case: a pure library that judges commands (`decide`) and rebuilds state (`apply`), without any I/O.
//!
//! `Process::compile` turns a `ServiceDefinition` into a checked process. `decide(process, state, command, facts)` gives a
//! [`Decision`]: events, and through them the actions to perform and the timers to set. `apply(state, event)` needs no
//! definition and evaluates nothing, so replay is exact for ever.

pub mod action;
pub mod announced;
pub mod apply;
pub mod calendar;
pub mod case;
pub mod change;
pub mod check;
pub mod command;
pub mod decision;
pub mod eligibility;
mod engine;
pub mod event;
pub mod evidence;
pub mod expr;
pub mod facts;
pub mod fees;
pub mod forms;
pub mod letter;
pub mod paths;
pub mod preview;
pub mod process;
mod prove;
pub mod reference;
pub mod refusal;
pub mod results;
pub mod revision;
#[cfg(test)]
mod sample;
pub mod scenario;
pub mod start;
mod steps;
mod table;
pub mod timer;
pub mod words;

pub use action::{ActionId, ActionResult, OpenAction, Request};
pub use apply::{apply, as_agreed, replay};
pub use case::CaseState;
pub use command::Command;
pub use decision::Decision;
pub use engine::{Withdrawal, decide, withdrawal};
pub use event::Event;
pub use facts::Facts;
pub use process::Process;
pub use refusal::{Problem, Refusal};

/// Version of the engine's rules; a case records the one it was submitted under.
pub const SEMANTICS_VERSION: u32 = 1;
