//! The index itself: entries, open tasks, look-up hashes, and acts with what is unusual among them; and what officers saved and searched.

pub mod acts;
pub mod again;
pub mod filters;
pub mod holds;
pub mod index;
pub mod lists;
pub mod load;
pub mod not_begun;
mod own;
pub mod reasons;
pub mod search;
pub mod staffing;
#[cfg(test)]
mod tests;
pub mod unusual;

use sql::{Migration, Migrations};

pub const MIGRATIONS: Migrations = &[
    Migration::new(1, "index", include_str!("migrations/0001_index.sql")),
    Migration::new(2, "erased", include_str!("migrations/0002_erased.sql")),
    Migration::new(3, "parties", include_str!("migrations/0003_parties.sql")),
    Migration::new(4, "representatives", include_str!("migrations/0004_representatives.sql")),
    Migration::new(5, "claims", include_str!("migrations/0005_claims.sql")),
    Migration::new(6, "searches", include_str!("migrations/0006_searches.sql")),
    Migration::new(7, "acts", include_str!("migrations/0007_acts.sql")),
    Migration::new(8, "unusual", include_str!("migrations/0008_unusual.sql")),
    Migration::new(9, "reasons", include_str!("migrations/0009_reasons.sql")),
    Migration::new(10, "starts", include_str!("migrations/0010_starts.sql")),
    Migration::new(11, "asked", include_str!("migrations/0011_asked.sql")),
    Migration::new(12, "proposals", include_str!("migrations/0012_proposals.sql")),
    Migration::new(15, "requests", include_str!("migrations/0015_requests.sql")),
    Migration::new(16, "holds", include_str!("migrations/0016_holds.sql")),
    Migration::new(22, "typed", include_str!("migrations/0022_typed.sql")),
    Migration::new(24, "not_begun", include_str!("migrations/0024_not_begun.sql")),
    Migration::new(26, "past-tasks", include_str!("migrations/0026_past_tasks.sql")),
    Migration::new(27, "recalls", include_str!("migrations/0027_recalls.sql")),
    Migration::new(28, "erased_numbers", include_str!("migrations/0028_erased_numbers.sql")),
    Migration::new(32, "subjects", include_str!("migrations/0032_subjects.sql")),
    Migration::new(33, "acts-again", include_str!("migrations/0033_acts_again.sql")),
];
