//! Real servers for tests: fresh databases on both engines and a NATS server, all gone when the test process ends.

mod disk;
mod expanded;
mod folder;
mod nats;
mod port;
mod postgres;
mod written_once;

pub use disk::Disk;
pub use expanded::expanded;
pub use folder::folder;
pub use nats::{Nats, nats, nats_binary, nats_server};
pub use port::free_port;
pub use postgres::{OverNetwork, over_network};
use sql::{Database, Migrations, Settings};
pub use written_once::are_written_once;

/// A fresh, empty database on every engine. On PostgreSQL a role without any right to the schema serves and the owner's
/// stands beside, as in production. PostgreSQL is left out only when `XIZMAT_TEST_POSTGRES=off`.
pub fn stores() -> Vec<(&'static str, Settings)> {
    let file = folder().join(format!("{}.sqlite", unique("store")));
    let mut stores = vec![("sqlite", Settings::file(file))];
    if std::env::var("XIZMAT_TEST_POSTGRES").as_deref() != Ok("off") {
        stores.push(("postgres", postgres::database(&unique("store"))));
    }
    stores
}

/// A PostgreSQL database of [`stores`] as a host of these services (`agency/service`) sees it, once its owner migrated it.
pub fn limited(settings: &Settings, services: &[&str]) -> Settings {
    postgres::limited(settings, services)
}

/// The same store as its owner sees it, whom neither grants nor row-level security hold.
pub fn owned(settings: &Settings) -> Settings {
    settings.owner_url_file.as_ref().map_or_else(|| settings.clone(), Settings::url_file)
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
