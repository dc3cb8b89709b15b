//! What a message says, and how and when it finds its way. No I/O.

pub mod delivery;
pub mod limits;
pub mod own;
pub mod preferences;
pub mod quiet;
pub mod report;
pub mod return_path;
pub mod returns;
pub mod text;
pub mod turn;
