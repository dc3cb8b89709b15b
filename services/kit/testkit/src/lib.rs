//! Real servers for tests: fresh databases on both engines and a NATS server, all gone when the test process ends.

mod folder;
mod nats;
mod postgres;

pub use folder::folder;
pub use nats::{Nats, nats, nats_binary};
use sql::{Database, Migrations, Settings};

/// A fresh, empty database on every engine. PostgreSQL is left out only when `XIZMAT_TEST_POSTGRES=off`.
pub fn stores() -> Vec<(&'static str, Settings)> {
    let file = folder().join(format!("{}.sqlite", unique("store")));
    let mut stores = vec![("sqlite", Settings::file(file))];
    if std::env::var("XIZMAT_TEST_POSTGRES").as_deref() != Ok("off") {
        stores.push(("postgres", postgres::database(&unique("store"))));
    }
    stores
}

/// Like [`stores`], opened and migrated.
pub async fn databases(migrations: Migrations) -> Vec<(&'static str, Database)> {
    let mut databases = Vec::new();
    for (name, settings) in stores() {
        let database = Database::open(&settings, migrations).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        databases.push((name, database));
    }
    databases
}

/// A name that no other call in this process gets.
pub(crate) fn unique(prefix: &str) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{prefix}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
