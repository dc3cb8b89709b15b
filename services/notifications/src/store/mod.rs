//! Where messages are kept: sealed letters in the inbox, and how each channel got on with them.

pub mod deliveries;
pub mod messages;
pub mod preferences;
pub mod returned_mail;
#[cfg(test)]
mod tests;
pub mod text_messages;

pub const MIGRATIONS: sql::Migrations = &[
    sql::Migration::new(1, "messages", include_str!("migrations/0001_messages.sql")),
    sql::Migration::new(2, "messages_by_case", include_str!("migrations/0002_messages_by_case.sql")),
    sql::Migration::new(3, "classes", include_str!("migrations/0003_classes.sql")),
    sql::Migration::new(4, "preferences", include_str!("migrations/0004_preferences.sql")),
    sql::Migration::new(5, "text_messages", include_str!("migrations/0005_text_messages.sql")),
    sql::Migration::new(6, "return_paths", include_str!("migrations/0006_return_paths.sql")),
    sql::Migration::new(7, "returned_mail", include_str!("migrations/0007_returned_mail.sql")),
];
