//! Opens a database on either engine, makes sure it keeps what it acknowledges, and hands out transactions.

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

use crate::{Error, Migrations, Settings, Tx, address, migration, pool::Pool, roles, work::Work};

/// How long a statement waits for another process' lock on a SQLite file.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(10);
/// How long a transaction waits for a connection.
pub(crate) const CONNECTION_WAIT: Duration = Duration::from_secs(15);
/// Who changes a schema or a server may wait for others, and moves much at once.
const OWNERS_ANSWER: Duration = Duration::from_secs(3600);

#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
    /// Through this handle somebody only looks whether there is anything to do.
    quiet: bool,
}

struct Shared {
    engine: Engine,
    work: Arc<Work>,
}

enum Engine {
    /// SQLite admits one writer: one connection writes, the others only read.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(Arc<Pool>),
}

impl Database {
    pub async fn open(settings: &Settings, migrations: Migrations) -> Result<Self, Error> {
        let (file, url_file, owner_url_file) = (&settings.file, &settings.url_file, &settings.owner_url_file);
        match (file, url_file, owner_url_file) {
            (Some(file), None, None) => {
                let engine = open_sqlite(file, settings.max_connections, true).await?;
                let database = Self::over(engine, Work::new(settings.idle()));
                migration::run(&database, migrations).await?;
                Ok(database)
            }
            (None, Some(file), owner) => {
                if let Some(owner) = owner {
                    let owner = Self::at(&read_url(owner).await?, 1).await?;
                    migration::run(&owner, migrations).await?;
                    owner.close().await;
                }
                let url = read_url(file).await?;
                let database = Self::reach(&url, settings.max_connections, settings.idle(), settings.answer()).await?;
                roles::settle(&database, migrations, settings).await?;
                Ok(database)
            }
            _ => Err(Error::refused(
                "store.settings",
                "A database is either a SQLite `file`, or a PostgreSQL `url_file` with its `owner_url_file`.",
            )),
        }
    }

    /// A SQLite database that is there already; its schema is left as it is.
    pub(crate) async fn existing(file: &Path) -> Result<Self, Error> {
        let settings = Settings::default();
        let engine = open_sqlite(file, settings.max_connections, false).await?;
        Ok(Self::over(engine, Work::new(settings.idle())))
    }

    /// A PostgreSQL database as the role of this URL sees it; its schema is left as it is.
    pub(crate) async fn at(url: &str, connections: u32) -> Result<Self, Error> {
        Self::reach(url, connections, Settings::default().idle(), OWNERS_ANSWER).await
    }

    async fn reach(url: &str, connections: u32, idle: Duration, answer: Duration) -> Result<Self, Error> {
        let work = Arc::new(Work::new(idle));
        let engine = open_postgres(url, connections, work.clone(), answer).await?;
        let database = Self { shared: Arc::new(Shared { engine, work }), quiet: false };
        let_go_without_work(&database.shared);
        Ok(database)
    }

    fn over(engine: Engine, work: Work) -> Self {
        Self { shared: Arc::new(Shared { engine, work: Arc::new(work) }), quiet: false }
    }

    /// The same database for whoever only looks whether there is anything to do: on PostgreSQL that opens a connection and
    /// lets it go again, unless somebody works anyway. Otherwise a process that looks now and then would hold one for ever.
    pub fn quietly(&self) -> Self {
        Self { shared: self.shared.clone(), quiet: true }
    }

    /// A transaction that may write. What is not committed is rolled back when it is dropped.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let work = self.work();
        match &self.shared.engine {
            Engine::Sqlite { writer, .. } => {
                let begun = writer.begin_with("BEGIN IMMEDIATE").await?;
                Ok(Tx::sqlite(begun, work).writing(writer.clone()))
            }
            Engine::Postgres(pool) => Ok(Tx::postgres(pool.begin("BEGIN").await?, work)),
        }
    }

    /// A transaction that reads one consistent state.
    pub async fn read(&self) -> Result<Tx, Error> {
        let work = self.work();
        match &self.shared.engine {
            Engine::Sqlite { readers, .. } => Ok(Tx::sqlite(readers.begin().await?, work)),
            Engine::Postgres(pool) => {
                Ok(Tx::postgres(pool.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?, work))
            }
        }
    }

    fn work(&self) -> Arc<Work> {
        if !self.quiet {
            self.shared.work.goes_on();
        }
        self.shared.work.clone()
    }

    /// Changes each time this process commits something that leaves work: messages to be published, and whatever says so
    /// ([`Tx::leaves_work`]). Other processes' commits are found by looking.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.shared.work.commits()
    }

    /// Somebody saw that another process left messages.
    pub fn wake(&self) {
        self.shared.work.wake();
    }

    /// Returns once [`Self::wake`] was called since the last time.
    pub async fn woken(&self) {
        self.shared.work.woken().await;
    }

    pub async fn close(&self) {
        match &self.shared.engine {
            Engine::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(file: &Path, readers: u32, make: bool) -> Result<Engine, Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(make)
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

pub(crate) async fn read_url(file: &Path) -> Result<String, Error> {
    let url = tokio::fs::read_to_string(file).await;
    url.map_err(|error| Error::refused("store.url-file", format!("{} cannot be read: {error}.", file.display())))
}

/// A server has few connections and many processes: without work all are let go. The pool's own way would not do it, because it
/// forgets at each round how long a connection has been idle.
fn let_go_without_work(shared: &Arc<Shared>) {
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        while let Some(held) = shared.upgrade() {
            let Engine::Postgres(pool) = &held.engine else { return };
            let pool = pool.current();
            if pool.is_closed() {
                return;
            }
            let mut pause = held.work.connections_last();
            if pause.is_zero() {
                while let Some(connection) = pool.try_acquire() {
                    if let Err(error) = connection.close().await {
                        tracing::debug!(%error, "a connection that nobody needed was gone already");
                    }
                }
                pause = held.work.idle();
            }
            drop(held);
            tokio::time::sleep(pause).await;
        }
    });
}

async fn open_postgres(url: &str, connections: u32, work: Arc<Work>, answer: Duration) -> Result<Engine, Error> {
    // Whoever waits for another's lock is told so before the server counts as lost: what is given up here would go on waiting
    // there and hold a connection. A limit for whole statements would also end a commit's wait for a standby, as if it had come.
    let options = address::options(url.trim())?.options([("lock_timeout", (answer * 4 / 5).as_millis())]);
    let pooled = PgPoolOptions::new()
        .max_connections(connections.max(2))
        .acquire_timeout(CONNECTION_WAIT)
        .idle_timeout(None)
        .after_release(move |_, _| {
            let held = !work.connections_last().is_zero();
            Box::pin(async move { Ok(held) })
        });
    let pool = Pool::connect(pooled, options.clone(), answer).await;
    let pool = pool.map_err(|error| address::unprotected(error, &options))?;
    for (setting, refused) in
        [("SHOW fsync", "off"), ("SHOW full_page_writes", "off"), ("SHOW synchronous_commit", "off")]
    {
        let value: String = sqlx::query_scalar(setting).fetch_one(&pool.current()).await?;
        if value == refused {
            let message = format!(
                "PostgreSQL answers `{refused}` to `{setting}`: it could lose what it acknowledged. Switch it on."
            );
            return Err(Error::refused("store.not-durable", message));
        }
    }
    Ok(Engine::Postgres(Arc::new(pool)))
}
