//! Looks for applications by their number or by keyed hashes, and keeps whom a search found.

use kernel::{CaseId, MessageId, PersonId};
use proto::{docket::v1::FoundCase, identity::v1::Officer};
use sql::{AssertSqlSafe, Error, Row, Tx, args};

use super::{
    lists::title,
    own::{Arguments, no_part},
};
use crate::domain::search::{Reach, Terms};

/// The act of a search in the record; its subject is the search's id.
pub const ACT: &str = "docket.searched";

/// What a search found, with whose it is: for the record, not for the officer.
pub struct Hit {
    pub case: CaseId,
    pub version: i64,
    pub applicant: PersonId,
    pub shown: FoundCase,
}

/// Submitted applications, the latest change first; never one in which the officer has a part.
pub async fn find(tx: &mut Tx, terms: &Terms, reach: &Reach, officer: &Officer, limit: i64) -> Result<Vec<Hit>, Error> {
    let mut arguments = Arguments::default();
    let is_meant = match terms {
        Terms::Number(number) => format!("number = {}", arguments.put(args![number])),
        Terms::Hashes(hashes) => {
            let places = arguments.put(hashes.iter().flat_map(|hash| args![*hash]).collect());
            let all = hashes.len();
            format!(
                "case_id IN (SELECT case_id FROM lookups WHERE hash IN ({places}) GROUP BY case_id HAVING COUNT(*) = {all})"
            )
        }
    };
    let reached = reached(reach, &mut arguments);
    let no_part = no_part(officer, &mut arguments);
    let most = arguments.put(args![limit]);
    let sql = format!(
        "SELECT case_id, version, applicant, agency, service, number, phase, status, office, title FROM entries
         WHERE {is_meant} AND {reached} AND phase NOT IN ('draft', 'discarded') AND {no_part}
         ORDER BY changed DESC, case_id DESC LIMIT {most}"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
    let mut hits = rows.iter().map(hit).collect::<Result<Vec<_>, Error>>()?;
    for hit in &mut hits {
        hit.shown.task_id = way_in(tx, hit.case, reach).await?;
    }
    Ok(hits)
}

/// Cases of the officer's agency: in their own queue, as the e-service has it, open tasks of the very office; for a reason, all. What is
/// proposed of a document of an ended case brings that into nobody's. Whoever is asked for an opinion on another agency's case learns
/// from no search whose it is.
fn reached(reach: &Reach, arguments: &mut Arguments) -> String {
    let agency = arguments.put(args![&reach.agency]);
    if reach.beyond {
        return format!("agency = {agency}");
    }
    let own: Vec<String> = reach
        .scopes
        .iter()
        .map(|scope| {
            let (role, office) = (arguments.put(args![&scope.role]), arguments.put(args![&scope.office]));
            format!("(tasks.role = {role} AND (tasks.office = '' OR tasks.office = {office}))")
        })
        .collect();
    format!(
        "agency = {agency}
         AND EXISTS (SELECT 1 FROM tasks WHERE tasks.case_id = entries.case_id AND tasks.agency = {agency}
                     AND tasks.recall = 0 AND ({}))",
        own.join(" OR ")
    )
}

fn hit(row: &Row) -> Result<Hit, Error> {
    let case = row.parsed(0, CaseId::from_slice)?;
    Ok(Hit {
        case,
        version: row.int(1)?,
        applicant: row.parsed(2, PersonId::from_slice)?,
        shown: FoundCase {
            case_id: case.to_vec(),
            agency: row.text(3)?,
            service: row.text(4)?,
            number: row.text(5)?,
            phase: row.text(6)?,
            status: row.text(7)?,
            office: row.text(8)?,
            title: Some(title(&row.text(9)?)),
            task_id: Vec::new(),
        },
    })
}

/// The most urgent task that the officer may open; for a reason that was typed also one that is closed, the last of them. Empty: none.
async fn way_in(tx: &mut Tx, case: CaseId, reach: &Reach) -> Result<Vec<u8>, Error> {
    let open = "SELECT task_id, role, office FROM tasks WHERE case_id = $1 AND agency = $2 ORDER BY urgency, task_id";
    let mut rows = tx.fetch_all(open, args![case, &reach.agency]).await?;
    if reach.beyond {
        let past = "SELECT task_id, role, office FROM past_tasks WHERE case_id = $1 ORDER BY closed DESC, task_id";
        rows.extend(tx.fetch_all(past, args![case]).await?);
    }
    for row in &rows {
        if reach.covers(&row.text(1)?, &row.text(2)?) {
            return row.blob(0);
        }
    }
    Ok(Vec::new())
}

/// The applicant may read why.
pub async fn note(tx: &mut Tx, search: MessageId, hit: &Hit) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO findings (search, case_id, applicant) VALUES ($1, $2, $3)
         ON CONFLICT (search, case_id) DO NOTHING",
        args![search, hit.case, hit.applicant],
    )
    .await?;
    Ok(())
}

/// Why somebody looked, for an applicant whom they found.
pub async fn reason(tx: &mut Tx, search: MessageId, applicant: PersonId) -> Result<Option<String>, Error> {
    let select = "SELECT purpose FROM audit WHERE subject = $1 AND act = $2
                  AND EXISTS (SELECT 1 FROM findings WHERE findings.search = $1 AND findings.applicant = $3) LIMIT 1";
    let row = tx.fetch_optional(select, args![search, ACT, applicant]).await?;
    row.map_or(Ok(None), |row| row.opt_text(0))
}
