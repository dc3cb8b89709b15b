//! One SQL port over SQLite and PostgreSQL, and the tables that every service's database has: outbox, inbox, answers, cursors, audit.

mod action;
mod address;
pub mod answers;
mod append_only;
pub mod audit;
pub mod case_log;
pub mod cursor;
mod database;
mod error;
pub mod inbox;
mod migration;
pub mod outbox;
mod password;
mod pool;
mod provision;
pub mod recovery;
mod roles;
mod row;
mod settings;
pub mod stage;
mod tx;
mod value;
mod work;

pub use action::Action;
pub use append_only::AppendOnly;
pub use database::Database;
pub use error::Error;
pub use migration::{Migration, Migrations};
pub use provision::{Host, Hosted, Plan, Provisioned, is_provisioned, provision, provision_with, withdraw};
pub use row::Row;
pub use settings::Settings;
pub use sqlx::{AssertSqlSafe, SqlSafeStr};
pub use tx::Tx;
pub use value::{ToValue, Value};
