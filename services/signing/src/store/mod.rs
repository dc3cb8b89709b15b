//! What signing keeps: documents, numbers, seals, failed attempts.

pub mod attempts;
pub mod documents;
pub mod doubts;
pub mod numbers;
pub mod restored;
pub mod seals;

use sql::{AppendOnly, Migration, Migrations};

pub const MIGRATIONS: Migrations = &[
    Migration::new(1, "documents", include_str!("migrations/0001_documents.sql")),
    files::migration(2),
    Migration { append_only: &[AppendOnly::new("sealed")], ..Migration::new(3, "append_only", "") },
    Migration::new(4, "representative", include_str!("migrations/0004_representative.sql")),
    Migration::new(5, "unclaimed", include_str!("migrations/0005_unclaimed.sql")),
    Migration::new(7, "doubts", include_str!("migrations/0007_doubts.sql")),
    Migration::new(8, "status_pages", include_str!("migrations/0008_status_pages.sql")),
];

#[cfg(test)]
mod crashes;
#[cfg(test)]
pub mod tests;
