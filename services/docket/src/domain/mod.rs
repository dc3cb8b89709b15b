//! Rules of the lists. No I/O.

pub mod auditor;
pub mod export;
pub mod filter;
pub mod holds;
pub mod latest;
pub mod load;
pub mod not_begun;
pub mod queue;
pub mod search;
pub mod unusual;
pub mod words;
