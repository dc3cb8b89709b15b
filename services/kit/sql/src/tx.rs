//! One transaction: the same statements on both engines; acts and outgoing messages take effect with its commit or not at all.

use std::sync::Arc;

use kernel::Time;
use sqlx::{Postgres, SqlSafeStr, Sqlite, SqlitePool, Transaction};

use crate::{Error, Row, Value, args, audit, database::LOCK_WAIT, pool::Held, work::Work};

pub struct Tx {
    engine: Engine,
    work: Arc<Work>,
    leaves_work: bool,
    /// Where SQLite's log is emptied when this transaction destroys what must not be found again.
    writer: Option<SqlitePool>,
    destroys: bool,
    pub(crate) acts: Vec<audit::Act>,
}

enum Engine {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>, Held),
}

macro_rules! bound {
    ($engine:ty, $sql:expr, $arguments:expr) => {{
        let mut query = sqlx::query::<$engine>($sql);
        for argument in $arguments {
            query = match argument {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Blob(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Tx {
    pub(crate) fn sqlite(begun: Transaction<'static, Sqlite>, work: Arc<Work>) -> Self {
        Self::begun(Engine::Sqlite(begun), work)
    }

    pub(crate) fn postgres((begun, held): (Transaction<'static, Postgres>, Held), work: Arc<Work>) -> Self {
        Self::begun(Engine::Postgres(begun, held), work)
    }

    fn begun(engine: Engine, work: Arc<Work>) -> Self {
        Self { engine, work, leaves_work: false, writer: None, destroys: false, acts: Vec::new() }
    }

    pub(crate) fn writing(self, writer: SqlitePool) -> Self {
        Self { writer: Some(writer), ..self }
    }

    /// What this transaction overwrites or deletes is a key: after the commit no older copy is left in SQLite's own log.
    /// On PostgreSQL dead rows and the log go with VACUUM and the archive's own end.
    pub fn destroys(&mut self) {
        self.destroys = true;
    }

    /// Runs a statement; says how many rows it touched.
    pub async fn execute(&mut self, sql: impl SqlSafeStr, arguments: Vec<Value>) -> Result<u64, Error> {
        Ok(match &mut self.engine {
            Engine::Sqlite(tx) => bound!(Sqlite, sql, arguments).execute(&mut **tx).await?.rows_affected(),
            Engine::Postgres(tx, held) => {
                held.answers(bound!(Postgres, sql, arguments).execute(&mut **tx)).await?.rows_affected()
            }
        })
    }

    pub async fn fetch_all(&mut self, sql: impl SqlSafeStr, arguments: Vec<Value>) -> Result<Vec<Row>, Error> {
        Ok(match &mut self.engine {
            Engine::Sqlite(tx) => {
                let rows = bound!(Sqlite, sql, arguments).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::from).collect()
            }
            Engine::Postgres(tx, held) => {
                let rows = held.answers(bound!(Postgres, sql, arguments).fetch_all(&mut **tx)).await?;
                rows.into_iter().map(Row::from).collect()
            }
        })
    }

    pub async fn fetch_optional(&mut self, sql: impl SqlSafeStr, arguments: Vec<Value>) -> Result<Option<Row>, Error> {
        Ok(match &mut self.engine {
            Engine::Sqlite(tx) => bound!(Sqlite, sql, arguments).fetch_optional(&mut **tx).await?.map(Row::from),
            Engine::Postgres(tx, held) => {
                held.answers(bound!(Postgres, sql, arguments).fetch_optional(&mut **tx)).await?.map(Row::from)
            }
        })
    }

    pub async fn fetch_one(&mut self, sql: impl SqlSafeStr, arguments: Vec<Value>) -> Result<Row, Error> {
        self.fetch_optional(sql, arguments)
            .await?
            .ok_or_else(|| Error::Other("a row that must exist is missing".into()))
    }

    /// The database's clock: for leases and due times, which several replicas compare.
    pub async fn database_now(&mut self) -> Result<Time, Error> {
        let sql = match &self.engine {
            Engine::Sqlite(_) => "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
            Engine::Postgres(..) => "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
        };
        self.fetch_one(sql, args![]).await?.time(0)
    }

    /// Unpredictable bytes from the engine itself.
    pub(crate) async fn salt(&mut self) -> Result<Vec<u8>, Error> {
        let sql = match &self.engine {
            Engine::Sqlite(_) => "SELECT randomblob(16)",
            Engine::Postgres(..) => "SELECT uuid_send(gen_random_uuid())",
        };
        self.fetch_one(sql, args![]).await?.blob(0)
    }

    pub async fn commit(mut self) -> Result<(), Error> {
        audit::write(&mut self).await?;
        match self.engine {
            Engine::Sqlite(tx) => tx.commit().await?,
            Engine::Postgres(tx, held) => held.answers(tx.commit()).await?,
        }
        if self.leaves_work {
            self.work.came();
        }
        if let Some(writer) = self.writer.filter(|_| self.destroys)
            && let Err(error) = empty_log(&writer).await
        {
            // Committed all the same; the log is written back at the next checkpoint.
            tracing::warn!(%error, "an older copy of a destroyed key stays in the log for a while");
        }
        Ok(())
    }

    pub async fn rollback(self) -> Result<(), Error> {
        match self.engine {
            Engine::Sqlite(tx) => tx.rollback().await?,
            Engine::Postgres(tx, held) => held.answers(tx.rollback()).await?,
        }
        Ok(())
    }

    /// What is committed here has to be followed by something: whoever rests looks ([`crate::Database::commits`]).
    pub fn leaves_work(&mut self) {
        self.leaves_work = true;
    }

    /// Several statements at once, without arguments; the engine's own words are put in for our tokens.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<(), Error> {
        match &mut self.engine {
            Engine::Sqlite(tx) => {
                let sql = sql.replace("AUTOID", "INTEGER PRIMARY KEY AUTOINCREMENT");
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await?;
            }
            Engine::Postgres(tx, held) => {
                let sql =
                    sql.replace("AUTOID", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY").replace("BLOB", "BYTEA");
                held.answers(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut **tx)).await?;
            }
        }
        Ok(())
    }

    /// Held to the end of the transaction: one process migrates at a time. SQLite's writer is alone anyway.
    pub(crate) async fn lock_schema(&mut self) -> Result<(), Error> {
        if let Engine::Postgres(..) = self.engine {
            self.execute("SELECT pg_advisory_xact_lock($1)", args![0x0078_697a_6d61_7401_i64]).await?;
        }
        Ok(())
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(..))
    }
}

/// Writes SQLite's log back and cuts it to nothing. Readers are waited for only shortly, because writers wait meanwhile.
async fn empty_log(writer: &SqlitePool) -> Result<(), Error> {
    let mut connection = writer.acquire().await?;
    sqlx::raw_sql("PRAGMA busy_timeout = 250").execute(&mut *connection).await?;
    let done: Result<i64, _> = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
    let restored = format!("PRAGMA busy_timeout = {}", LOCK_WAIT.as_millis());
    sqlx::raw_sql(sqlx::AssertSqlSafe(restored)).execute(&mut *connection).await?;
    match done? {
        0 => Ok(()),
        _ => Err(Error::Other("a reader still uses the log".into())),
    }
}
