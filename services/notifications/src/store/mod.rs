//! Where messages are kept: sealed letters in the inbox, and how each channel got on with them.

pub mod deliveries;
pub mod messages;
#[cfg(test)]
mod tests;

pub const MIGRATIONS: sql::Migrations = &[
    sql::Migration::new(1, "messages", include_str!("migrations/0001_messages.sql")),
    sql::Migration::new(2, "messages_by_case", include_str!("migrations/0002_messages_by_case.sql")),
];
