//! What was acknowledged is there after the power went, whatever the disk did with writes that nobody synced.

use kernel::{Hash, Random, SeededRandom};
use sql::{Action, Database, Error, Settings, args, audit::Act};
use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use testkit::Disk;

use super::{MIGRATIONS, NOW, message};

const SEEDS: u64 = 80;
/// Enough for the log to be written back into the database several times (every 1000 pages).
const TRANSACTIONS: u64 = 60;

/// `XIZMAT_TEST_SEED=7` plays one of them again.
fn seeds() -> Vec<u64> {
    let told = std::env::var("XIZMAT_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    told.map_or_else(|| (1..=SEEDS).collect(), |seed| vec![seed])
}

fn number(random: &dyn Random, below: u64) -> u64 {
    u64::from_be_bytes(kernel::bytes::<8>(random)) % below
}

fn id(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

fn action(id: &[u8]) -> Action<'_> {
    Action::of_service("justice", "copy", id)
}

/// Message, answer and act, large and small, in one transaction; now and then the relay numbers what waits.
async fn transact(database: &Database, which: u64, random: &dyn Random) -> Result<(), Error> {
    let mut tx = database.begin().await?;
    let size = usize::try_from(number(random, 1 << 17)).unwrap();
    let mut message = message(which);
    message.body.resize(size, 7);
    sql::outbox::enqueue(&mut tx, &message).await?;
    let id = id(which);
    sql::answers::keep(&mut tx, action(&id), &Hash::of(b"asked"), &id, NOW).await?;
    sql::audit::append(&mut tx, &Act { time: NOW, act: "case.opened".into(), ..Act::default() }).await?;
    if which.is_multiple_of(3) {
        sql::outbox::assign(&mut tx, 100).await?;
    }
    tx.commit().await
}

/// Works until the power goes or everything is done; says which transactions were acknowledged.
async fn works(disk: &Disk, random: &dyn Random) -> Vec<u64> {
    let Ok(database) = Database::open(&Settings::file(disk.folder().join("kept.sqlite")), MIGRATIONS).await else {
        return Vec::new();
    };
    let mut acknowledged = Vec::new();
    for which in 1..=TRANSACTIONS {
        if transact(&database, which, random).await.is_err() {
            break;
        }
        acknowledged.push(which);
    }
    database.close().await;
    acknowledged
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_power_went() {
    let undisturbed = Disk::new(0);
    let all = works(&undisturbed, &SeededRandom::new(0)).await;
    assert_eq!(all.len() as u64, TRANSACTIONS);
    let mut interrupted = 0;
    for seed in seeds() {
        let random = SeededRandom::new(seed);
        let disk = Disk::new(seed);
        disk.fails_at(1 + number(&random, undisturbed.operations()));
        let acknowledged = works(&disk, &random).await;
        interrupted += u64::from((1..TRANSACTIONS).contains(&(acknowledged.len() as u64)));
        let left = Settings::file(disk.after_power_loss().join("kept.sqlite"));
        let database = Database::open(&left, MIGRATIONS).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut tx = database.begin().await.unwrap();
        let whole = tx.fetch_one("PRAGMA integrity_check", args![]).await.unwrap().text(0).unwrap();
        assert_eq!(whole, "ok", "seed {seed}");
        for which in &acknowledged {
            let id = id(*which);
            let answer = sql::answers::recall(&mut tx, action(&id), &Hash::of(b"asked")).await.unwrap();
            assert_eq!(answer.as_deref(), Some(id.as_slice()), "seed {seed}: transaction {which} is lost");
        }
        // Each transaction is there with all of its parts; at most the one under way besides those acknowledged.
        let acts = sql::audit::verify(&mut tx).await.unwrap_or_else(|error| panic!("seed {seed}: {error}")).acts;
        sql::outbox::assign(&mut tx, 1000).await.unwrap();
        let messages = sql::outbox::read(&mut tx, 0, 1000).await.unwrap().len() as i64;
        let answers = tx.fetch_one("SELECT COUNT(*) FROM answers", args![]).await.unwrap().int(0).unwrap();
        assert_eq!((acts, messages), (answers, answers), "seed {seed}: half a transaction");
        assert!(answers <= acknowledged.len() as i64 + 1, "seed {seed}");
    }
    assert!(
        std::env::var("XIZMAT_TEST_SEED").is_ok() || interrupted > SEEDS / 2,
        "{interrupted}: the power went too late"
    );
}

/// How many acknowledged rows the seeds lose together under one way of syncing; a database that is broken has lost its rows.
async fn lost(synchronous: SqliteSynchronous) -> u64 {
    let options = |folder: &std::path::Path| {
        let options = SqliteConnectOptions::new().filename(folder.join("kept.sqlite")).create_if_missing(true);
        options.journal_mode(SqliteJournalMode::Wal).synchronous(synchronous)
    };
    let mut lost = 0;
    for seed in 1..=20 {
        let random = SeededRandom::new(seed);
        let disk = Disk::new(seed);
        let mut connection = SqliteConnection::connect_with(&options(disk.folder())).await.unwrap();
        sqlx::raw_sql("CREATE TABLE kept (id INTEGER PRIMARY KEY)").execute(&mut connection).await.unwrap();
        disk.fails_at(disk.operations() + 1 + number(&random, 100));
        let mut acknowledged = 0;
        while sqlx::raw_sql("INSERT INTO kept DEFAULT VALUES").execute(&mut connection).await.is_ok() {
            acknowledged += 1;
        }
        let left: Result<i64, _> = match SqliteConnection::connect_with(&options(&disk.after_power_loss())).await {
            Ok(mut again) => sqlx::query_scalar("SELECT COUNT(*) FROM kept").fetch_one(&mut again).await,
            Err(error) => Err(error),
        };
        lost += u64::saturating_sub(acknowledged, left.unwrap_or_default().unsigned_abs());
    }
    lost
}

#[tokio::test]
async fn only_syncing_at_every_commit_loses_nothing_on_this_disk() {
    assert_eq!(lost(SqliteSynchronous::Full).await, 0);
    assert!(lost(SqliteSynchronous::Normal).await > 0, "the disk keeps what nobody synced");
    assert!(lost(SqliteSynchronous::Off).await > 0);
}
