//! One SQL port over SQLite and PostgreSQL, and the tables that every service's database has: outbox, inbox, answers, cursors, audit.

pub mod answers;
pub mod audit;
pub mod cursor;
mod database;
mod error;
pub mod inbox;
mod migration;
pub mod outbox;
mod row;
mod settings;
mod tx;
mod value;

pub use database::Database;
pub use error::Error;
pub use migration::{Migration, Migrations};
pub use row::Row;
pub use settings::Settings;
pub use sqlx::{AssertSqlSafe, SqlSafeStr};
pub use tx::Tx;
pub use value::{ToValue, Value};
