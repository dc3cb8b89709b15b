//! What a restored database of cases is asked for, and what is put right in it before it serves again.

use std::collections::BTreeMap;

use kernel::{CaseId, Time};
use sql::{Error, Tx, args};

/// A case as far as it can be told without its key.
pub struct Told {
    pub case: CaseId,
    pub version: i64,
    pub agency: String,
    pub service: String,
    pub number: String,
    pub erased: bool,
}

/// Cases of a service after one, in the order of their ids.
pub async fn cases(tx: &mut Tx, agency: &str, service: &str, after: &[u8], limit: i64) -> Result<Vec<Told>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, version, agency, service, number, erased FROM cases
             WHERE agency = $1 AND service = $2 AND case_id > $3 ORDER BY case_id LIMIT $4",
            args![agency, service, after, limit],
        )
        .await?;
    let told = rows.iter().map(|row| {
        Ok(Told {
            case: row.parsed(0, CaseId::from_slice)?,
            version: row.int(1)?,
            agency: row.text(2)?,
            service: row.text(3)?,
            number: row.opt_text(4)?.unwrap_or_default(),
            erased: row.opt_time(5)?.is_some(),
        })
    });
    told.collect()
}

/// A number that was given in a life that was lost is not given again.
pub async fn skip_number(tx: &mut Tx, agency: &str, year: i64, count: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO case_numbers (agency, year, last) VALUES ($1, $2, $3)
         ON CONFLICT (agency, year) DO UPDATE SET last = $3 WHERE case_numbers.last < $3",
        args![agency, year, count],
    )
    .await?;
    Ok(())
}

/// Makes a case due that was erased after the copy, unless it runs again or its erasure stands ordered under its own act.
pub async fn erase_again(tx: &mut Tx, case: CaseId, now: Time, under: &BTreeMap<&str, &str>) -> Result<(), Error> {
    tx.execute(
        "UPDATE cases SET erase_due = $1, erased_under = $2
         WHERE case_id = $3 AND phase IN ('discarded', 'ended') AND erased_under IS NULL AND erased IS NULL",
        args![now, serde_json::json!(under).to_string(), case],
    )
    .await?;
    Ok(())
}

/// What may be done once only may have been done after the backup was made: nobody knows, so a person decides.
pub async fn doubt_once(tx: &mut Tx) -> Result<u64, Error> {
    let doubt = "UPDATE case_actions SET state = 'started', held_until = 0 WHERE effect = 'once' AND state = 'waiting'";
    tx.execute(doubt, args![]).await
}
