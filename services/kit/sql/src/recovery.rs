//! A database that was restored says so until its disagreements with the others were settled: it serves nobody, and then its log
//! begins a new epoch.

use kernel::Time;

use crate::{Database, Error, Settings, Tx, args, audit, cursor, cursor::Position, outbox};

/// One recovery of this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    pub name: String,
    pub began: Time,
    pub ended: Option<Time>,
}

/// Begins the recovery of this name, unless this database has been through it; true while one has not ended. A backup that was
/// made before a recovery does not know of it: restored again, it begins anew.
pub async fn begin(settings: &Settings, name: &str) -> Result<bool, Error> {
    let database = Database::open(settings, &[]).await?;
    let outcome = begin_in(&database, name).await;
    database.close().await;
    outcome
}

async fn begin_in(database: &Database, name: &str) -> Result<bool, Error> {
    let mut tx = database.begin().await?;
    if !name.is_empty() {
        let now = tx.database_now().await?;
        let begin = "INSERT INTO recovery (name, began) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        tx.execute(begin, args![name, now]).await?;
    }
    let open = tx.fetch_optional("SELECT 1 FROM recovery WHERE ended IS NULL", args![]).await?;
    tx.commit().await?;
    Ok(open.is_some())
}

/// The recovery that this database is in, or was in last.
pub async fn last(tx: &mut Tx) -> Result<Option<Recovery>, Error> {
    let newest = "SELECT name, began, ended FROM recovery ORDER BY ended IS NOT NULL, began DESC LIMIT 1";
    let row = tx.fetch_optional(newest, args![]).await?;
    row.map(|row| Ok(Recovery { name: row.text(0)?, began: row.time(1)?, ended: row.opt_time(2)? })).transpose()
}

/// Ends what has not ended: the log begins a new epoch, so that whoever reads it reads it anew, and nobody who held a lease of
/// the time before has one. Nothing where it has ended before.
pub async fn end(tx: &mut Tx, role: &str, now: Time) -> Result<Option<i64>, Error> {
    let Some(open) = last(tx).await?.filter(|recovery| recovery.ended.is_none()) else { return Ok(None) };
    let epoch = outbox::start_epoch(tx).await?;
    tx.execute("UPDATE recovery SET ended = $1, epoch = $2 WHERE ended IS NULL", args![now, epoch]).await?;
    let act = audit::Act {
        time: now,
        service_actor: Some(role.to_owned()),
        act: "recovery.ended".into(),
        detail: format!("{{\"name\":{:?},\"epoch\":{epoch}}}", open.name),
        ..audit::Act::default()
    };
    audit::append(tx, &act).await?;
    Ok(Some(epoch))
}

/// Which life this database is in: 0 until it was restored for the first time. What is derived instead of drawn carries it, so
/// that nobody who remembers a life that was lost takes this one's for it.
pub async fn era(tx: &mut Tx) -> Result<i64, Error> {
    let row = tx.fetch_one("SELECT COALESCE(MAX(epoch), 0) FROM recovery", args![]).await?;
    row.int(0)
}

/// The last act or event in it; while a recovery is open, the last before that: it tells from when the copy is.
pub async fn newest(tx: &mut Tx) -> Result<Option<Time>, Error> {
    let open = last(tx).await?.filter(|recovery| recovery.ended.is_none());
    let before = open.map_or(i64::MAX, |recovery| recovery.began.micros());
    let newest = "SELECT MAX(time) FROM (SELECT MAX(time) AS time FROM outbox WHERE time < $1
                  UNION ALL SELECT MAX(time) FROM audit WHERE time < $1) AS told";
    tx.fetch_one(newest, args![before]).await?.opt_time(0)
}

/// How far every log that is read here took effect.
pub async fn positions(tx: &mut Tx) -> Result<Vec<(String, Position)>, Error> {
    let mut positions = Vec::new();
    for log in cursor::all(tx).await? {
        let position = cursor::read(tx, &log).await?;
        positions.push((log, position));
    }
    Ok(positions)
}
