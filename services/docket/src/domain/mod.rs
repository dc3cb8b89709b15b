//! Rules of the lists. No I/O.

pub mod filter;
pub mod latest;
pub mod load;
pub mod queue;
pub mod search;
