//! Erasing: a log keeps its places, an answered id stays taken, a destroyed key is nowhere in the files.

use kernel::Hash;
use sql::{Action, Database, Settings, args, audit::Act};

use super::{MIGRATIONS, message, sequences};

#[tokio::test]
async fn an_erased_case_leaves_only_the_places_of_its_messages() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (kept, erased) = (message(1), message(2));
        let case = erased.case.unwrap().0;
        let mut tx = database.begin().await.unwrap();
        for message in [&erased, &kept] {
            sql::outbox::enqueue(&mut tx, message).await.unwrap();
        }
        assert!(sql::outbox::waits(&mut tx, case).await.unwrap(), "{engine}");
        sql::outbox::assign(&mut tx, 10).await.unwrap();
        assert!(!sql::outbox::waits(&mut tx, case).await.unwrap(), "{engine}");
        assert_eq!(sql::outbox::erase(&mut tx, case).await.unwrap(), 1, "{engine}");
        tx.commit().await.unwrap();
        assert_eq!(sequences(&database).await, [(1, Vec::new()), (2, kept.body.clone())], "{engine}");
        let mut tx = database.read().await.unwrap();
        let rows = sql::outbox::read(&mut tx, 0, 10).await.unwrap();
        let place = &rows[0].message;
        assert!(place.name.is_empty() && place.agency.is_empty() && place.case.is_none(), "{engine}");
    }
}

#[tokio::test]
async fn an_erased_answer_is_gone_and_its_id_stays_taken() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (action, request) = (Action::of_service("justice", "copy", &[1; 32]), Hash::of(b"request"));
        let mut tx = database.begin().await.unwrap();
        sql::answers::keep(&mut tx, action, &request, b"answer", super::NOW).await.unwrap();
        sql::answers::erase(&mut tx, action).await.unwrap();
        let again = sql::answers::recall(&mut tx, action, &request).await.unwrap_err();
        assert_eq!(again.code, "action.other-body", "{engine}");
        let row = tx.fetch_one("SELECT LENGTH(answer) FROM answers", args![]).await.unwrap();
        assert_eq!(row.int(0).unwrap(), 0, "{engine}");
    }
}

#[tokio::test]
async fn a_destroyed_key_lies_in_no_file_of_the_database() {
    let file = testkit::folder().join("destroyed.sqlite");
    let database = Database::open(&Settings::file(&file), MIGRATIONS).await.unwrap();
    let (overwritten, deleted) = ([0xA7_u8; 60], [0xB9_u8; 60]);
    for (name, key) in [("overwritten", overwritten), ("deleted", deleted)] {
        let mut tx = database.begin().await.unwrap();
        // Beside it, as beside a case's key, lies more than a page holds.
        let sql = "INSERT INTO things (name, body) VALUES ($1, $2), ($3, $4)";
        tx.execute(sql, args![name, key.to_vec(), format!("{name} large"), vec![1_u8; 9_000]]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let found = || async {
        let mut found = Vec::new();
        for suffix in ["", "-wal", "-shm"] {
            let content = tokio::fs::read(format!("{}{suffix}", file.display())).await.unwrap_or_default();
            for (name, key) in [("overwritten", overwritten), ("deleted", deleted)] {
                if content.windows(16).any(|part| part == &key[..16]) {
                    found.push(format!("{name} in {suffix:?}"));
                }
            }
        }
        found
    };
    assert!(!found().await.is_empty(), "the search finds what is there");
    let mut tx = database.begin().await.unwrap();
    tx.execute("UPDATE things SET body = $1 WHERE name = 'overwritten'", args![Vec::<u8>::new()]).await.unwrap();
    tx.execute("DELETE FROM things WHERE name = 'deleted'", args![]).await.unwrap();
    sql::audit::append(&mut tx, &Act { act: "key-destroyed".into(), ..Act::default() }).await.unwrap();
    tx.destroys();
    tx.commit().await.unwrap();
    assert_eq!(found().await, Vec::<String>::new());
    // The next writer waits for locks as before.
    let mut tx = database.begin().await.unwrap();
    let waits = tx.fetch_one("PRAGMA busy_timeout", args![]).await.unwrap().int(0).unwrap();
    assert_eq!(waits, 10_000);
}
