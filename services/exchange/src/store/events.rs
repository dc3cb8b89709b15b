//! What agencies' own systems announced: taken once, read by place, and forgotten when its time is over.

use std::time::Duration;

use kernel::{Hash, Time};
use sql::{Error, Tx, args};

/// For how long what an event says waits for the hosts that read it.
pub const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// An event to be kept, sealed.
pub struct New<'a> {
    pub agency: &'a str,
    pub name: &'a str,
    pub id: &'a str,
    pub hash: Hash,
    pub wrapped_key: Vec<u8>,
    pub content: Vec<u8>,
    pub at: Time,
}

/// One that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub place: i64,
    pub id: String,
    pub taken: Time,
    /// Its wrapped key and what it says, sealed; none: its time is over.
    pub sealed: Option<(Vec<u8>, Vec<u8>)>,
}

/// What was announced under this id before: its hash, and when it was taken.
pub async fn known(tx: &mut Tx, agency: &str, id: &str) -> Result<Option<(Hash, Time)>, Error> {
    let sql = "SELECT hash, taken FROM announced_events WHERE agency = $1 AND event_id = $2";
    let row = tx.fetch_optional(sql, args![agency, id]).await?;
    row.map(|row| Ok((row.parsed(0, Hash::from_slice)?, row.time(1)?))).transpose()
}

/// Keeps it at the next place of its name; false where the id is taken meanwhile, and nothing may be committed. Whoever announces
/// under the same name waits: so places are seen in their order. A restored database goes on beyond every place that it gave before:
/// its era is a moment, in microseconds.
pub async fn add(tx: &mut Tx, event: &New<'_>, era: i64) -> Result<bool, Error> {
    let row = tx
        .fetch_one(
            "INSERT INTO event_places (agency, name, last) VALUES ($1, $2, $3 + 1)
             ON CONFLICT (agency, name) DO UPDATE SET
                 last = CASE WHEN event_places.last < $3 THEN $3 + 1 ELSE event_places.last + 1 END
             RETURNING last",
            args![event.agency, event.name, era],
        )
        .await?;
    let added = tx
        .execute(
            "INSERT INTO announced_events (agency, name, place, event_id, taken, hash, wrapped_key, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (agency, event_id) DO NOTHING",
            args![
                event.agency,
                event.name,
                row.int(0)?,
                event.id,
                event.at,
                event.hash,
                &event.wrapped_key,
                &event.content
            ],
        )
        .await?;
    Ok(added == 1)
}

/// The place of the newest one of a name; 0: there was none.
pub async fn last(tx: &mut Tx, agency: &str, name: &str) -> Result<i64, Error> {
    let sql = "SELECT last FROM event_places WHERE agency = $1 AND name = $2";
    tx.fetch_optional(sql, args![agency, name]).await?.map_or(Ok(0), |row| row.int(0))
}

/// What comes after a place, in the order of places.
pub async fn after(tx: &mut Tx, agency: &str, name: &str, after: i64, limit: i64) -> Result<Vec<Kept>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT place, event_id, taken, wrapped_key, content FROM announced_events
             WHERE agency = $1 AND name = $2 AND place > $3 ORDER BY place LIMIT $4",
            args![agency, name, after, limit],
        )
        .await?;
    let kept = |row: &sql::Row| {
        let sealed = row.opt_blob(3)?.zip(row.opt_blob(4)?);
        Ok(Kept { place: row.int(0)?, id: row.text(1)?, taken: row.time(2)?, sealed })
    };
    rows.iter().map(kept).collect()
}

/// Takes away what older ones say; how many.
pub async fn forget(tx: &mut Tx, before: Time) -> Result<u64, Error> {
    let sql = "UPDATE announced_events SET wrapped_key = NULL, content = NULL WHERE taken < $1 AND content IS NOT NULL";
    tx.execute(sql, args![before]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MIGRATIONS;

    fn event(id: &str, second: i64) -> New<'_> {
        New {
            agency: "civil-status",
            name: "child-born",
            id,
            hash: Hash::of(id.as_bytes()),
            wrapped_key: vec![1],
            content: vec![2],
            at: Time::from_seconds(second),
        }
    }

    async fn taken(database: &sql::Database, new: &New<'_>, era: i64) -> bool {
        let mut tx = database.begin().await.unwrap();
        let added = add(&mut tx, new, era).await.unwrap();
        if added {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
        added
    }

    #[tokio::test]
    async fn an_event_has_one_place_and_places_have_no_gap_and_go_on_beyond_a_restore() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            assert!(taken(&database, &event("a", 1), 0).await, "{engine}");
            assert!(!taken(&database, &event("a", 2), 0).await, "{engine}: once");
            assert!(taken(&database, &event("b", 3), 0).await, "{engine}");
            assert!(taken(&database, &New { name: "child-died", ..event("c", 3) }, 0).await, "{engine}");
            let other = New { agency: "health", ..event("a", 3) };
            assert!(taken(&database, &other, 0).await, "{engine}: another agency's id is another one");
            let mut tx = database.begin().await.unwrap();
            let known_a = known(&mut tx, "civil-status", "a").await.unwrap();
            assert_eq!(known_a, Some((Hash::of(b"a"), Time::from_seconds(1))), "{engine}");
            let all = after(&mut tx, "civil-status", "child-born", 0, 10).await.unwrap();
            let places: Vec<(i64, &str)> = all.iter().map(|kept| (kept.place, kept.id.as_str())).collect();
            assert_eq!(places, [(1, "a"), (2, "b")], "{engine}");
            assert_eq!(after(&mut tx, "civil-status", "child-born", 0, 1).await.unwrap(), all[..1], "{engine}");
            assert_eq!(after(&mut tx, "civil-status", "child-born", 1, 9).await.unwrap(), all[1..], "{engine}");
            assert_eq!(last(&mut tx, "civil-status", "child-born").await.unwrap(), 2, "{engine}");
            assert_eq!(last(&mut tx, "civil-status", "other").await.unwrap(), 0, "{engine}");
            drop(tx);
            assert!(taken(&database, &event("d", 4), 1_000).await, "{engine}");
            let mut tx = database.begin().await.unwrap();
            assert_eq!(last(&mut tx, "civil-status", "child-born").await.unwrap(), 1_001, "{engine}");
        }
    }

    #[tokio::test]
    async fn what_an_event_says_goes_with_its_time_and_its_id_stays_taken() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            for (id, second) in [("a", 1), ("b", 5)] {
                assert!(taken(&database, &event(id, second), 0).await, "{engine}");
            }
            let mut tx = database.begin().await.unwrap();
            assert_eq!(forget(&mut tx, Time::from_seconds(5)).await.unwrap(), 1, "{engine}");
            assert_eq!(forget(&mut tx, Time::from_seconds(5)).await.unwrap(), 0, "{engine}: once");
            let all = after(&mut tx, "civil-status", "child-born", 0, 10).await.unwrap();
            let sealed: Vec<_> = all.into_iter().map(|kept| kept.sealed).collect();
            assert_eq!(sealed, [None, Some((vec![1], vec![2]))], "{engine}");
            tx.commit().await.unwrap();
            assert!(!taken(&database, &event("a", 9), 0).await, "{engine}");
        }
    }
}
