//! The harness of the journeys: a whole platform in a folder of its own, and a visitor with a browser that has no JavaScript.

pub mod backup;
pub mod citizen;
pub mod clicks;
pub mod collector;
pub mod officer;
pub mod patience;
pub mod platform;
pub mod processes;
pub mod server;
pub mod shared;
pub mod terminal;
pub mod traces;
pub mod uploads;
pub mod visitor;
