//! On PostgreSQL a process without work holds no connection, and looking whether there is any is no work.

use std::time::Duration;

use sql::{Database, Settings, args};

use super::{MIGRATIONS, message};

/// Two handles on one database: a process', and its owner's, who counts.
async fn opened() -> Option<(Database, Database)> {
    let found = testkit::stores().into_iter().find(|(engine, _)| *engine == "postgres");
    let settings = Settings { idle_s: 1, ..found?.1 };
    let database = Database::open(&settings, MIGRATIONS).await.unwrap();
    Some((database, Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap()))
}

async fn role(database: &Database) -> String {
    let mut tx = database.read().await.unwrap();
    tx.fetch_one("SELECT current_user::text", args![]).await.unwrap().text(0).unwrap()
}

async fn connections(owner: &Database, role: &str) -> i64 {
    let mut tx = owner.read().await.unwrap();
    let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND usename::text = $1";
    tx.fetch_one(count, args![role]).await.unwrap().int(0).unwrap()
}

/// A minute is no measure of anything: it only ends a test that hangs.
async fn are_let_go(owner: &Database, role: &str) {
    for _ in 0..600 {
        if connections(owner, role).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} connections are held for nothing", connections(owner, role).await);
}

#[tokio::test]
async fn connections_are_let_go_without_work_and_made_again_for_it() {
    let Some((database, owner)) = opened().await else { return };
    let role = role(&database).await;
    assert_ne!(role, self::role(&owner).await);
    let several = [database.begin().await.unwrap(), database.begin().await.unwrap(), database.read().await.unwrap()];
    assert!(connections(&owner, &role).await >= 3);
    drop(several);
    are_let_go(&owner, &role).await;
    let mut tx = database.begin().await.unwrap();
    sql::outbox::enqueue(&mut tx, &message(1)).await.unwrap();
    tx.commit().await.unwrap();
    are_let_go(&owner, &role).await;
}

#[tokio::test]
async fn a_look_opens_a_connection_and_lets_it_go_unless_somebody_works_anyway() {
    let Some((database, owner)) = opened().await else { return };
    let role = role(&database).await;
    are_let_go(&owner, &role).await;
    let quietly = database.quietly();
    let look = quietly.read().await.unwrap();
    assert_eq!(connections(&owner, &role).await, 1);
    drop(look);
    // At once: the pool's own round would come later.
    are_let_go(&owner, &role).await;

    let mut commits = database.commits();
    let mut tx = quietly.begin().await.unwrap();
    tx.execute("INSERT INTO things (name) VALUES ('ariza')", args![]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!commits.has_changed().unwrap(), "nothing is to be done about it");
    let mut tx = quietly.begin().await.unwrap();
    sql::outbox::enqueue(&mut tx, &message(1)).await.unwrap();
    tx.commit().await.unwrap();
    commits.changed().await.unwrap();
    are_let_go(&owner, &role).await;
}
