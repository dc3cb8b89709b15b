//! Hosts that share an agency's database on PostgreSQL: each sees and writes its own services' rows, and nothing that
//! happened is changed by any of them.

use ::bus::recovery::Keeper;
use kernel::{CaseId, Random, SeededRandom, sealed::CaseKey};
use sql::{AssertSqlSafe, Database, Settings, args};

use super::world::{CITIZEN, World, person};
use crate::{
    bus::case,
    recovery::Recovered,
    store::{MIGRATIONS, cases, timers},
};

const OWN: &str = "justice/marriage-certificate-copy";
const KEYED: [&str; 7] =
    ["cases", "case_events", "case_actions", "case_timers", "case_tasks", "case_marks", "case_waits"];

async fn counts(database: &Database) -> Vec<i64> {
    let mut tx = database.read().await.unwrap();
    let mut counts = Vec::new();
    for table in KEYED {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        counts.push(tx.fetch_one(sql, args![]).await.unwrap().int(0).unwrap());
    }
    counts
}

/// A paid application that waits for an officer: every table has a row of it.
async fn under_review(world: &World) -> Vec<u8> {
    *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
    let case = world.submitted(CITIZEN).await.case_id;
    world.settle().await;
    world.paid(&case).await;
    world.settle().await;
    case
}

fn postgres() -> Option<Settings> {
    testkit::stores().into_iter().find(|(engine, _)| *engine == "postgres").map(|(_, settings)| settings)
}

#[tokio::test]
async fn what_happened_to_a_case_is_written_once() {
    for (_, settings) in testkit::stores() {
        let world = World::new(Database::open(&settings, MIGRATIONS).await.unwrap()).await;
        world.submitted(CITIZEN).await;
        testkit::are_written_once(&settings, MIGRATIONS, &[("case_events", "body")]).await;
    }
}

#[tokio::test]
async fn a_host_sees_and_writes_only_its_own_services_rows() {
    let Some(settings) = postgres() else { return };
    let all = World::new(Database::open(&settings, MIGRATIONS).await.unwrap()).await;
    let reviewed = under_review(&all).await;
    let every = counts(&all.host.database).await;
    assert!(every.iter().all(|count| *count > 0), "{every:?}");
    let own = Database::open(&testkit::limited(&settings, &["justice/other", OWN]), MIGRATIONS).await.unwrap();
    assert_eq!(counts(&own).await, every);
    let foreign = testkit::limited(&settings, &["justice/other", "land/marriage-certificate-copy"]);
    let foreign = Database::open(&foreign, MIGRATIONS).await.unwrap();
    assert_eq!(counts(&foreign).await, [0; 7]);

    let stranger = World::replica(foreign.clone(), all.clock.clone(), all.platform.clone(), 3);
    let refused = case::read(stranger.host.clone(), stranger.read(CITIZEN, &reviewed)).await.unwrap_err();
    assert_eq!(refused.code, "case.not-found", "another host's case looks like none");
    for table in KEYED {
        for change in [format!("UPDATE {table} SET case_id = case_id"), format!("DELETE FROM {table}")] {
            if table == "case_events" {
                continue; // Nobody may.
            }
            let mut tx = foreign.begin().await.unwrap();
            assert_eq!(tx.execute(AssertSqlSafe(change.clone()), args![]).await.unwrap(), 0, "{change}");
        }
    }
    let timer = "INSERT INTO case_timers (timer_id, case_id, due, hosted_service) VALUES ($1, $1, 0, $2)";
    for (database, service, lawful) in [
        (&foreign, "justice/other", true),
        (&foreign, OWN, false),
        (&foreign, "*", false),
        (&foreign, "", false),
        (&own, OWN, true),
    ] {
        let mut tx = database.begin().await.unwrap();
        assert_eq!(tx.execute(timer, args![[1_u8; 16], service]).await.is_ok(), lawful, "{service}");
    }
    let mut tx = own.begin().await.unwrap();
    let gives_away = "UPDATE case_timers SET hosted_service = 'land/other'";
    assert!(tx.execute(gives_away, args![]).await.is_err(), "a row is not given to another service");
    assert_eq!(counts(&all.host.database).await, every, "nothing was left behind");
}

#[tokio::test]
async fn no_table_of_cases_is_left_without_a_policy() {
    let Some(settings) = postgres() else { return };
    let database = Database::open(&settings, MIGRATIONS).await.unwrap();
    let mut tx = database.read().await.unwrap();
    // The outbox is the whole database's log; of others' cases, which hosts do not follow, a consumer knows the log alone.
    let tables = "SELECT relname::text, CASE WHEN relrowsecurity THEN 1 ELSE 0 END
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'case_id'
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
          AND relname NOT IN ('outbox', 'case_logs') ORDER BY relname";
    let rows = tx.fetch_all(tables, args![]).await.unwrap();
    let open: Vec<_> = rows.iter().filter(|row| !row.bool(1).unwrap()).map(|row| row.text(0).unwrap()).collect();
    assert!(open.is_empty(), "without row-level security: {open:?}");
    // And what one host heard about another's cases, the three of files, how cases ended and were rated, the two of uploads and
    // what was issued again.
    assert_eq!(rows.len(), KEYED.len() + 1 + 3 + 2 + 2 + 1);
}

#[tokio::test]
async fn a_host_of_one_service_serves_it_to_its_end() {
    let Some(settings) = postgres() else { return };
    Database::open(&settings, MIGRATIONS).await.unwrap();
    let own = Database::open(&testkit::limited(&settings, &[OWN]), MIGRATIONS).await.unwrap();
    let world = World::new(own.clone()).await;
    under_review(&world).await;
    world.nothing_is_left_behind().await;
    let mut tx = own.read().await.unwrap();
    assert!(!timers::due(&mut tx, kernel::Time::from_micros(i64::MAX), 10).await.unwrap().is_empty());
}

/// The first host that ends a recovery ends it for the database, and sees no rows but its own.
#[tokio::test]
async fn after_a_restore_each_host_doubts_what_it_may_do_once_only() {
    let Some(settings) = postgres() else { return };
    let owner = Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap();
    let mut tx = owner.begin().await.unwrap();
    for (number, service) in [(1_u8, OWN), (2, "justice/other")] {
        tx.execute(
            "INSERT INTO case_actions (action_id, case_id, operation, effect, state, attempt, tries, next_due, held_until, body,
                                       hosted_service)
             VALUES ($1, $1, 'call', 'once', 'waiting', 1, 0, 0, 0, $1, $2)",
            args![[number; 32], service],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    for (service, doubted) in [(OWN, 1), ("justice/other", 2)] {
        let database = Database::open(&testkit::limited(&settings, &[service]), MIGRATIONS).await.unwrap();
        let host = World::replica(
            database.clone(),
            std::sync::Arc::new(kernel::ManualClock::at(super::world::MORNING)),
            std::sync::Arc::new(super::platform::Scripted::new(person(super::world::OFFICER))),
            1,
        );
        let mut tx = database.begin().await.unwrap();
        Recovered(host.host.clone()).own_rows(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = owner.read().await.unwrap();
        let started = "SELECT COUNT(*) FROM case_actions WHERE state = 'started'";
        assert_eq!(tx.fetch_one(started, args![]).await.unwrap().int(0).unwrap(), doubted, "{service}");
    }
}

#[tokio::test]
async fn row_level_security_leaves_every_index_in_use() {
    let Some(settings) = postgres() else { return };
    Database::open(&settings, MIGRATIONS).await.unwrap();
    let own = Database::open(&testkit::limited(&settings, &[OWN]), MIGRATIONS).await.unwrap();
    let mut tx = own.begin().await.unwrap();
    // The tables are empty: reading them whole would be cheapest.
    for other in ["SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off"] {
        tx.execute(other, args![]).await.unwrap();
    }
    for (index, query) in [
        ("cases_pkey", "SELECT state FROM cases WHERE case_id = '\\x01'"),
        ("cases_pkey", "UPDATE cases SET version = 2 WHERE case_id = '\\x01' AND version = 1"),
        (
            "cases_by_applicant",
            "SELECT case_id FROM cases WHERE applicant = '\\x01' AND agency = 'a' AND service = 'b'",
        ),
        ("case_events_pkey", "SELECT body FROM case_events WHERE case_id = '\\x01' ORDER BY sequence"),
        (
            "case_actions_due",
            "SELECT action_id FROM case_actions WHERE state = 'waiting' AND next_due <= 1 ORDER BY next_due LIMIT 8",
        ),
        ("case_timers_due", "SELECT timer_id FROM case_timers WHERE due <= 1 ORDER BY due LIMIT 8"),
        ("case_timers_due", "SELECT due FROM case_timers WHERE due <= 1 ORDER BY due LIMIT 1"),
        ("cases_erase_due", "SELECT erase_due FROM cases WHERE erase_due <= 1 ORDER BY erase_due LIMIT 1"),
        ("case_tasks_pkey", "SELECT case_id FROM case_tasks WHERE task_id = '\\x01'"),
        ("events_laid_by_pkey", "SELECT case_id FROM events_laid_by WHERE place > 1 ORDER BY place LIMIT 8"),
        ("events_laid_by_pkey", "DELETE FROM events_laid_by WHERE place = 1"),
    ] {
        let rows = tx.fetch_all(AssertSqlSafe(format!("EXPLAIN {query}")), args![]).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(&format!("using {index}")), "{query}:\n{plan}");
        // Asked once a statement; a plan of a `SubPlan` would ask once a row.
        assert!(plan.contains("InitPlan") && !plan.contains("  SubPlan"), "{query}:\n{plan}");
    }
}

#[tokio::test]
async fn cases_of_an_older_release_are_read_by_this_one_and_belong_to_their_service() {
    let random = SeededRandom::new(1);
    let seeded: &dyn Random = &random;
    let id = CaseId::from_bytes([4; 16]);
    let keys = crate::keys::Keys::open(
        testkit::folder().join("agency-keys"),
        [7; 32],
        true,
        std::sync::Arc::new(SeededRandom::new(2)),
    );
    let key = CaseKey::generate(seeded);
    let wrapped = key.wrap(&keys.agency("justice").unwrap(), seeded);
    let state = cases::seal(&key, &process::CaseState::absent(id), &cases::place(id, "state", 1), seeded).unwrap();
    let (case, applicant) = (id.to_vec(), person(CITIZEN).to_vec());
    let rows: [(&str, &[&[u8]]); 5] = [
        (
            "INSERT INTO cases (case_id, version, agency, service, revision, phase, applicant, number, wrapped_key, state, events, opened, changed)
             VALUES ($1, 1, 'justice', 'marriage-certificate-copy', $2, 'draft', $3, NULL, $4, $5, 0, 1, 1)",
            &[&case, &[1; 32], &applicant, &wrapped, &state],
        ),
        ("INSERT INTO case_events (case_id, sequence, version, time, body) VALUES ($1, 1, 1, 1, $1)", &[&case]),
        (
            "INSERT INTO case_actions (action_id, case_id, operation, effect, state, attempt, tries, next_due, held_until, body)
             VALUES ($1, $1, 'notify', 'keyed', 'waiting', 1, 0, 1, 0, $1)",
            &[&case],
        ),
        ("INSERT INTO case_timers (timer_id, case_id, due) VALUES ($1, $1, 1)", &[&case]),
        (
            "INSERT INTO case_tasks (task_id, case_id, step, agency, role, opened) VALUES ($1, $1, 'review', 'land', 'registrar', 1)",
            &[&case],
        ),
    ];
    for (engine, settings, database) in testkit::expanded(MIGRATIONS, 1, &rows).await {
        let hosts = if engine == "postgres" { testkit::limited(&settings, &[OWN]) } else { settings };
        let host = Database::open(&hosts, MIGRATIONS).await.unwrap();
        // Nothing was marked before there were marks.
        assert_eq!(counts(&host).await, [1, 1, 1, 1, 1, 0, 0], "{engine}");
        let mut tx = host.begin().await.unwrap();
        let read = cases::read(&mut tx, &keys, id).await.unwrap().unwrap();
        assert_eq!(read.hosted_service(), OWN, "{engine}");
        for table in &KEYED[1..5] {
            let sql = AssertSqlSafe(format!("SELECT hosted_service FROM {table}"));
            assert_eq!(tx.fetch_one(sql, args![]).await.unwrap().text(0).unwrap(), OWN, "{engine}: {table}");
        }
        drop(tx);
        database.close().await;
    }
}
