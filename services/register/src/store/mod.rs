//! What was admitted, by whom, and the index people search.

mod admissions;
mod agencies;
mod placements;
#[cfg(test)]
mod tests;
mod words;

pub use admissions::{Admission, by_hash, entries, newest, place, put, since};
pub use agencies::{agencies, agency, agency_names, put_agency};
pub use placements::{Placement, closed, placement, set_closed, touch, versions};
pub use words::{index, words_like};

pub const MIGRATIONS: sql::Migrations = &[
    sql::Migration::new(1, "register", include_str!("migrations/0001_register.sql")),
    sql::Migration::new(2, "placement", include_str!("migrations/0002_placement.sql")),
];
