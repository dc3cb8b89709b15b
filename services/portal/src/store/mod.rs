//! Sessions and sign-ins under way: the only things the portal keeps.

mod session;
mod sign_in;
#[cfg(test)]
mod tests;

pub use session::{Desk, Opened, Session, Sessions, end_all, forget_ended};

pub const MIGRATIONS: sql::Migrations =
    &[sql::Migration::new(1, "sessions", include_str!("migrations/0001_sessions.sql"))];
