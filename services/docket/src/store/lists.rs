//! What people read: a person's applications, an officer's queue.

use kernel::{PersonId, TaskId, Time};
use proto::{
    Text,
    docket::v1::{Entry, Task},
    identity::v1::Officer,
};
use sql::{Error, Row, Tx, args};

use crate::domain::{
    latest::Latest,
    queue::{Place, Scope},
};

/// A person's cases and those in which they act for somebody else now, all or what waits for them; the latest change first, after a
/// place in this order.
pub async fn applications(
    tx: &mut Tx,
    (person, unfinished): (PersonId, bool),
    now: Time,
    after: &Latest,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, number, agency, service, phase, status, outcome, version, opened, changed, due, title,
                    CASE WHEN representative IS NULL THEN '' WHEN applicant = $1 THEN 'represented' ELSE 'acting' END
             FROM entries WHERE (applicant = $1 OR (representative = $1 AND represented_until > $5)) AND phase <> 'discarded'
               AND ($6 = 0 OR phase IN ('draft', 'returned')) AND (changed < $2 OR (changed = $2 AND case_id < $3))
             ORDER BY changed DESC, case_id DESC LIMIT $4",
            args![person, after.changed, after.case, limit, now, unfinished],
        )
        .await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        case_id: row.blob(0)?,
        number: row.text(1)?,
        agency: row.text(2)?,
        service: row.text(3)?,
        phase: row.text(4)?,
        status: row.text(5)?,
        outcome: row.text(6)?,
        version: row.int(7)?,
        opened_us: row.int(8)?,
        changed_us: row.int(9)?,
        due_us: row.int(10)?,
        title: Some(title(&row.text(11)?)),
        representation: row.text(12)?,
    })
}

fn title(json: &str) -> Text {
    Text { by_language: serde_json::from_str(json).unwrap_or_default() }
}

/// Open tasks that one appointment covers, most urgent first; never of a case in which the officer has a part.
pub async fn queue(
    tx: &mut Tx,
    scope: &Scope,
    officer: &Officer,
    after: Place,
    limit: i64,
) -> Result<Vec<(Place, Task)>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT tasks.case_id, tasks.task_id, entries.number, tasks.agency, tasks.office, tasks.role, entries.service,
                    tasks.step, tasks.opened, tasks.due, tasks.title, entries.version, tasks.urgency
             FROM tasks JOIN entries ON entries.case_id = tasks.case_id
             WHERE tasks.agency = $1 AND tasks.role = $2 AND ($3 = '' OR tasks.office = $3 OR tasks.office = '')
               AND entries.applicant <> $4
               AND NOT EXISTS (SELECT 1 FROM parties WHERE parties.case_id = tasks.case_id AND party IN ($4, $5))
               AND (tasks.urgency > $6 OR (tasks.urgency = $6 AND tasks.task_id > $7))
             ORDER BY tasks.urgency, tasks.task_id LIMIT $8",
            args![
                &scope.agency,
                &scope.role,
                &scope.office,
                &officer.person,
                &officer.party,
                after.urgency,
                after.task,
                limit
            ],
        )
        .await?;
    rows.iter().map(task).collect()
}

fn task(row: &Row) -> Result<(Place, Task), Error> {
    let place = Place { urgency: row.int(12)?, task: row.parsed(1, TaskId::from_slice)? };
    let task = Task {
        case_id: row.blob(0)?,
        task_id: row.blob(1)?,
        number: row.text(2)?,
        agency: row.text(3)?,
        office: row.text(4)?,
        role: row.text(5)?,
        service: row.text(6)?,
        step: row.text(7)?,
        opened_us: row.int(8)?,
        due_us: row.int(9)?,
        title: Some(title(&row.text(10)?)),
        version: row.int(11)?,
    };
    Ok((place, task))
}
