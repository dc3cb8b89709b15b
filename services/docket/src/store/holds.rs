//! Legal holds that end by themselves.

use kernel::Time;
use proto::{docket::v1::EndingHold, eservice::v1::CaseHeld, identity::v1::Officer};
use sql::{AssertSqlSafe, Error, Row, Tx, args};

use super::{
    index,
    own::{Arguments, no_part},
};

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

/// Those of an agency that end after one moment and before another, the next first; never one of a case in which the officer has a part.
pub async fn ending(
    tx: &mut Tx,
    agency: &str,
    officer: &Officer,
    (after, before): (Time, Time),
) -> Result<Vec<EndingHold>, Error> {
    let mut arguments = Arguments(args![agency, &officer.person, after, before, TOLD_MAX]);
    let no_part = no_part(officer, &mut arguments);
    let sql = format!(
        "SELECT agency, service, number, ends, CASE WHEN officer = $2 THEN 1 ELSE 0 END FROM holds
         WHERE agency = $1 AND ends > $3 AND ends < $4
           AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.case_id = holds.case_id AND NOT {no_part})
         ORDER BY ends, case_id LIMIT $5"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
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
    use proto::{CaseRef, eservice::v1::CaseChanged};

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

    fn archivist(person: u8) -> Officer {
        Officer { person: vec![person; 16], party: vec![person; 32], ..Officer::default() }
    }

    #[tokio::test]
    async fn a_hold_is_told_of_before_it_ends_and_no_more_once_it_was_ended_or_its_case_erased() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            for told in [held(1, 50), held(2, 40), held(3, 0), held(4, 500), held(5, 60), held(1, 70), held(5, 0)] {
                hear(&mut tx, &told).await.unwrap();
            }
            let (reader, month) = (archivist(2), (Time::from_micros(10), Time::from_micros(100)));
            let told = ending(&mut tx, "justice", &reader, month).await.unwrap();
            let seen: Vec<_> = told.iter().map(|hold| (hold.number.as_str(), hold.until_us, hold.own)).collect();
            assert_eq!(seen, [("JUS-2026-000002", 40, true), ("JUS-2026-000001", 70, false)], "{engine}");
            assert!(ending(&mut tx, "health", &reader, month).await.unwrap().is_empty(), "{engine}");
            index::erase(&mut tx, &[1; 16]).await.unwrap();
            hear(&mut tx, &held(1, 80)).await.unwrap();
            assert_eq!(ending(&mut tx, "justice", &reader, month).await.unwrap().len(), 1, "{engine}: erased for good");
            index::clear(&mut tx).await.unwrap();
            assert!(ending(&mut tx, "justice", &reader, month).await.unwrap().is_empty(), "{engine}: read anew");
        }
    }

    #[tokio::test]
    async fn nobody_is_told_of_a_hold_on_a_case_of_their_own() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let changed = CaseChanged {
                case: held(1, 50).case,
                version: 1,
                phase: "ended".into(),
                applicant: vec![9; 16],
                parties: vec![vec![77; 32]],
                ..CaseChanged::default()
            };
            index::apply(&mut tx, &changed).await.unwrap();
            hear(&mut tx, &held(1, 50)).await.unwrap();
            let directs = vec![vec![8; 16], vec![9; 16]];
            let readers = [
                (archivist(9), 0, "they applied"),
                (Officer { directs, ..archivist(2) }, 0, "their company did"),
                (Officer { party: vec![77; 32], ..archivist(2) }, 0, "it names them"),
                (archivist(2), 1, "somebody else"),
            ];
            for (reader, count, why) in readers {
                let month = (Time::from_micros(10), Time::from_micros(100));
                let told = ending(&mut tx, "justice", &reader, month).await.unwrap();
                assert_eq!(told.len(), count, "{engine}: {why}");
            }
        }
    }
}
