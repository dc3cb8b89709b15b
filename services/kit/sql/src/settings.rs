//! Where a service keeps its data: a SQLite file, or a PostgreSQL database.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Exactly one of `file` and `url_file` is set; the engine follows from it, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// SQLite: the database file; made when missing.
    pub file: Option<PathBuf>,
    /// PostgreSQL: a file that holds the connection URL, such as postgres://user:password@host/database. Its role reads
    /// and writes rows and cannot change the schema; in a trial it may be the owner's. Another machine is reached by TLS
    /// (`sslmode=require`), with `?sslrootcert=FILE` only if it proves its name (the certificate itself may stand in the
    /// file's place); `?sslmode=disable` does without.
    pub url_file: Option<PathBuf>,
    /// PostgreSQL: a file that holds the URL of the role that owns the schema: used at start to expand it, then let go.
    /// Left out where something else expands the schema before.
    pub owner_url_file: Option<PathBuf>,
    /// Connections at most; on SQLite, connections that read (one more writes).
    pub max_connections: u32,
    /// PostgreSQL: connections are let go after so many seconds without work; a process with nothing to do holds none.
    pub idle_s: u64,
    /// PostgreSQL: a server that does not answer a statement within so many seconds counts as lost: connections to it are
    /// given up and made anew.
    pub answer_s: u64,
    /// Refuses a `url_file` whose role may change the schema. Not a setting: production wants it so.
    #[serde(skip)]
    pub separate_roles: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: None,
            url_file: None,
            owner_url_file: None,
            max_connections: 8,
            idle_s: 30,
            answer_s: 30,
            separate_roles: false,
        }
    }
}

impl Settings {
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self { file: Some(path.as_ref().to_owned()), ..Self::default() }
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_s.max(1))
    }

    pub(crate) fn answer(&self) -> Duration {
        Duration::from_secs(self.answer_s.max(1))
    }

    pub fn url_file(path: impl AsRef<Path>) -> Self {
        Self { url_file: Some(path.as_ref().to_owned()), ..Self::default() }
    }
}
