//! Opens a database on either engine, makes sure it keeps what it acknowledges, and hands out transactions.

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    Connection, PgPool, SqliteConnection, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

use crate::{Error, Migrations, Settings, Tx, address, migration, roles};

/// How long a statement waits for another process' lock on a SQLite file.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(10);
/// How long a transaction waits for a connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub struct Database(Arc<Shared>);

struct Shared {
    engine: Engine,
    outgoing: Arc<watch::Sender<u64>>,
}

enum Engine {
    /// SQLite admits one writer: one connection writes, the others only read.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl Database {
    pub async fn open(settings: &Settings, migrations: Migrations) -> Result<Self, Error> {
        let (file, url_file, owner_url_file) = (&settings.file, &settings.url_file, &settings.owner_url_file);
        match (file, url_file, owner_url_file) {
            (Some(file), None, None) => {
                let database = Self::over(open_sqlite(file, settings.max_connections).await?);
                migration::run(&database, migrations).await?;
                Ok(database)
            }
            (None, Some(file), owner) => {
                if let Some(owner) = owner {
                    let owner = Self::at(&read_url(owner).await?, 1).await?;
                    migration::run(&owner, migrations).await?;
                    owner.close().await;
                }
                let database = Self::at(&read_url(file).await?, settings.max_connections).await?;
                roles::settle(&database, migrations, settings).await?;
                Ok(database)
            }
            _ => Err(Error::refused(
                "store.settings",
                "A database is either a SQLite `file`, or a PostgreSQL `url_file` with its `owner_url_file`.",
            )),
        }
    }

    /// A PostgreSQL database as the role of this URL sees it; its schema is left as it is.
    pub(crate) async fn at(url: &str, connections: u32) -> Result<Self, Error> {
        Ok(Self::over(open_postgres(url, connections).await?))
    }

    fn over(engine: Engine) -> Self {
        Self(Arc::new(Shared { engine, outgoing: Arc::new(watch::Sender::new(0)) }))
    }

    /// A transaction that may write. What is not committed is rolled back when it is dropped.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let outgoing = self.0.outgoing.clone();
        match &self.0.engine {
            Engine::Sqlite { writer, .. } => {
                let begun = writer.begin_with("BEGIN IMMEDIATE").await?;
                Ok(Tx::sqlite(begun, outgoing).writing(writer.clone()))
            }
            Engine::Postgres(pool) => Ok(Tx::postgres(pool.begin().await?, outgoing)),
        }
    }

    /// A transaction that reads one consistent state.
    pub async fn read(&self) -> Result<Tx, Error> {
        let outgoing = self.0.outgoing.clone();
        match &self.0.engine {
            Engine::Sqlite { readers, .. } => Ok(Tx::sqlite(readers.begin().await?, outgoing)),
            Engine::Postgres(pool) => {
                let begun = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                Ok(Tx::postgres(begun, outgoing))
            }
        }
    }

    /// Changes each time this process commits outgoing messages; other replicas' commits are found by looking.
    pub fn outgoing(&self) -> watch::Receiver<u64> {
        self.0.outgoing.subscribe()
    }

    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(file: &Path, readers: u32) -> Result<Engine, Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted or overwritten is zeroed in the file: destroyed keys must not lie in free pages.
        .pragma("secure_delete", "on")
        // A row that replaces another deletes it, and triggers are asked.
        .pragma("recursive_triggers", "on")
        .busy_timeout(LOCK_WAIT);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(CONNECTION_WAIT)
        .before_acquire(|connection, _| Box::pin(is_free(connection)))
        .connect_with(options.clone())
        .await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(readers.max(1))
        .acquire_timeout(CONNECTION_WAIT)
        .before_acquire(|connection, _| Box::pin(is_free(connection)))
        .connect_lazy_with(options.pragma("query_only", "on"));
    Ok(Engine::Sqlite { writer, readers })
}

/// A full disk makes SQLite roll back by itself; the driver then fails to roll back and would count that transaction
/// as open for ever. Such a connection is closed, another takes its place.
async fn is_free(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The pool has asked the connection already: what was still to be rolled back came before that answer.
    Ok(!connection.is_in_transaction())
}

async fn read_url(file: &Path) -> Result<String, Error> {
    let url = tokio::fs::read_to_string(file).await;
    url.map_err(|error| Error::refused("store.url-file", format!("{} cannot be read: {error}.", file.display())))
}

async fn open_postgres(url: &str, connections: u32) -> Result<Engine, Error> {
    let options = address::options(url.trim())?;
    let pool = PgPoolOptions::new()
        .max_connections(connections.max(2))
        .acquire_timeout(CONNECTION_WAIT)
        .connect_with(options.clone())
        .await
        .map_err(|error| address::unprotected(error, &options))?;
    for (setting, refused) in
        [("SHOW fsync", "off"), ("SHOW full_page_writes", "off"), ("SHOW synchronous_commit", "off")]
    {
        let value: String = sqlx::query_scalar(setting).fetch_one(&pool).await?;
        if value == refused {
            let message = format!(
                "PostgreSQL answers `{refused}` to `{setting}`: it could lose what it acknowledged. Switch it on."
            );
            return Err(Error::refused("store.not-durable", message));
        }
    }
    Ok(Engine::Postgres(pool))
}
