//! Which open tasks officers have.

use kernel::{CaseId, PersonId, TaskId};
use sql::{Error, Row, Tx, args};

/// A task that an officer has, or had when its case was written last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    pub task: TaskId,
    pub case: CaseId,
    pub agency: String,
    pub role: String,
    pub office: Option<String>,
    pub officer: PersonId,
}

/// Whether any officer has a task.
pub async fn any(tx: &mut Tx) -> Result<bool, Error> {
    let one = "SELECT 1 FROM case_tasks WHERE assignee IS NOT NULL AND closed IS NULL ORDER BY task_id LIMIT 1";
    Ok(tx.fetch_optional(one, args![]).await?.is_some())
}

/// What officers have, in the order of the tasks' ids.
pub async fn after(tx: &mut Tx, task: TaskId, limit: i64) -> Result<Vec<Assigned>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT task_id, case_id, agency, role, office, assignee FROM case_tasks
             WHERE assignee IS NOT NULL AND closed IS NULL AND task_id > $1 ORDER BY task_id LIMIT $2",
            args![task, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Assigned, Error> {
    Ok(Assigned {
        task: row.parsed(0, TaskId::from_slice)?,
        case: row.parsed(1, CaseId::from_slice)?,
        agency: row.text(2)?,
        role: row.text(3)?,
        office: row.opt_text(4)?,
        officer: row.parsed(5, PersonId::from_slice)?,
    })
}
