//! Who may do what on PostgreSQL: an owner expands the schema, those who serve read and write rows.

use kernel::Failure;
use sql::{AssertSqlSafe, Database, Error, Host, Hosted, Migration, Migrations, Plan, Settings, args};

use super::{MIGRATIONS, NOW, message};

fn postgres() -> Option<Settings> {
    testkit::stores().into_iter().find(|(engine, _)| *engine == "postgres").map(|(_, settings)| settings)
}

async fn code(opened: Result<Database, Error>) -> String {
    match opened {
        Ok(_) => String::new(),
        Err(error) => Failure::from(error).code.into_owned(),
    }
}

#[tokio::test]
async fn an_act_is_written_once_and_only_its_content_can_be_erased() {
    for (engine, settings) in testkit::stores() {
        let database = Database::open(&settings, MIGRATIONS).await.unwrap();
        let mut tx = database.begin().await.unwrap();
        let act = sql::audit::Act { time: NOW, act: "case.opened".into(), subject: vec![1; 16], ..Default::default() };
        sql::audit::append(&mut tx, &act).await.unwrap();
        tx.commit().await.unwrap();
        database.close().await;
        testkit::are_written_once(&settings, MIGRATIONS, &[("audit", "act")]).await;
        let owned = Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap();
        let erases = "UPDATE audit SET actor = NULL, subject = NULL, detail = NULL, salt = NULL";
        for more in [", hash = commitment", ", act = 'case.closed'", ", sequence = 2", ", time = time + 1"] {
            let mut tx = owned.begin().await.unwrap();
            let refused = tx.execute(AssertSqlSafe(format!("{erases}{more}")), args![]).await.unwrap_err();
            assert!(refused.to_string().contains("written once"), "{engine}: {more}: {refused}");
        }
        let mut tx = owned.begin().await.unwrap();
        assert_eq!(tx.execute(erases, args![]).await.unwrap(), 1, "{engine}");
        assert_eq!(sql::audit::verify(&mut tx).await.unwrap().erased, 1, "{engine}");
    }
}

#[tokio::test]
async fn the_role_that_serves_can_change_neither_the_schema_nor_its_own_limits() {
    let Some(settings) = postgres() else { return };
    let database = Database::open(&settings, MIGRATIONS).await.unwrap();
    let mut tx = database.begin().await.unwrap();
    sql::outbox::enqueue(&mut tx, &message(1)).await.unwrap();
    sql::outbox::assign(&mut tx, 10).await.unwrap();
    tx.execute("INSERT INTO things (name) VALUES ('x')", args![]).await.unwrap();
    tx.execute("UPDATE things SET size = 1", args![]).await.unwrap();
    tx.execute("DELETE FROM things", args![]).await.unwrap();
    tx.commit().await.unwrap();
    for forbidden in [
        "CREATE TABLE own (id BIGINT)",
        "CREATE TEMPORARY TABLE own (id BIGINT)",
        "CREATE SCHEMA own",
        "CREATE ROLE another",
        "ALTER TABLE things ADD COLUMN own BIGINT",
        "ALTER TABLE things DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_no_delete ON audit",
        "DROP TABLE things",
        "TRUNCATE things",
        "CREATE INDEX own ON things (size)",
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE sql AS ''",
        "INSERT INTO role_services (role, service) VALUES (current_user, 'justice/other')",
        "UPDATE role_services SET service = '*'",
        "DELETE FROM migrations",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "SELECT pg_read_file('/etc/passwd')",
    ] {
        let mut tx = database.begin().await.unwrap();
        assert!(tx.execute(forbidden, args![]).await.is_err(), "{forbidden}");
    }
    let mut tx = database.begin().await.unwrap();
    let owner = tx.fetch_one("SELECT current_database() || '_owner'", args![]).await.unwrap().text(0).unwrap();
    assert!(tx.execute(AssertSqlSafe(format!("SET ROLE {owner}")), args![]).await.is_err());
}

#[tokio::test]
async fn whoever_serves_waits_for_the_owner_and_runs_on_a_newer_schema() {
    const LATER: Migrations =
        &[MIGRATIONS[0], Migration::new(2, "colours", "ALTER TABLE things ADD COLUMN colour TEXT;")];
    let Some(both) = postgres() else { return };
    let serving = Settings { owner_url_file: None, ..both.clone() };
    assert_eq!(code(Database::open(&serving, MIGRATIONS).await).await, "store.schema-behind");
    Database::open(&both, MIGRATIONS).await.unwrap();
    let old = Database::open(&serving, MIGRATIONS).await.unwrap();
    assert_eq!(code(Database::open(&serving, LATER).await).await, "store.schema-behind");
    Database::open(&both, LATER).await.unwrap();
    let new = Database::open(&serving, LATER).await.unwrap();
    for (database, sql) in [
        (&old, "INSERT INTO things (name) VALUES ('a')"),
        (&new, "INSERT INTO things (name, colour) VALUES ('b', 'red')"),
    ] {
        let mut tx = database.begin().await.unwrap();
        tx.execute(sql, args![]).await.unwrap();
        tx.commit().await.unwrap();
    }
    Database::open(&serving, MIGRATIONS).await.unwrap();
}

#[tokio::test]
async fn one_role_for_everything_is_for_trials_only() {
    let Some(both) = postgres() else { return };
    let one = testkit::owned(&both);
    assert_eq!(code(Database::open(&one, MIGRATIONS).await).await, "");
    let production = Settings { separate_roles: true, ..one.clone() };
    assert_eq!(code(Database::open(&production, MIGRATIONS).await).await, "store.one-role");
    let twice = Settings { owner_url_file: one.url_file.clone(), ..production };
    assert_eq!(code(Database::open(&twice, MIGRATIONS).await).await, "store.one-role");
    assert_eq!(code(Database::open(&Settings { separate_roles: true, ..both }, MIGRATIONS).await).await, "");
}

#[tokio::test]
async fn a_store_is_named_in_one_way() {
    let file = Settings::file("/nowhere/x.sqlite");
    let url = Settings::url_file("/nowhere/x.url");
    for settings in [
        Settings::default(),
        Settings { url_file: url.url_file.clone(), ..file.clone() },
        Settings { owner_url_file: url.url_file.clone(), ..file },
        Settings { owner_url_file: url.url_file.clone(), ..Settings::default() },
    ] {
        assert_eq!(code(Database::open(&settings, MIGRATIONS).await).await, "store.settings", "{settings:?}");
    }
    assert_eq!(code(Database::open(&url, MIGRATIONS).await).await, "store.url-file");
}

#[tokio::test]
async fn a_name_that_postgresql_would_read_otherwise_is_refused() {
    for (database, host) in [("x; DROP TABLE y", "a"), ("", "a"), ("Xizmat", "a"), ("x", "owner"), ("x", "runtime")] {
        let host = Host { name: host.into(), password: "p".into(), hosted: Hosted::Every, connections: None };
        let plan = Plan { database: database.into(), owner_password: "p".into(), hosts: vec![host] };
        let refused = sql::provision("postgres:///postgres?host=/nowhere", &plan).await.err().unwrap();
        assert_eq!(Failure::from(refused).code, "store.name", "{database}");
    }
}

#[tokio::test]
async fn a_server_that_could_lose_what_it_acknowledged_is_refused() {
    if postgres().is_none() {
        return;
    }
    let server = testkit::over_network(false);
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
    let file = testkit::folder().join("not-durable.url");
    std::fs::write(&file, &url).unwrap();
    let settings = Settings::url_file(&file);
    assert_eq!(code(Database::open(&settings, MIGRATIONS).await).await, "");
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        assert_eq!(asked(&url, setting, "off").await, "off");
        assert_eq!(code(Database::open(&settings, MIGRATIONS).await).await, "store.not-durable", "{setting}");
        assert_eq!(asked(&url, setting, "on").await, "on");
        assert_eq!(code(Database::open(&settings, MIGRATIONS).await).await, "", "{setting}");
    }
}

/// Sets it for the whole server, and waits until new connections see it.
async fn asked(url: &str, setting: &str, value: &str) -> String {
    use sqlx::Connection;
    let sql = |sql: String| sqlx::raw_sql(AssertSqlSafe(sql));
    let mut administrator = sqlx::PgConnection::connect(url).await.unwrap();
    sql(format!("ALTER SYSTEM SET {setting} = {value}")).execute(&mut administrator).await.unwrap();
    sql("SELECT pg_reload_conf()".into()).execute(&mut administrator).await.unwrap();
    let mut shown = String::new();
    for _ in 0..200 {
        let mut fresh = sqlx::PgConnection::connect(url).await.unwrap();
        shown = sqlx::query_scalar(AssertSqlSafe(format!("SHOW {setting}"))).fetch_one(&mut fresh).await.unwrap();
        if shown == value {
            break;
        }
    }
    shown
}
