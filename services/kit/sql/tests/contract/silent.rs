//! A PostgreSQL server that falls silent, as one whose node is lost: connections to it stay open, and nothing comes any more.

use kernel::Failure;
use sql::{Database, Error, Settings, Tx, args};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What was connected over it before a cut says nothing from then on, and is not closed.
struct Wire {
    port: u16,
    cuts: watch::Sender<u64>,
}

impl Wire {
    async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self { port: listener.local_addr().unwrap().port(), cuts: watch::Sender::new(0) };
        let cuts = wire.cuts.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, server, cuts.subscribe()));
            }
        });
        wire
    }

    fn cut(&self) {
        self.cuts.send_modify(|count| *count += 1);
    }
}

async fn carry(mut near: TcpStream, server: u16, mut cut: watch::Receiver<u64>) {
    let mut far = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
        _ = cut.changed() => std::future::pending().await,
    }
}

async fn one(tx: &mut Tx) -> Result<i64, Failure> {
    Ok(tx.fetch_one("SELECT CAST(1 AS BIGINT)", args![]).await?.int(0)?)
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_and_whoever_comes_next_is_served() {
    if std::env::var("XIZMAT_TEST_POSTGRES").as_deref() == Ok("off") {
        return;
    }
    let server = testkit::over_network(false);
    let wire = Wire::to(server.port).await;
    let file = testkit::folder().join("silent.url");
    std::fs::write(&file, format!("postgres://postgres@localhost:{}/postgres?sslmode=disable", wire.port)).unwrap();
    let settings = Settings { answer_s: 1, max_connections: 2, ..Settings::url_file(&file) };
    let database = Database::open(&settings, &[]).await.unwrap();

    // In the middle of all the transactions that are possible at once.
    let mut open = [database.begin().await.unwrap(), database.read().await.unwrap()];
    assert_eq!(one(&mut open[0]).await.unwrap(), 1);
    wire.cut();
    for tx in &mut open {
        assert_eq!(one(tx).await.unwrap_err().code, "store.unreachable");
    }
    drop(open);
    let mut next = database.begin().await.unwrap();
    assert_eq!(one(&mut next).await.unwrap(), 1);
    next.commit().await.unwrap();

    // Between two: who asks first learns of it, unless a connection is made for them anyway.
    wire.cut();
    if let Err(silent) = database.begin().await {
        assert_eq!(Failure::from(silent).code, "store.unreachable");
    }
    let mut next = database.begin().await.unwrap();
    assert_eq!(one(&mut next).await.unwrap(), 1);
    next.commit().await.unwrap();
    database.close().await;
}

#[tokio::test]
async fn whoever_waits_for_anothers_lock_is_told_that_the_database_is_busy_and_keeps_their_connection() {
    if std::env::var("XIZMAT_TEST_POSTGRES").as_deref() == Ok("off") {
        return;
    }
    let server = testkit::over_network(false);
    let file = testkit::folder().join("locked.url");
    std::fs::write(&file, format!("postgres://postgres@localhost:{}/postgres?sslmode=disable", server.port)).unwrap();
    let settings = Settings { answer_s: 5, max_connections: 2, ..Settings::url_file(&file) };
    let database = Database::open(&settings, &[]).await.unwrap();
    let mut first = database.begin().await.unwrap();
    first.execute("SELECT pg_advisory_xact_lock(7)", args![]).await.unwrap();
    let mut second = database.begin().await.unwrap();
    let backend = async |tx: &mut Tx| {
        let row = tx.fetch_one("SELECT CAST(pg_backend_pid() AS BIGINT)", args![]).await.unwrap();
        row.int(0).unwrap()
    };
    let waiting = backend(&mut second).await;
    let told = second.execute("SELECT pg_advisory_xact_lock(7)", args![]).await.unwrap_err();
    assert!(matches!(told, Error::Busy(_)), "{told:?}");
    drop(second);
    first.commit().await.unwrap();
    let known =
        [backend(&mut database.begin().await.unwrap()).await, backend(&mut database.read().await.unwrap()).await];
    assert!(known.contains(&waiting), "nothing was made anew: {waiting}, {known:?}");
    database.close().await;
}

/// Time goes by itself while nobody has anything to do.
#[tokio::test(start_paused = true)]
async fn whoever_makes_databases_gives_up_a_server_that_takes_connections_and_says_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let administrator = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
    let told = sql::is_provisioned(&administrator, "agency_justice").await.unwrap_err();
    assert!(matches!(told, Error::Unreachable(_)), "{told:?}");
}
