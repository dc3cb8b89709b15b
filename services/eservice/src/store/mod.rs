//! What an e-service host keeps: cases, their events, actions, timers, tasks and the revisions they run on.

pub mod actions;
pub mod cases;
pub mod commit;
pub mod revisions;
pub mod timers;

use sql::{Migration, Migrations};

pub const MIGRATIONS: Migrations = &[Migration::new(1, "cases", include_str!("migrations/0001_cases.sql"))];

#[cfg(test)]
mod tests;
