//! Rules of the lists. No I/O.

pub mod queue;
