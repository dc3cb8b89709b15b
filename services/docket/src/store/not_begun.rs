//! Events of agencies' own systems that began no case.

use kernel::Time;
use proto::{docket::v1::EventNotBegun, eservice::v1::CaseNotBegun};
use sql::{Error, Row, Tx, args};

use super::{index, lists};

/// An event is given up once; read anew, it is told of once, too.
pub async fn hear(tx: &mut Tx, told: &CaseNotBegun) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO not_begun (agency, service, owner, event, event_id, start, title, code, announced, time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (agency, service, owner, event_id) DO NOTHING",
        args![
            &told.agency,
            &told.service,
            &told.owner,
            &told.event,
            &told.id,
            &told.start,
            index::title(told.title.as_ref()),
            &told.code,
            told.announced_us,
            told.time_us
        ],
    )
    .await?;
    Ok(())
}

/// Those of an agency that were given up since, the newest first.
pub async fn list(tx: &mut Tx, agency: &str, since: Time, limit: i64) -> Result<Vec<EventNotBegun>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT service, start, title, owner, event, event_id, code, announced, time FROM not_begun
             WHERE agency = $1 AND time > $2 ORDER BY time DESC, service, owner, event_id LIMIT $3",
            args![agency, since, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<EventNotBegun, Error> {
    Ok(EventNotBegun {
        service: row.text(0)?,
        start: row.text(1)?,
        title: Some(lists::title(&row.text(2)?)),
        owner: row.text(3)?,
        event: row.text(4)?,
        id: row.text(5)?,
        code: row.text(6)?,
        announced_us: row.int(7)?,
        time_us: row.int(8)?,
    })
}

/// What nobody is told of any more goes.
pub async fn forget(tx: &mut Tx, until: Time) -> Result<(), Error> {
    tx.execute("DELETE FROM not_begun WHERE time <= $1", args![until]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proto::Text;

    use super::*;
    use crate::store::MIGRATIONS;

    fn told(agency: &str, id: &str, time_us: i64) -> CaseNotBegun {
        CaseNotBegun {
            agency: agency.into(),
            service: "copy".into(),
            start: "lost".into(),
            title: Some(Text { by_language: [("en".to_owned(), "A record was lost".to_owned())].into() }),
            owner: "civil-status".into(),
            event: "record-lost".into(),
            id: id.into(),
            code: "start.event-data".into(),
            announced_us: time_us - 5,
            time_us,
        }
    }

    async fn shown(tx: &mut Tx, agency: &str, since: i64) -> Vec<String> {
        let found = list(tx, agency, Time::from_micros(since), 9).await.unwrap();
        found.into_iter().map(|event| event.id).collect()
    }

    #[tokio::test]
    async fn an_event_that_began_no_case_is_told_once_to_its_agency_and_for_its_time_alone() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let events =
                [("justice", "e-1", 10), ("justice", "e-2", 20), ("health", "e-3", 30), ("justice", "e-2", 40)];
            for (agency, id, time) in events {
                hear(&mut tx, &told(agency, id, time)).await.unwrap();
            }
            assert_eq!(shown(&mut tx, "justice", 0).await, ["e-2", "e-1"], "{engine}: the newest first, each once");
            assert_eq!(shown(&mut tx, "health", 0).await, ["e-3"], "{engine}");
            assert_eq!(shown(&mut tx, "justice", 10).await, ["e-2"], "{engine}: its time is over");
            let one = list(&mut tx, "justice", Time::from_micros(10), 9).await.unwrap().remove(0);
            let expected = told("justice", "e-2", 20);
            assert_eq!((one.title, one.owner, one.event), (expected.title, expected.owner, expected.event), "{engine}");
            assert_eq!((one.start, one.code), (expected.start, expected.code), "{engine}");
            assert_eq!((one.announced_us, one.time_us), (15, 20), "{engine}");
            forget(&mut tx, Time::from_micros(10)).await.unwrap();
            assert_eq!(shown(&mut tx, "justice", 0).await, ["e-2"], "{engine}: nothing of it is kept");
            index::clear(&mut tx).await.unwrap();
            assert!(shown(&mut tx, "justice", 0).await.is_empty(), "{engine}: read anew");
        }
    }
}
