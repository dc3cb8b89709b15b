//! What people read: a person's applications, an officer's queue.

use kernel::{PersonId, TaskId};
use proto::{
    Text,
    docket::v1::{Entry, Task},
};
use sql::{Error, Row, Tx, args};

use crate::domain::queue::{Place, Scope};

pub async fn applications(tx: &mut Tx, person: PersonId, limit: i64) -> Result<Vec<Entry>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, number, agency, service, phase, status, outcome, version, opened, changed, due, title
             FROM entries WHERE applicant = $1 AND phase <> 'discarded' ORDER BY changed DESC LIMIT $2",
            args![person, limit],
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
    })
}

fn title(json: &str) -> Text {
    Text { by_language: serde_json::from_str(json).unwrap_or_default() }
}

/// Open tasks that one appointment covers, most urgent first; never of a case the officer applied in.
pub async fn queue(
    tx: &mut Tx,
    scope: &Scope,
    officer: PersonId,
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
               AND (tasks.urgency > $5 OR (tasks.urgency = $5 AND tasks.task_id > $6))
             ORDER BY tasks.urgency, tasks.task_id LIMIT $7",
            args![&scope.agency, &scope.role, &scope.office, officer, after.urgency, after.task, limit],
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
