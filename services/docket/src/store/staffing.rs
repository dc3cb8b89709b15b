//! Where open tasks wait, whoever may take them.

use kernel::TaskId;
use proto::identity::v1::Place;
use sql::{Error, Tx, args};

/// A task that waits, and the service that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub task: TaskId,
    pub service: String,
}

/// Every office and role in which a task is open.
pub async fn places(tx: &mut Tx) -> Result<Vec<Place>, Error> {
    let sql = "SELECT DISTINCT agency, office, role FROM tasks";
    let rows = tx.fetch_all(sql, args![]).await?;
    rows.iter().map(|row| Ok(Place { agency: row.text(0)?, office: row.text(1)?, role: row.text(2)? })).collect()
}

pub async fn waiting(tx: &mut Tx, at: &Place) -> Result<Vec<Waiting>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT tasks.task_id, entries.service FROM tasks JOIN entries ON entries.case_id = tasks.case_id
             WHERE tasks.agency = $1 AND tasks.role = $2 AND tasks.office = $3 ORDER BY tasks.urgency, tasks.task_id",
            args![&at.agency, &at.role, &at.office],
        )
        .await?;
    rows.iter().map(|row| Ok(Waiting { task: row.parsed(0, TaskId::from_slice)?, service: row.text(1)? })).collect()
}
