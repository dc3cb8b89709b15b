//! One row of a result, read by position and by the type its column has.

use kernel::Time;
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use crate::Error;

pub struct Row(Inner);

enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self(Inner::Sqlite(row))
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self(Inner::Postgres(row))
    }
}

fn missing(index: usize) -> Error {
    Error::Other(format!("column {index} is unexpectedly empty"))
}

impl Row {
    pub fn int(&self, index: usize) -> Result<i64, Error> {
        self.opt_int(index)?.ok_or_else(|| missing(index))
    }

    pub fn text(&self, index: usize) -> Result<String, Error> {
        self.opt_text(index)?.ok_or_else(|| missing(index))
    }

    pub fn blob(&self, index: usize) -> Result<Vec<u8>, Error> {
        self.opt_blob(index)?.ok_or_else(|| missing(index))
    }

    pub fn bool(&self, index: usize) -> Result<bool, Error> {
        Ok(self.int(index)? != 0)
    }

    pub fn time(&self, index: usize) -> Result<Time, Error> {
        Ok(Time::from_micros(self.int(index)?))
    }

    pub fn opt_time(&self, index: usize) -> Result<Option<Time>, Error> {
        Ok(self.opt_int(index)?.map(Time::from_micros))
    }

    /// An id, a hash, or anything else that is made of bytes and can be refused.
    pub fn parsed<T>(&self, index: usize, parse: impl FnOnce(&[u8]) -> Result<T, kernel::Failure>) -> Result<T, Error> {
        parse(&self.blob(index)?).map_err(|failure| Error::Other(failure.to_string()))
    }

    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, Error> {
        match &self.0 {
            Inner::Sqlite(row) => Ok(row.try_get(index)?),
            // PostgreSQL types a literal such as `1` as a 32-bit integer.
            Inner::Postgres(row) => row
                .try_get::<Option<i64>, _>(index)
                .or_else(|_| Ok(row.try_get::<Option<i32>, _>(index)?.map(i64::from))),
        }
    }

    pub fn opt_text(&self, index: usize) -> Result<Option<String>, Error> {
        match &self.0 {
            Inner::Sqlite(row) => Ok(row.try_get(index)?),
            Inner::Postgres(row) => Ok(row.try_get(index)?),
        }
    }

    pub fn opt_blob(&self, index: usize) -> Result<Option<Vec<u8>>, Error> {
        match &self.0 {
            Inner::Sqlite(row) => Ok(row.try_get(index)?),
            Inner::Postgres(row) => Ok(row.try_get(index)?),
        }
    }
}
