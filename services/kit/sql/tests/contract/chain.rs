//! The chain of acts as whoever only looks at it sees it: how far it holds, and what somebody witnessed of it before.

use kernel::{Hash, Time};
use sql::{
    Database, args,
    audit::{self, Act},
};

use super::{MIGRATIONS, NOW};

async fn acted(database: &Database, count: u8) {
    for number in 0..count {
        let mut tx = database.begin().await.unwrap();
        let time = NOW.plus(std::time::Duration::from_secs(u64::from(number)));
        let act = Act { time, act: "case.opened".into(), subject: vec![number; 16], ..Act::default() };
        audit::append(&mut tx, &act).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_chain_without_its_end_holds_and_whoever_witnessed_the_end_sees_it() {
    for (engine, settings) in testkit::stores() {
        Database::open(&settings, MIGRATIONS).await.unwrap().close().await;
        let database = Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap();
        acted(&database, 4).await;
        let mut tx = database.begin().await.unwrap();
        let whole = audit::examine(&mut tx, 4).await.unwrap();
        let (acts, witnessed) = audit::head(&mut tx).await.unwrap();
        assert_eq!((acts, whole.hash_at, whole.broken), (4, Some(witnessed), None), "{engine}");
        assert_eq!(
            (whole.proof.first, whole.proof.last),
            (Some(NOW), Some(Time::from_micros(NOW.micros() + 3_000_000)))
        );
        let third = audit::read(&mut tx, 2, 1).await.unwrap().remove(0);
        // Whoever owns the schema cuts the end off and writes the head anew.
        for table in ["audit_no_delete", "audit_no_update"] {
            let on = if engine == "sqlite" { "" } else { " ON audit" };
            tx.execute(sql::AssertSqlSafe(format!("DROP TRIGGER {table}{on}")), args![]).await.unwrap();
        }
        tx.execute("DELETE FROM audit WHERE sequence = 4", args![]).await.unwrap();
        let broken = audit::examine(&mut tx, 4).await.unwrap().broken.unwrap();
        assert_eq!(broken.sequence, 4, "{engine}: the head still names it");
        tx.execute("UPDATE audit_head SET last = 3, hash = $1", args![third.hash]).await.unwrap();
        let cut = audit::examine(&mut tx, 4).await.unwrap();
        assert_eq!((cut.broken, cut.hash_at, cut.proof.acts), (None, None, 3), "{engine}");
        // What was witnessed of an earlier act still fits.
        assert_eq!(audit::examine(&mut tx, 3).await.unwrap().hash_at, Some(third.hash), "{engine}");
    }
}

#[tokio::test]
async fn an_act_whose_salt_alone_is_gone_is_not_taken_for_an_erased_one() {
    for (engine, settings) in testkit::stores() {
        Database::open(&settings, MIGRATIONS).await.unwrap().close().await;
        let database = Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap();
        acted(&database, 2).await;
        let mut tx = database.begin().await.unwrap();
        let on = if engine == "sqlite" { "" } else { " ON audit" };
        tx.execute(sql::AssertSqlSafe(format!("DROP TRIGGER audit_no_update{on}")), args![]).await.unwrap();
        let another = "UPDATE audit SET salt = NULL, subject = $1 WHERE sequence = 2";
        tx.execute(another, args![vec![9_u8; 16]]).await.unwrap();
        let broken = audit::examine(&mut tx, 0).await.unwrap().broken.unwrap();
        assert_eq!(broken.to_string(), "audit row 2: its content cannot be proved", "{engine}");
    }
}

#[tokio::test]
async fn whoever_is_told_the_rows_recomputes_the_chain() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        acted(&database, 3).await;
        let mut tx = database.read().await.unwrap();
        let mut hash = Hash::of(b"");
        for row in audit::read(&mut tx, 0, 10).await.unwrap() {
            hash = audit::link(hash, row.sequence, row.act.time, &row.act.act, &row.act.agency, row.commitment);
            assert_eq!(hash, row.hash, "{engine}");
        }
        assert_eq!(audit::head(&mut tx).await.unwrap(), (3, hash), "{engine}");
    }
}

#[tokio::test]
async fn whoever_only_looks_finds_each_database_with_a_chain_and_changes_none() {
    let server = testkit::over_network(false);
    let administrator = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
    for name in ["agency_justice", "xizmat_docket"] {
        let host =
            sql::Host { name: "host".into(), password: "p".into(), hosted: sql::Hosted::Every, connections: None };
        let plan = sql::Plan { database: name.into(), owner_password: "o".into(), hosts: vec![host] };
        sql::provision(&administrator, &plan).await.unwrap();
    }
    let found = sql::inspect_server(&administrator).await.unwrap();
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["agency_justice", "xizmat_docket"], "the administrator's own has no chain");
    for one in &found {
        let mut tx = one.database.read().await.unwrap();
        assert_eq!(audit::examine(&mut tx, 0).await.unwrap().broken, None);
    }
    let missing = testkit::folder().join("nobody-made-it.sqlite");
    assert!(sql::inspect(&sql::Settings::file(&missing)).await.is_err());
    assert!(!missing.exists(), "it is not made by looking");
}
