//! Opens a database on either engine, makes sure it keeps what it acknowledges, and hands out transactions.

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    Connection, PgPool, SqliteConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

use crate::{Error, Migrations, Settings, Tx, migration};

/// How long a statement waits for another process' lock on a SQLite file.
const LOCK_WAIT: Duration = Duration::from_secs(10);
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
        let engine = match (&settings.file, &settings.url_file) {
            (Some(file), None) => open_sqlite(file, settings.max_connections).await?,
            (None, Some(file)) => open_postgres(file, settings.max_connections).await?,
            _ => {
                return Err(Error::Other("a database needs exactly one of `file` and `url_file`".into()));
            }
        };
        let outgoing = Arc::new(watch::Sender::new(0));
        let database = Self(Arc::new(Shared { engine, outgoing }));
        migration::run(&database, migrations).await?;
        Ok(database)
    }

    /// A transaction that may write. What is not committed is rolled back when it is dropped.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let outgoing = self.0.outgoing.clone();
        match &self.0.engine {
            Engine::Sqlite { writer, .. } => Ok(Tx::sqlite(writer.begin_with("BEGIN IMMEDIATE").await?, outgoing)),
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

async fn open_postgres(url_file: &Path, connections: u32) -> Result<Engine, Error> {
    let url = tokio::fs::read_to_string(url_file)
        .await
        .map_err(|error| Error::Other(format!("{}: {error}", url_file.display())))?;
    let options = PgConnectOptions::from_str(url.trim())?;
    let pool = PgPoolOptions::new()
        .max_connections(connections.max(2))
        .acquire_timeout(CONNECTION_WAIT)
        .connect_with(options)
        .await?;
    for (setting, refused) in
        [("SHOW fsync", "off"), ("SHOW full_page_writes", "off"), ("SHOW synchronous_commit", "off")]
    {
        let value: String = sqlx::query_scalar(setting).fetch_one(&pool).await?;
        if value == refused {
            return Err(Error::Other(format!(
                "PostgreSQL answers `{refused}` to `{setting}`: it could lose what it acknowledged. Switch it on."
            )));
        }
    }
    Ok(Engine::Postgres(pool))
}
