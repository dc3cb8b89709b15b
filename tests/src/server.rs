//! A PostgreSQL server of a platform's own, whose files a journey reads as whoever took them away would.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use testkit::OverNetwork;

use crate::traces::SERVICES;

/// What SQLite calls it, so that journeys ask both engines in the same words.
const ZEROBLOB: &str = "CREATE FUNCTION zeroblob(bytes integer) RETURNS bytea LANGUAGE sql IMMUTABLE \
                        AS $$ SELECT decode(repeat('00', bytes), 'hex') $$";
/// Words that are kept compressed would not be found.
const COMPRESSED: &str = "SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE EXTERNAL', attrelid::regclass, attname) \
                          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid \
                          WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 \
                          AND NOT attisdropped AND attstorage = 'x'";

pub struct Server {
    server: OverNetwork,
    /// What tells a platform to keep its data here.
    pub settings: Vec<String>,
}

impl Server {
    /// With a database and two roles a service, as in production, for the platform in this folder. Of its log nothing goes: it is read as
    /// whoever archives it has it.
    pub async fn of_platform(folder: &Path) -> Self {
        let mut made = Self { server: testkit::over_network(false), settings: Vec::new() };
        made.run("postgres", "ALTER SYSTEM SET wal_keep_size = '8GB'").await;
        made.run("postgres", "SELECT pg_reload_conf()").await;
        let (urls, data) = (folder.join("urls"), folder.join("data/db"));
        for folder in [&urls, &data] {
            std::fs::create_dir_all(folder).expect("the folder can be written");
        }
        for service in SERVICES {
            let host = sql::Host {
                name: "host".to_owned(),
                password: "host".to_owned(),
                hosted: sql::Hosted::Every,
                connections: None,
            };
            let plan = sql::Plan { database: database(service), owner_password: "owner".to_owned(), hosts: vec![host] };
            let provisioned = sql::provision(&made.server.administrator_url("postgres"), &plan).await;
            let provisioned = provisioned.unwrap_or_else(|error| panic!("{service}: {error}"));
            for (setting, url) in [("owner_url_file", &provisioned.owner_url), ("url_file", &provisioned.host_urls[0])]
            {
                let file = urls.join(format!("{service}.{setting}"));
                std::fs::write(&file, url).expect("the folder can be written");
                made.settings.push(format!("{service}.database.{setting}={}", file.display()));
            }
            let administrator = made.server.administrator_url(&database(service));
            std::fs::write(data.join(format!("{service}.url")), administrator).expect("the folder can be written");
            made.run(&database(service), ZEROBLOB).await;
        }
        made
    }

    /// Once the services have made their tables: what is kept from here on lies there as it is.
    pub async fn compresses_nothing(&self) {
        for service in SERVICES {
            let mut connection = self.connect(&database(service)).await;
            let found = sqlx::query_scalar(COMPRESSED).fetch_all(&mut connection).await;
            let statements: Vec<String> = found.expect("an administrator reads the catalogue");
            assert!(!statements.is_empty(), "{service} has tables");
            // One by one: whoever holds several locks could wait for a service that waits for them.
            for statement in statements {
                self.run(&database(service), &statement).await;
            }
        }
    }

    /// All databases as they are now, a file each.
    pub fn dump(&self, folder: &Path) {
        std::fs::create_dir_all(folder).expect("the folder can be written");
        for service in SERVICES {
            self.server.dump(&database(service), &folder.join(format!("{service}.sql")));
        }
    }

    /// Whatever the server still held in memory is in its files.
    pub async fn writes_all(&self) {
        self.run("postgres", "CHECKPOINT").await;
    }

    pub fn files(&self) -> &Path {
        &self.server.folder
    }

    pub fn tables(&self) -> PathBuf {
        self.server.folder.join("data/base")
    }

    /// From its first file on.
    pub fn log(&self) -> PathBuf {
        let log = self.server.folder.join("data/pg_wal");
        assert!(log.join("000000010000000000000001").exists(), "nothing of the log has gone");
        log
    }

    async fn run(&self, database: &str, statement: &str) {
        let mut connection = self.connect(database).await;
        let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
        done.unwrap_or_else(|error| panic!("{database}: {statement}: {error}"));
    }

    async fn connect(&self, database: &str) -> PgConnection {
        let connected = PgConnection::connect(&self.server.administrator_url(database)).await;
        connected.unwrap_or_else(|error| panic!("{database}: {error}"))
    }
}

fn database(service: &str) -> String {
    format!("xizmat_{service}")
}
