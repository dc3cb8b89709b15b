//! What was admitted, by whom, and the index people search.

mod admissions;
mod agencies;
mod freeings;
mod listed;
mod placements;
mod proposals;
#[cfg(test)]
mod tests;
mod words;

pub use admissions::{Admission, by_hash, entries, newest, place, put};
pub use agencies::{agencies, agency, agency_names, put_agency};
pub use freeings::{ask_freeing, end_freeing, freeing, hold_freeing};
pub use listed::{Listed, listed};
pub use placements::{Placement, closed, placement, set_closed, touch};
pub use proposals::{Proposal, drop_proposal, proposal, proposals, propose, said, say, unsay};
pub use words::{index, words_like};

pub const MIGRATIONS: sql::Migrations = &[
    sql::Migration::new(1, "register", include_str!("migrations/0001_register.sql")),
    sql::Migration::new(2, "placement", include_str!("migrations/0002_placement.sql")),
    sql::Migration::new(3, "listed", include_str!("migrations/0003_listed.sql")),
    sql::Migration::new(5, "publication", include_str!("migrations/0005_publication.sql")),
    sql::Migration::new(7, "freeings", include_str!("migrations/0007_freeings.sql")),
];
