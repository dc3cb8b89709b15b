//! What was admitted, by whom, and the index people search.

mod admissions;
mod agencies;
mod words;
#[cfg(test)]
mod tests;

pub use admissions::{Admission, Entry, by_hash, entries, newest, put, since};
pub use agencies::{agencies, agency, put_agency};
pub use words::{index, words_like};

pub const MIGRATIONS: sql::Migrations =
    &[sql::Migration { number: 1, name: "register", sql: include_str!("migrations/0001_register.sql"), postgres_only: "" }];
