//! Rules of the lists. No I/O.

pub mod latest;
pub mod queue;
