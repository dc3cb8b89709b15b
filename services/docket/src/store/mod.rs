//! The index itself: entries, open tasks, look-up hashes.

pub mod index;
pub mod lists;
#[cfg(test)]
mod tests;

use sql::{Migration, Migrations};

pub const MIGRATIONS: Migrations = &[Migration::new(1, "index", include_str!("migrations/0001_index.sql"))];
