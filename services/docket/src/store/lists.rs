//! What people read: a person's applications, an officer's queue.

use kernel::{PersonId, TaskId, Time};
use proto::{
    Text,
    docket::v1::{Entry, Task},
    identity::v1::Officer,
};
use sql::{AssertSqlSafe, Error, Row, Tx, args};

use super::own::{Arguments, no_part};
use crate::domain::{
    filter::Filter,
    latest::Latest,
    queue::{Place, Scope},
};

/// Which of a person's applications are listed.
#[derive(Clone, Copy, Default)]
pub struct Of {
    /// What waits for them.
    pub unfinished: bool,
    /// Those in which somebody acts for them now.
    pub represented: bool,
}

/// A person's cases, those in which they act for somebody else now, and their own part in those in which they are asked, all or what
/// waits for them; the latest change first, after a place in this order.
pub async fn applications(
    tx: &mut Tx,
    (person, of): (PersonId, Of),
    now: Time,
    after: &Latest,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, number, agency, service, phase, status, outcome, version, opened, changed, due, title,
                    CASE WHEN representative IS NULL THEN '' WHEN applicant = $1 THEN 'represented' ELSE 'acting' END,
                    begun_by
             FROM entries WHERE (applicant = $1 OR (representative = $1 AND represented_until > $5)) AND phase <> 'discarded'
               AND ($6 = 0 OR phase IN ('draft', 'returned') OR (phase = 'running' AND status = 'asked'))
               AND ($7 = 0 OR (applicant = $1 AND representative IS NOT NULL AND represented_until > $5))
               AND (changed < $2 OR (changed = $2 AND case_id < $3))
             UNION ALL
             SELECT asked.case_id, '', agency, service, 'asked', asked.state, '', version, since, asked.changed, waits_until,
                    title, 'asked', ''
             FROM asked JOIN entries ON entries.case_id = asked.case_id
             WHERE asked.person = $1 AND ($6 = 0 OR asked.state = 'waiting') AND $7 = 0
               AND (asked.changed < $2 OR (asked.changed = $2 AND asked.case_id < $3))
             ORDER BY changed DESC, case_id DESC LIMIT $4",
            args![person, after.changed, after.case, limit, now, of.unfinished, of.represented],
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
        start: row.text(13)?,
    })
}

pub(super) fn title(json: &str) -> Text {
    Text { by_language: serde_json::from_str(json).unwrap_or_default() }
}

const PERSON_BYTES: usize = 16;

/// A task's columns; what is compared with `$5` is the moment by which claims hold.
pub(super) const TASK: &str =
    "SELECT tasks.case_id, tasks.task_id, entries.number, tasks.agency, tasks.office, tasks.role,
        entries.service, tasks.step, tasks.opened, tasks.due, tasks.title, entries.version, tasks.urgency,
        CASE WHEN tasks.claimed_until > $5 THEN tasks.assignee END, tasks.claimed_until, entries.status, tasks.proposer,
        entries.agency, tasks.requested, tasks.typed_by, tasks.recall
    FROM tasks JOIN entries ON entries.case_id = tasks.case_id";
/// Of how many of the most urgent tasks it is told what they can be narrowed to.
const CHOICES_OF: i64 = 1_000;

/// Open tasks that one appointment covers, most urgent first; never of a case in which the officer has a part.
pub async fn queue(
    tx: &mut Tx,
    scope: &Scope,
    officer: &Officer,
    filter: &Filter,
    after: Place,
    limit: i64,
) -> Result<Vec<(Place, Task)>, Error> {
    let mut arguments = Arguments(args![
        &scope.agency,
        &scope.role,
        &scope.office,
        &officer.person,
        filter.now,
        limit,
        &filter.office,
        &filter.service,
        &filter.status,
        &filter.holder,
        filter.late,
        after.urgency,
        after.task
    ]);
    let no_part = no_part(officer, &mut arguments);
    let sql = format!(
        "{TASK}
         WHERE tasks.agency = $1 AND tasks.role = $2 AND ($3 = '' OR tasks.office = $3 OR tasks.office = '') AND {no_part}
           AND ($7 = '' OR tasks.office = $7) AND ($8 = '' OR entries.service = $8) AND ($9 = '' OR entries.status = $9)
           AND ($10 = '' OR ($10 = 'second' AND tasks.proposer IS NOT NULL AND tasks.proposer <> $4)
                OR CASE WHEN tasks.claimed_until <= $5 THEN 'nobody' WHEN tasks.assignee = $4 THEN 'mine'
                            ELSE 'others' END = $10)
           AND ($11 = 0 OR (tasks.due > 0 AND tasks.due < $5))
           AND (tasks.urgency > $12 OR (tasks.urgency = $12 AND tasks.task_id > $13))
         ORDER BY tasks.urgency, tasks.task_id LIMIT $6"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
    let shown = rows.iter().map(|row| {
        let (place, task) = task(row)?;
        let kept_off = typed_by(row, 19)?.contains(&officer.person);
        Ok((place, Task { kept_off, ..task }))
    });
    shown.collect()
}

/// Services and offices of the most urgent tasks that one appointment covers.
pub async fn choices(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, String)>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT DISTINCT service, office FROM (
                 SELECT entries.service AS service, tasks.office AS office
                 FROM tasks JOIN entries ON entries.case_id = tasks.case_id
                 WHERE tasks.agency = $1 AND tasks.role = $2 AND ($3 = '' OR tasks.office = $3 OR tasks.office = '')
                 ORDER BY tasks.urgency, tasks.task_id LIMIT $4) AS urgent",
            args![&scope.agency, &scope.role, &scope.office, CHOICES_OF],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

/// Officers who typed the application of a task.
pub(super) fn typed_by(row: &Row, column: usize) -> Result<Vec<Vec<u8>>, Error> {
    Ok(row.opt_blob(column)?.unwrap_or_default().chunks(PERSON_BYTES).map(<[u8]>::to_vec).collect())
}

pub(super) fn task(row: &Row) -> Result<(Place, Task), Error> {
    let place = Place { urgency: row.int(12)?, task: row.parsed(1, TaskId::from_slice)? };
    let assignee = row.opt_blob(13)?;
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
        claimed_until_us: if assignee.is_some() { row.int(14)? } else { 0 },
        assignee: assignee.unwrap_or_default(),
        // A name, which identity knows.
        assignee_name: String::new(),
        status: row.text(15)?,
        proposer: row.opt_blob(16)?.unwrap_or_default(),
        case_agency: row.text(17)?,
        requested: row.int(18)? != 0,
        // Of whoever reads their queue.
        kept_off: false,
        recall: row.int(20)? != 0,
    };
    Ok((place, task))
}
