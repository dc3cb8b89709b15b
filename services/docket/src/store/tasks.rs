//! Open tasks as queues show them.

use kernel::{CaseId, TaskId, Time};
use sql::{Error, Row, Tx, args};

use crate::domain::queue::Appointment;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub task_id: TaskId,
    pub case_id: CaseId,
    pub version: i64,
    pub number: String,
    pub agency: String,
    pub office: String,
    pub role: String,
    pub service: String,
    pub step: String,
    pub opened: Time,
    pub due: Time,
    pub title: Vec<u8>,
}

/// A case's open tasks are exactly these now.
pub async fn replace(tx: &mut Tx, case_id: CaseId, tasks: &[Task]) -> Result<(), Error> {
    tx.execute("DELETE FROM tasks WHERE case_id = $1", args![case_id]).await?;
    for task in tasks {
        tx.execute(
            "INSERT INTO tasks (task_id, case_id, version, number, agency, office, role, service, step, opened_us, due_us, title)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            args![
                task.task_id,
                task.case_id,
                task.version,
                &task.number,
                &task.agency,
                &task.office,
                &task.role,
                &task.service,
                &task.step,
                task.opened,
                task.due,
                &task.title
            ],
        )
        .await?;
    }
    Ok(())
}

/// Tasks that one appointment covers, the most urgent first.
pub async fn open_tasks(tx: &mut Tx, appointment: &Appointment, office: &str, limit: i64) -> Result<Vec<Task>, Error> {
    // An appointment to every office is narrowed by what the officer asked for.
    let office = if appointment.office.is_empty() { office } else { &appointment.office };
    let rows = tx
        .fetch_all(
            "SELECT task_id, case_id, version, number, agency, office, role, service, step, opened_us, due_us, title
             FROM tasks WHERE agency = $1 AND role = $2 AND ($3 = '' OR office = $3)
             ORDER BY due_us, task_id LIMIT $4",
            args![&appointment.agency, &appointment.role, office, limit],
        )
        .await?;
    rows.iter().map(task).collect()
}

fn task(row: &Row) -> Result<Task, Error> {
    Ok(Task {
        task_id: row.parsed(0, TaskId::from_slice)?,
        case_id: row.parsed(1, CaseId::from_slice)?,
        version: row.int(2)?,
        number: row.text(3)?,
        agency: row.text(4)?,
        office: row.text(5)?,
        role: row.text(6)?,
        service: row.text(7)?,
        step: row.text(8)?,
        opened: row.time(9)?,
        due: row.time(10)?,
        title: row.blob(11)?,
    })
}
