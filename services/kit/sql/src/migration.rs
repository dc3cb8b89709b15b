//! Schema changes: ordered, recorded, the same number and name on both engines; they only expand.

use kernel::Hash;

use crate::{Database, Error, Tx, args};

/// One file for both engines. `BLOB` becomes `BYTEA`, `AUTOID` an automatic primary key.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
    /// Statements that only PostgreSQL has, run after `sql`; empty for nearly all.
    pub postgres_only: &'static str,
}

impl Migration {
    pub const fn new(number: i64, name: &'static str, sql: &'static str) -> Self {
        Self { number, name, sql, postgres_only: "" }
    }
}

pub type Migrations = &'static [Migration];

/// The tables that every service's database has.
const KIT: Migrations = &[
    Migration::new(1, "outbox", include_str!("migrations/0001_outbox.sql")),
    Migration::new(2, "inbox_answers_cursors", include_str!("migrations/0002_inbox_answers_cursors.sql")),
    Migration::new(3, "audit", include_str!("migrations/0003_audit.sql")),
    Migration::new(4, "revisions", include_str!("migrations/0004_revisions.sql")),
];

const TRACKED: &str = "CREATE TABLE IF NOT EXISTS migrations (
    part TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, hash BLOB NOT NULL, applied BIGINT NOT NULL,
    PRIMARY KEY (part, number))";

pub(crate) async fn run(database: &Database, migrations: Migrations) -> Result<(), Error> {
    let mut tx = database.begin().await?;
    tx.lock_schema().await?;
    tx.script(TRACKED).await?;
    apply(&mut tx, "kit", KIT).await?;
    apply(&mut tx, "service", migrations).await?;
    tx.commit().await
}

async fn apply(tx: &mut Tx, part: &str, migrations: Migrations) -> Result<(), Error> {
    for pair in migrations.windows(2) {
        if pair[0].number >= pair[1].number {
            return Err(Error::Other(format!("migration {} does not follow {}", pair[1].number, pair[0].number)));
        }
    }
    for migration in migrations {
        let hash = Hash::of_parts(&[migration.sql.as_bytes(), migration.postgres_only.as_bytes()]);
        let applied = tx
            .fetch_optional(
                "SELECT hash FROM migrations WHERE part = $1 AND number = $2",
                args![part, migration.number],
            )
            .await?;
        match applied {
            Some(row) if row.blob(0)? == hash.to_vec() => continue,
            Some(_) => {
                return Err(Error::Other(format!(
                    "migration {} ({}) was changed after it was applied to this database",
                    migration.number, migration.name
                )));
            }
            None => run_one(tx, part, migration, hash).await?,
        }
    }
    Ok(())
}

async fn run_one(tx: &mut Tx, part: &str, migration: &Migration, hash: Hash) -> Result<(), Error> {
    tx.script(migration.sql).await?;
    if tx.is_postgres() && !migration.postgres_only.is_empty() {
        tx.script(migration.postgres_only).await?;
    }
    let now = tx.database_now().await?;
    tx.execute(
        "INSERT INTO migrations (part, number, name, hash, applied) VALUES ($1, $2, $3, $4, $5)",
        args![part, migration.number, migration.name, hash, now],
    )
    .await?;
    tracing::info!(part, number = migration.number, name = migration.name, "schema expanded");
    Ok(())
}
