//! Rules of the lists. No I/O.

pub mod auditor;
pub mod export;
pub mod latest;
pub mod queue;
pub mod unusual;
