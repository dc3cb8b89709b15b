//! Legal holds that end by themselves.

use kernel::{PersonId, Time};
use proto::{docket::v1::EndingHold, eservice::v1::CaseHeld};
use sql::{Error, Row, Tx, args};

use super::index;

/// Of an agency, on one page.
const TOLD_MAX: i64 = 50;

/// What was told last of a case counts; one that ends when it is released is nobody's news.
pub async fn hear(tx: &mut Tx, told: &CaseHeld) -> Result<(), Error> {
    let case = told.case.clone().unwrap_or_default();
    tx.execute("DELETE FROM holds WHERE case_id = $1", args![&case.case_id]).await?;
    if told.until_us == 0 || index::is_erased(tx, &case.case_id).await? {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO holds (case_id, agency, service, number, officer, ends) VALUES ($1, $2, $3, $4, $5, $6)",
        args![&case.case_id, &case.agency, &case.service, &told.number, &told.officer, told.until_us],
    )
    .await?;
    Ok(())
}

/// Those of an agency that end after one moment and before another, the next first.
pub async fn ending(
    tx: &mut Tx,
    agency: &str,
    reader: PersonId,
    (after, before): (Time, Time),
) -> Result<Vec<EndingHold>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT agency, service, number, ends, CASE WHEN officer = $2 THEN 1 ELSE 0 END FROM holds
             WHERE agency = $1 AND ends > $3 AND ends < $4 ORDER BY ends, case_id LIMIT $5",
            args![agency, reader, after, before, TOLD_MAX],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<EndingHold, Error> {
    Ok(EndingHold {
        agency: row.text(0)?,
        service: row.text(1)?,
        number: row.text(2)?,
        until_us: row.int(3)?,
        own: row.bool(4)?,
    })
}

#[cfg(test)]
mod tests {
    use proto::CaseRef;

    use super::*;
    use crate::store::MIGRATIONS;

    fn held(case: u8, until_us: i64) -> CaseHeld {
        CaseHeld {
            case: Some(CaseRef {
                case_id: vec![case; 16],
                agency: "justice".into(),
                service: "copy".into(),
                ..CaseRef::default()
            }),
            number: format!("JUS-2026-{case:06}"),
            officer: vec![case; 16],
            until_us,
            stands: until_us > 0,
        }
    }

    #[tokio::test]
    async fn a_hold_is_told_of_before_it_ends_and_no_more_once_it_was_ended_or_its_case_erased() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            for told in [held(1, 50), held(2, 40), held(3, 0), held(4, 500), held(5, 60), held(1, 70), held(5, 0)] {
                hear(&mut tx, &told).await.unwrap();
            }
            let (reader, month) = (PersonId::from_bytes([2; 16]), (Time::from_micros(10), Time::from_micros(100)));
            let told = ending(&mut tx, "justice", reader, month).await.unwrap();
            let seen: Vec<_> = told.iter().map(|hold| (hold.number.as_str(), hold.until_us, hold.own)).collect();
            assert_eq!(seen, [("JUS-2026-000002", 40, true), ("JUS-2026-000001", 70, false)], "{engine}");
            assert!(ending(&mut tx, "health", reader, month).await.unwrap().is_empty(), "{engine}");
            index::erase(&mut tx, &[1; 16]).await.unwrap();
            hear(&mut tx, &held(1, 80)).await.unwrap();
            assert_eq!(ending(&mut tx, "justice", reader, month).await.unwrap().len(), 1, "{engine}: erased for good");
        }
    }
}
