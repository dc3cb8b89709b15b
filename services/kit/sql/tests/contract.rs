//! The store's contract, the same on both engines.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like the tests they serve")]

#[path = "contract/chain.rs"]
mod chain;
#[path = "contract/erasure.rs"]
mod erasure;
#[path = "contract/idle.rs"]
mod idle;
#[path = "contract/power_loss.rs"]
mod power_loss;
#[path = "contract/roles.rs"]
mod roles;
#[path = "contract/silent.rs"]
mod silent;

use std::time::Duration;

use kernel::{
    Hash, ManualClock, SeededRandom, Time,
    id::{CaseId, MessageId, PersonId},
};
use sql::{Action, Database, Error, Migration, Migrations, args, audit::Act, outbox::Outgoing};

const MIGRATIONS: Migrations = &[Migration::new(
    1,
    "things",
    "CREATE TABLE things (id AUTOID, name TEXT NOT NULL UNIQUE, body BLOB, size BIGINT);",
)];

const NOW: Time = Time::from_seconds(1_790_000_000);

fn message(number: u64) -> Outgoing {
    let clock = ManualClock::at(NOW);
    let random = SeededRandom::new(number);
    Outgoing {
        message_id: MessageId::new(&clock, &random),
        name: "captured".into(),
        agency: "justice".into(),
        case: Some((CaseId::new(&clock, &random), 1)),
        time: NOW,
        body: number.to_be_bytes().to_vec(),
    }
}

async fn sequences(database: &Database) -> Vec<(i64, Vec<u8>)> {
    let mut tx = database.read().await.unwrap();
    let rows = sql::outbox::read(&mut tx, 0, 100).await.unwrap();
    rows.into_iter().map(|row| (row.sequence, row.message.body)).collect()
}

#[tokio::test]
async fn values_come_back_as_they_were_and_a_second_name_is_a_conflict() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        tx.execute(
            "INSERT INTO things (name, body, size) VALUES ($1, $2, $3), ($4, NULL, $5)",
            args!["ariza", vec![0_u8, 255], None::<i64>, "o‘g‘il", 7],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.read().await.unwrap();
        let rows = tx.fetch_all("SELECT id, name, body, size FROM things ORDER BY id", args![]).await.unwrap();
        assert_eq!(rows[0].opt_blob(2).unwrap(), Some(vec![0, 255]), "{engine}");
        assert_eq!(rows[0].opt_int(3).unwrap(), None);
        assert_eq!(rows[1].text(1).unwrap(), "o‘g‘il");
        assert_eq!(rows[1].int(3).unwrap(), 7);
        assert!(rows[1].blob(2).is_err());
        drop(tx);
        let mut tx = database.begin().await.unwrap();
        let again = tx.execute("INSERT INTO things (name) VALUES ($1)", args!["ariza"]).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{engine}: {again:?}");
    }
}

#[tokio::test]
async fn a_rolled_back_transaction_leaves_no_outgoing_message_and_no_act() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        sql::outbox::enqueue(&mut tx, &message(1)).await.unwrap();
        sql::audit::append(&mut tx, &Act { act: "case.opened".into(), ..Act::default() }).await.unwrap();
        drop(tx);
        let mut tx = database.begin().await.unwrap();
        let head = sql::outbox::assign(&mut tx, 100).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(head.last, 0, "{engine}");
        let mut tx = database.read().await.unwrap();
        assert_eq!(sql::audit::verify(&mut tx).await.unwrap().acts, 0);
    }
}

#[tokio::test]
async fn two_writers_that_commit_in_inverted_order_skip_nothing() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        if engine == "sqlite" {
            continue; // It has one writer: insertion and commit have the same order.
        }
        let mut first = database.begin().await.unwrap();
        sql::outbox::enqueue(&mut first, &message(1)).await.unwrap();
        let mut second = database.begin().await.unwrap();
        sql::outbox::enqueue(&mut second, &message(2)).await.unwrap();
        second.commit().await.unwrap();
        let mut relay = database.begin().await.unwrap();
        assert_eq!(sql::outbox::assign(&mut relay, 100).await.unwrap().last, 1);
        let newest = relay.fetch_one("SELECT MAX(id) FROM outbox", args![]).await.unwrap().int(0).unwrap();
        relay.commit().await.unwrap();
        first.commit().await.unwrap();
        // Whoever remembered the newest id and read on from it would never see the first writer's message.
        let mut reader = database.read().await.unwrap();
        let after = "SELECT COUNT(*) FROM outbox WHERE id > $1";
        assert_eq!(reader.fetch_one(after, args![newest]).await.unwrap().int(0).unwrap(), 0);
        drop(reader);
        let mut relay = database.begin().await.unwrap();
        assert_eq!(sql::outbox::assign(&mut relay, 100).await.unwrap().last, 2);
        relay.commit().await.unwrap();
        let expected = vec![(1, 2_u64.to_be_bytes().to_vec()), (2, 1_u64.to_be_bytes().to_vec())];
        assert_eq!(sequences(&database).await, expected);
    }
}

#[tokio::test]
async fn two_relays_at_once_number_every_row_exactly_once() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        for number in 0..40 {
            let mut tx = database.begin().await.unwrap();
            sql::outbox::enqueue(&mut tx, &message(number)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let relay = |database: Database| async move {
            for _ in 0..5 {
                let mut tx = database.begin().await.unwrap();
                sql::outbox::assign(&mut tx, 5).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        let one = tokio::spawn(relay(database.clone()));
        let two = tokio::spawn(relay(database.clone()));
        one.await.unwrap();
        two.await.unwrap();
        let numbers: Vec<i64> = sequences(&database).await.iter().map(|row| row.0).collect();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>(), "{engine}");
    }
}

#[tokio::test]
async fn only_one_relay_holds_the_lease() {
    for (_, database) in testkit::databases(MIGRATIONS).await {
        let lease = Duration::from_secs(30);
        for (holder, expected) in [(b"a", true), (b"b", false), (b"a", true)] {
            let mut tx = database.begin().await.unwrap();
            let held = sql::outbox::hold(&mut tx, holder, lease).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(held, expected);
        }
    }
}

#[tokio::test]
async fn an_id_is_claimed_once_and_an_answer_belongs_to_its_request() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (action, request) = (Action::of_service("justice", "copy", b"action-1"), Hash::of(b"request"));
        let mut tx = database.begin().await.unwrap();
        assert!(sql::inbox::claim(&mut tx, b"command-1", NOW).await.unwrap());
        sql::answers::keep(&mut tx, action, &request, b"answer", NOW).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.begin().await.unwrap();
        assert!(!sql::inbox::claim(&mut tx, b"command-1", NOW).await.unwrap());
        let kept = sql::answers::recall(&mut tx, action, &request).await.unwrap();
        assert_eq!(kept.as_deref(), Some(b"answer".as_slice()), "{engine}");
        let other = sql::answers::recall(&mut tx, action, &Hash::of(b"other")).await;
        assert_eq!(other.unwrap_err().code, "action.other-body");
    }
}

#[tokio::test]
async fn another_askers_equal_id_is_another_action() {
    let (id, request) = ([7; 32], Hash::of(b"request"));
    let askers = [
        Action::of_service("health", "copy", &id),
        Action::of_service("justice", "copy", &id),
        Action::of_service("justice", "extract", &id),
        Action::of_person(PersonId::from_bytes([1; 16]), &id),
        Action::of_person(PersonId::from_bytes([2; 16]), &id),
    ];
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        for (number, asker) in (0_u8..).zip(askers) {
            let before = sql::answers::recall(&mut tx, asker, &request).await.unwrap();
            assert_eq!(before, None, "{engine}: {asker:?}: nobody reads what others were answered");
            assert!(sql::inbox::begin(&mut tx, asker, NOW).await.unwrap(), "{engine}: {asker:?}");
            sql::answers::keep(&mut tx, asker, &request, &[number], NOW).await.unwrap();
        }
        for (number, asker) in (0_u8..).zip(askers) {
            assert!(!sql::inbox::begin(&mut tx, asker, NOW).await.unwrap(), "{engine}: {asker:?}: once");
            let again = sql::answers::keep(&mut tx, asker, &request, b"again", NOW).await;
            assert!(matches!(again, Err(Error::Conflict(_))), "{engine}: {asker:?}: {again:?}");
            let kept = sql::answers::recall(&mut tx, asker, &request).await.unwrap();
            assert_eq!(kept, Some(vec![number]), "{engine}: {asker:?}");
        }
        sql::inbox::undo(&mut tx, askers[1]).await.unwrap();
        for (asker, undone) in askers.into_iter().zip([false, true, false, false, false]) {
            let begun = sql::inbox::begin(&mut tx, asker, NOW).await.unwrap();
            assert_eq!(begun, undone, "{engine}: {asker:?}: each undoes its own");
        }
        sql::answers::erase(&mut tx, askers[0]).await.unwrap();
        for (asker, there) in askers.into_iter().zip([false, true, true, true, true]) {
            let kept = sql::answers::recall(&mut tx, asker, &request).await;
            assert_eq!(kept.is_ok(), there, "{engine}: {asker:?}: each erases its own");
        }
    }
}

#[tokio::test]
async fn two_releases_at_once_find_each_others_answers() {
    let (id, request) = ([7; 32], Hash::of(b"request"));
    let own = Action::of_service("justice", "copy", &id);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        tx.execute("INSERT INTO inbox (id, time) VALUES ($1, 1)", args![&id]).await.unwrap();
        let older = "INSERT INTO answers (action_id, request_hash, answer, time) VALUES ($1, $2, $3, 1)";
        tx.execute(older, args![&id, request, b"older"]).await.unwrap();
        assert!(!sql::inbox::begin(&mut tx, own, NOW).await.unwrap(), "{engine}");
        let kept = sql::answers::recall(&mut tx, own, &request).await.unwrap();
        assert_eq!(kept.as_deref(), Some(b"older".as_slice()), "{engine}");
        let other = sql::answers::recall(&mut tx, own, &Hash::of(b"other")).await;
        assert_eq!(other.unwrap_err().code, "action.other-body", "{engine}");
        let again = sql::answers::keep(&mut tx, own, &request, b"again", NOW).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{engine}: {again:?}");
        sql::answers::erase(&mut tx, own).await.unwrap();
        assert!(sql::answers::recall(&mut tx, own, &request).await.is_err(), "{engine}: it was erased");
        drop(tx);

        let mut tx = database.begin().await.unwrap();
        assert!(sql::inbox::begin(&mut tx, own, NOW).await.unwrap(), "{engine}");
        sql::answers::keep(&mut tx, own, &request, b"newer", NOW).await.unwrap();
        assert!(!sql::inbox::claim(&mut tx, &id, NOW).await.unwrap(), "{engine}: as an older release claims it");
        let older = "SELECT answer FROM answers WHERE action_id = $1";
        assert_eq!(tx.fetch_one(older, args![&id]).await.unwrap().blob(0).unwrap(), b"newer", "{engine}");
    }
}

#[tokio::test]
async fn a_cursor_moves_only_from_where_it_was_read() {
    use sql::cursor::{Position, advance, read};
    for (_, database) in testkit::databases(MIGRATIONS).await {
        let at = |sequence| Position { epoch: 5, sequence };
        let mut tx = database.begin().await.unwrap();
        let start = read(&mut tx, "payments").await.unwrap();
        assert!(advance(&mut tx, "payments", start, at(3)).await.unwrap());
        assert!(!advance(&mut tx, "payments", start, at(4)).await.unwrap());
        assert!(advance(&mut tx, "payments", at(3), at(4)).await.unwrap());
        assert_eq!(read(&mut tx, "payments").await.unwrap(), at(4));
    }
}

#[tokio::test]
async fn a_changed_act_breaks_the_chain_and_an_erased_one_does_not() {
    for (engine, settings) in testkit::stores() {
        Database::open(&settings, MIGRATIONS).await.unwrap().close().await;
        let database = Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap();
        let random = SeededRandom::new(3);
        for number in 0..3_u8 {
            let mut tx = database.begin().await.unwrap();
            let act = Act {
                time: NOW,
                actor: Some(PersonId::new(&ManualClock::at(NOW), &random)),
                act: "case.opened".into(),
                subject: vec![number; 16],
                agency: "justice".into(),
                ..Act::default()
            };
            sql::audit::append(&mut tx, &act).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut tx = database.begin().await.unwrap();
        tx.execute(
            "UPDATE audit SET actor = NULL, subject = NULL, detail = NULL, salt = NULL WHERE sequence = 2",
            args![],
        )
        .await
        .unwrap();
        let proof = sql::audit::verify(&mut tx).await.unwrap();
        assert_eq!((proof.acts, proof.erased), (3, 1), "{engine}");
        // Only whoever owns the schema can do this.
        let unguarded =
            if engine == "sqlite" { "DROP TRIGGER audit_no_update" } else { "DROP TRIGGER audit_no_update ON audit" };
        tx.execute(unguarded, args![]).await.unwrap();
        tx.execute("UPDATE audit SET subject = $1 WHERE sequence = 3", args![vec![9_u8; 16]]).await.unwrap();
        let broken = sql::audit::verify(&mut tx).await.unwrap_err();
        assert!(broken.to_string().contains("audit row 3"), "{broken}");
    }
}

#[tokio::test]
async fn a_reader_never_waits_for_the_writer_and_sees_one_state() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let count = "SELECT COUNT(*) FROM things";
        let mut reader = database.read().await.unwrap();
        assert_eq!(reader.fetch_one(count, args![]).await.unwrap().int(0).unwrap(), 0);
        let mut writer = database.begin().await.unwrap();
        writer.execute("INSERT INTO things (name) VALUES ($1)", args!["x"]).await.unwrap();
        writer.commit().await.unwrap();
        assert_eq!(reader.fetch_one(count, args![]).await.unwrap().int(0).unwrap(), 0, "{engine}");
        let refused = reader.execute("INSERT INTO things (name) VALUES ($1)", args!["y"]).await;
        assert!(refused.is_err(), "{engine}: a reading transaction must not write");
    }
}

#[tokio::test]
async fn a_database_opened_again_keeps_its_rows_and_refuses_a_changed_migration() {
    const CHANGED: Migrations = &[Migration::new(1, "things", "CREATE TABLE other (id AUTOID);")];
    for (engine, settings) in testkit::stores() {
        let database = Database::open(&settings, MIGRATIONS).await.unwrap();
        let mut tx = database.begin().await.unwrap();
        tx.execute("INSERT INTO things (name) VALUES ($1)", args!["kept"]).await.unwrap();
        tx.commit().await.unwrap();
        database.close().await;
        let again = Database::open(&settings, MIGRATIONS).await.unwrap();
        let mut tx = again.read().await.unwrap();
        let row = tx.fetch_one("SELECT name FROM things", args![]).await.unwrap();
        assert_eq!(row.text(0).unwrap(), "kept", "{engine}");
        drop(tx);
        again.close().await;
        let refused = Database::open(&settings, CHANGED).await.err().expect("a changed migration is refused");
        assert!(refused.to_string().contains("was changed"), "{refused}");
    }
}

/// A fresh SQLite database on its own.
async fn sqlite() -> Database {
    let stores = testkit::stores();
    let (_, settings) = stores.into_iter().find(|(engine, _)| *engine == "sqlite").unwrap();
    Database::open(&settings, MIGRATIONS).await.unwrap()
}

#[tokio::test]
async fn sqlite_syncs_every_commit_before_it_is_acknowledged() {
    let database = sqlite().await;
    let mut tx = database.begin().await.unwrap();
    // 2 is FULL: in WAL mode each commit waits for the log to be on the disk.
    assert_eq!(tx.fetch_one("PRAGMA synchronous", args![]).await.unwrap().int(0).unwrap(), 2);
    assert_eq!(tx.fetch_one("PRAGMA journal_mode", args![]).await.unwrap().text(0).unwrap(), "wal");
}

#[tokio::test]
async fn a_full_disk_is_named_and_leaves_no_connection_behind_that_cannot_begin() {
    let database = sqlite().await;
    let mut tx = database.begin().await.unwrap();
    tx.execute("PRAGMA max_page_count = 1", args![]).await.unwrap();
    let big = tx.execute("INSERT INTO things (name, body) VALUES ($1, $2)", args!["big", vec![0_u8; 1 << 20]]).await;
    assert!(matches!(big, Err(Error::Full)), "{big:?}");
    drop(tx);
    let mut tx = database.begin().await.unwrap();
    tx.execute("INSERT INTO things (name, body) VALUES ($1, $2)", args!["big", vec![0_u8; 1 << 20]]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Opens the database of a server that listens on the loopback interface. `0.0.0.0` leads there too, and is no loopback
/// address: it stands for another machine.
async fn open_at(host: &str, server: &testkit::OverNetwork, parameters: &str) -> Result<Database, Error> {
    let url = format!("postgres://postgres@{host}:{}/postgres{parameters}", server.port);
    let file = testkit::folder().join(format!("{}.url", Hash::of(url.as_bytes())));
    std::fs::write(&file, url).unwrap();
    Database::open(&sql::Settings::url_file(file), &[]).await
}

async fn uses_tls(database: &Database) -> bool {
    let mut tx = database.read().await.unwrap();
    let own = "SELECT CAST(CASE WHEN ssl THEN 1 ELSE 0 END AS BIGINT) FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let row = tx.fetch_optional(own, args![]).await.unwrap();
    row.unwrap().int(0).unwrap() == 1
}

#[tokio::test]
async fn another_machines_postgresql_is_reached_by_tls_only() {
    if std::env::var("XIZMAT_TEST_POSTGRES").as_deref() == Ok("off") {
        return;
    }
    let (with, without) = (testkit::over_network(true), testkit::over_network(false));
    let refused = async |host: &str, server: &testkit::OverNetwork, parameters: &str| {
        let error = open_at(host, server, parameters).await.err().unwrap();
        let failure = kernel::Failure::from(error);
        assert!(!failure.kind.retry(), "waiting does not help: {failure:?}");
        (failure.code.into_owned(), failure.message)
    };
    let protected = open_at("0.0.0.0", &with, "").await.unwrap();
    assert!(uses_tls(&protected).await);
    let (code, message) = refused("0.0.0.0", &without, "").await;
    assert!(code == "store.insecure" && message.contains("sslmode=disable"), "{code}: {message}");
    let told = open_at("0.0.0.0", &without, "?sslmode=disable").await.unwrap();
    assert!(!uses_tls(&told).await);
    open_at("localhost", &without, "").await.unwrap().close().await;

    let rooted = format!("?sslrootcert={}", with.certificate.display());
    let named = open_at("localhost", &with, &rooted).await.unwrap();
    assert!(uses_tls(&named).await);
    assert_eq!(refused("127.0.0.1", &with, &rooted).await.0, "store.insecure", "the certificate is another name's");
    let unknown = refused("localhost", &with, "?sslmode=verify-full").await;
    assert_eq!(unknown.0, "store.insecure", "nobody vouches for a self-made certificate");
    for database in [protected, told, named] {
        database.close().await;
    }
}

#[tokio::test]
async fn whoever_is_provisioned_believes_the_authority_that_the_administrator_believes() {
    if std::env::var("XIZMAT_TEST_POSTGRES").as_deref() == Ok("off") {
        return;
    }
    let server = testkit::over_network(true);
    let certificate: String =
        std::fs::read(&server.certificate).unwrap().iter().map(|byte| format!("%{byte:02X}")).collect();
    for authority in [server.certificate.display().to_string(), certificate] {
        let administrator = format!("postgres://postgres@localhost:{}/postgres?sslrootcert={authority}", server.port);
        let host =
            sql::Host { name: "host".into(), password: "p".into(), hosted: sql::Hosted::Every, connections: None };
        let plan = sql::Plan { database: "believed".into(), owner_password: "p".into(), hosts: vec![host] };
        let made = sql::provision(&administrator, &plan).await.unwrap();
        let file = testkit::folder().join(format!("believed-{}.url", Hash::of(authority.as_bytes())));
        std::fs::write(&file, &made.host_urls[0]).unwrap();
        let database = Database::open(&sql::Settings::url_file(&file), &[]).await.unwrap();
        assert!(uses_tls(&database).await);
        database.close().await;
        let elsewhere = made.host_urls[0].replace("@localhost:", "@127.0.0.1:");
        std::fs::write(&file, elsewhere).unwrap();
        let refused = Database::open(&sql::Settings::url_file(&file), &[]).await.err().unwrap();
        assert_eq!(kernel::Failure::from(refused).code, "store.insecure", "the certificate is another name's");
    }
}

#[tokio::test]
async fn a_database_keeps_the_stage_it_was_first_started_with() {
    for (engine, settings) in testkit::stores() {
        for _ in 0..2 {
            sql::stage::fix(&settings, "trial").await.unwrap();
        }
        let refused = kernel::Failure::from(sql::stage::fix(&settings, "production").await.unwrap_err());
        assert_eq!(refused.code, "store.stage-fixed", "{engine}");
        assert!(refused.message.contains("first started as trial"), "{engine}: {}", refused.message);
        let database = Database::open(&settings, &[]).await.unwrap();
        for change in ["UPDATE stage SET stage = 'production'", "DELETE FROM stage"] {
            let mut tx = database.begin().await.unwrap();
            assert!(tx.execute(change, args![]).await.is_err(), "{engine}: {change}");
        }
    }
}

#[tokio::test]
async fn a_restored_database_recovers_once_under_each_name_and_its_log_begins_a_new_epoch() {
    let [copied, meanwhile] = [1_000_000_000, 9_000_000_000].map(Time::from_seconds);
    for (engine, settings) in testkit::stores() {
        let database = Database::open(&settings, MIGRATIONS).await.unwrap();
        let begin = async |name: &str| sql::recovery::begin(&settings, name).await.unwrap();
        assert!(!begin("").await, "{engine}: it was never restored");
        let mut tx = database.begin().await.unwrap();
        sql::outbox::enqueue(&mut tx, &Outgoing { time: copied, ..message(1) }).await.unwrap();
        sql::outbox::assign(&mut tx, 10).await.unwrap();
        assert!(sql::outbox::hold(&mut tx, b"old", Duration::from_secs(3600)).await.unwrap());
        let before = sql::outbox::head(&mut tx).await.unwrap();
        assert_eq!(sql::recovery::era(&mut tx).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert!(begin("one").await && begin("").await && begin("one").await, "{engine}: until it ends");
        let mut tx = database.begin().await.unwrap();
        sql::outbox::enqueue(&mut tx, &Outgoing { time: meanwhile, ..message(2) }).await.unwrap();
        assert_eq!(sql::recovery::newest(&mut tx).await.unwrap(), Some(copied), "{engine}: from when the copy is");
        drop(tx);
        let mut tx = database.begin().await.unwrap();
        let epoch = sql::recovery::end(&mut tx, "payments", NOW).await.unwrap().unwrap();
        let after = sql::outbox::head(&mut tx).await.unwrap();
        assert_eq!((after.epoch, after.last), (epoch, before.last), "{engine}");
        assert!(epoch > before.epoch, "{engine}: whatever the clock says");
        assert_eq!(sql::recovery::era(&mut tx).await.unwrap(), epoch);
        assert!(sql::outbox::hold(&mut tx, b"new", Duration::from_secs(1)).await.unwrap(), "nobody of before holds it");
        assert_eq!(sql::recovery::end(&mut tx, "payments", NOW).await.unwrap(), None, "{engine}: once");
        tx.commit().await.unwrap();
        let mut tx = database.begin().await.unwrap();
        assert_eq!(sql::recovery::newest(&mut tx).await.unwrap(), Some(NOW), "{engine}: its own end counts again");
        drop(tx);
        assert!(!begin("one").await, "{engine}: the name may stay");
        assert!(begin("two").await, "{engine}");
    }
}
