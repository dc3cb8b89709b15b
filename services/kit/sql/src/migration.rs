//! Schema changes: ordered, recorded, the same number and name on both engines; they only expand.

use kernel::Hash;

use crate::{AppendOnly, Database, Error, Tx, args};

/// One file for both engines. `BLOB` becomes `BYTEA`, `AUTOID` an automatic primary key.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
    /// Statements that only PostgreSQL has, run after `sql`; empty for nearly all.
    pub postgres_only: &'static str,
    /// Tables that from now on are only added to.
    pub append_only: &'static [AppendOnly],
}

impl Migration {
    pub const fn new(number: i64, name: &'static str, sql: &'static str) -> Self {
        Self { number, name, sql, postgres_only: "", append_only: &[] }
    }

    fn hash(&self) -> Hash {
        let parts = [self.sql.as_bytes(), self.postgres_only.as_bytes()];
        let tables = self.append_only.iter().flat_map(AppendOnly::parts);
        Hash::of_parts(&parts.into_iter().chain(tables).collect::<Vec<_>>())
    }
}

pub type Migrations = &'static [Migration];

/// The tables that every service's database has.
const KIT: Migrations = &[
    Migration::new(1, "outbox", include_str!("migrations/0001_outbox.sql")),
    Migration::new(2, "inbox_answers_cursors", include_str!("migrations/0002_inbox_answers_cursors.sql")),
    Migration::new(3, "audit", include_str!("migrations/0003_audit.sql")),
    Migration::new(4, "revisions", include_str!("migrations/0004_revisions.sql")),
    Migration::new(5, "outbox_by_case", include_str!("migrations/0005_outbox_by_case.sql")),
    Migration {
        postgres_only: include_str!("migrations/0006_append_only.postgres.sql"),
        append_only: &[AppendOnly::new("audit").except(ERASES)],
        ..Migration::new(6, "append_only", "")
    },
    Migration {
        append_only: &[AppendOnly::new("stage")],
        ..Migration::new(7, "stage", include_str!("migrations/0007_stage.sql"))
    },
    Migration::new(8, "outbox_by_agency", include_str!("migrations/0008_outbox_by_agency.sql")),
    Migration::new(9, "case_logs", include_str!("migrations/0009_case_logs.sql")),
    Migration::new(10, "recovery", include_str!("migrations/0010_recovery.sql")),
    Migration::new(11, "asked_by", include_str!("migrations/0011_asked_by.sql")),
];

/// Lawful erasure of an act's content: its salt goes with it, and its place in the chain stays proved.
const ERASES: &str = "NEW.actor IS NULL AND NEW.service_actor IS NULL AND NEW.subject IS NULL AND NEW.purpose IS NULL
    AND NEW.detail IS NULL AND NEW.salt IS NULL AND NEW.sequence = OLD.sequence AND NEW.time = OLD.time
    AND NEW.act = OLD.act AND NEW.agency = OLD.agency AND NEW.commitment = OLD.commitment AND NEW.hash = OLD.hash";

const TRACKED: &str = "CREATE TABLE IF NOT EXISTS migrations (
    part TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, hash BLOB NOT NULL, applied BIGINT NOT NULL,
    PRIMARY KEY (part, number))";

pub(crate) async fn run(database: &Database, migrations: Migrations) -> Result<(), Error> {
    let mut tx = database.begin().await?;
    tx.lock_schema().await?;
    tx.script(TRACKED).await?;
    apply(&mut tx, "kit", KIT).await?;
    apply(&mut tx, "service", migrations).await?;
    if tx.is_postgres() {
        tx.script(include_str!("grants.sql")).await?;
    }
    tx.commit().await
}

/// Whether the schema is what this release needs; its own role may not expand it. A newer schema is none of its business.
pub(crate) async fn check(database: &Database, migrations: Migrations) -> Result<(), Error> {
    let mut tx = database.read().await?;
    let sql = "SELECT CASE WHEN to_regclass('migrations') IS NULL THEN 0 ELSE 1 END";
    let tracked = tx.fetch_one(sql, args![]).await?.int(0)? == 1;
    for (part, migrations) in [("kit", KIT), ("service", migrations)] {
        for migration in migrations {
            if !tracked || !is_applied(&mut tx, part, migration).await? {
                return Err(Error::refused(
                    "store.schema-behind",
                    format!(
                        "The database lacks migration {} ({}), and the role that serves may not expand the schema. \
                         Run this release once with `owner_url_file`, then start again.",
                        migration.number, migration.name
                    ),
                ));
            }
        }
    }
    Ok(())
}

async fn apply(tx: &mut Tx, part: &str, migrations: Migrations) -> Result<(), Error> {
    for pair in migrations.windows(2) {
        if pair[0].number >= pair[1].number {
            return Err(Error::Other(format!("migration {} does not follow {}", pair[1].number, pair[0].number)));
        }
    }
    for migration in migrations {
        if !is_applied(tx, part, migration).await? {
            run_one(tx, part, migration).await?;
        }
    }
    Ok(())
}

async fn is_applied(tx: &mut Tx, part: &str, migration: &Migration) -> Result<bool, Error> {
    let sql = "SELECT hash FROM migrations WHERE part = $1 AND number = $2";
    match tx.fetch_optional(sql, args![part, migration.number]).await? {
        None => Ok(false),
        Some(row) if row.blob(0)? == migration.hash().to_vec() => Ok(true),
        Some(_) => Err(Error::Other(format!(
            "migration {} ({}) was changed after it was applied to this database",
            migration.number, migration.name
        ))),
    }
}

async fn run_one(tx: &mut Tx, part: &str, migration: &Migration) -> Result<(), Error> {
    tx.script(migration.sql).await?;
    if tx.is_postgres() && !migration.postgres_only.is_empty() {
        tx.script(migration.postgres_only).await?;
    }
    for table in migration.append_only {
        let triggers = if tx.is_postgres() { table.postgres() } else { table.sqlite() };
        tx.script(&triggers).await?;
    }
    let now = tx.database_now().await?;
    tx.execute(
        "INSERT INTO migrations (part, number, name, hash, applied) VALUES ($1, $2, $3, $4, $5)",
        args![part, migration.number, migration.name, migration.hash(), now],
    )
    .await?;
    tracing::info!(part, number = migration.number, name = migration.name, "schema expanded");
    Ok(())
}
