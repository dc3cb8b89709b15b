//! What a message says, and how it finds its way. No I/O.

pub mod delivery;
pub mod text;
