//! The index itself: entries, open tasks, look-up hashes.

pub mod index;
pub mod lists;
pub mod staffing;
#[cfg(test)]
mod tests;

use sql::{Migration, Migrations};

pub const MIGRATIONS: Migrations = &[
    Migration::new(1, "index", include_str!("migrations/0001_index.sql")),
    Migration::new(2, "erased", include_str!("migrations/0002_erased.sql")),
    Migration::new(3, "parties", include_str!("migrations/0003_parties.sql")),
    Migration::new(4, "representatives", include_str!("migrations/0004_representatives.sql")),
];
