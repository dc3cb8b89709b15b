//! What signing keeps: documents, numbers, seals, failed attempts.

pub mod attempts;
pub mod documents;
pub mod numbers;
pub mod seals;

use sql::{Migration, Migrations};

pub const MIGRATIONS: Migrations =
    &[Migration::new(1, "documents", include_str!("migrations/0001_documents.sql")), files::migration(2)];

#[cfg(test)]
mod tests;
