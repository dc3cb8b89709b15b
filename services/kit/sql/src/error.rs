//! What can go wrong in a store, told apart by what the caller should do about it.

use kernel::Failure;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with the same key exists: somebody was faster, or it is a repetition.
    #[error("a row with this key exists already ({0})")]
    Conflict(String),
    /// Another transaction was in the way; the same transaction may succeed when run again.
    #[error("the database is busy ({0})")]
    Busy(String),
    /// No space is left where the database keeps its data.
    #[error("the database's disk is full")]
    Full,
    /// The database does not answer.
    #[error("the database cannot be reached ({0})")]
    Unreachable(String),
    /// What runs here may not run on this database: nobody waits for it to end.
    #[error("{message}")]
    Refused { code: &'static str, message: String },
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// Whether running the same transaction again can succeed without anybody changing anything.
    pub fn again(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Busy(_))
    }

    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refusal) => of_database(refusal.as_ref()),
            sqlx::Error::PoolTimedOut => Self::Busy("no connection became free in time".into()),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unreachable(error.to_string())
            }
            _ => Self::Other(error.to_string()),
        }
    }
}

fn of_database(refusal: &dyn sqlx::error::DatabaseError) -> Error {
    let code = refusal.code();
    let message = || said(refusal.message(), code.as_deref().unwrap_or_default());
    if refusal.is_unique_violation() {
        return Error::Conflict(refusal.constraint().map_or_else(message, str::to_owned));
    }
    match code.as_deref() {
        // SQLITE_FULL; PostgreSQL disk_full.
        Some("13" | "53100") => Error::Full,
        // SQLITE_BUSY and SQLITE_LOCKED with their extended codes; serialization_failure, deadlock_detected, lock_not_available.
        Some("5" | "6" | "261" | "262" | "517" | "40001" | "40P01" | "55P03") => Error::Busy(message()),
        // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections.
        Some("57P01" | "57P02" | "57P03" | "53300") => Error::Unreachable(message()),
        _ => Error::Other(message()),
    }
}

/// Digits and letters of an SQLSTATE; codes of SQLite are shorter.
const SQLSTATE: usize = 5;

/// Only the engine's own message is kept: PostgreSQL's detail line repeats the values of the row. So does the message itself where a
/// value does not fit its type (class 22), and that of a syntax error repeats the statement.
fn said(message: &str, code: &str) -> String {
    match code {
        _ if code.len() != SQLSTATE => message.to_owned(),
        "42601" => format!("a statement is malformed (SQLSTATE {code})"),
        _ if code.starts_with("22") => format!("a value does not fit (SQLSTATE {code})"),
        _ => format!("{message} (SQLSTATE {code})"),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = match &error {
            Error::Conflict(_) => Failure::conflict(
                "store.conflict",
                "Somebody else changed the same thing at the same moment. Look again, then repeat.",
            ),
            Error::Busy(_) => Failure::unavailable(
                "store.busy",
                "Many people are using the service at this moment. Try again shortly.",
            ),
            Error::Full => Failure::unavailable(
                "store.full",
                "Nothing can be accepted at this moment because storage is full. Nothing was lost; try again later.",
            ),
            Error::Unreachable(_) => Failure::unavailable(
                "store.unreachable",
                "The service cannot reach its records at this moment. Try again shortly.",
            ),
            Error::Refused { code, message } => return Failure::invalid(*code, message.clone()),
            Error::Other(_) => Failure::internal("store.failed", "The service could not read or keep its records."),
        };
        failure.because(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_says_is_told_with_its_code_but_no_value_and_no_statement() {
        assert_eq!(
            said("permission denied to create database", "42501"),
            "permission denied to create database (SQLSTATE 42501)"
        );
        let typed = said("invalid input syntax for type bigint: \"30101850010011\"", "22P02");
        assert_eq!(typed, "a value does not fit (SQLSTATE 22P02)");
        assert_eq!(said("syntax error at or near \"SCRAM\"", "42601"), "a statement is malformed (SQLSTATE 42601)");
        assert_eq!(said("database or disk is full", "13"), "database or disk is full");
    }

    #[test]
    fn a_failure_of_the_store_says_to_those_who_run_it_what_it_came_from() {
        let failure = Failure::from(Error::Other(said("permission denied to create database", "42501")));
        assert_eq!(failure.to_string(), "The service could not read or keep its records. (store.failed)");
        assert!(failure.with_cause().ends_with("permission denied to create database (SQLSTATE 42501)"));
    }
}
