//! Where open tasks wait, and who of those who could take them may not.

use kernel::TaskId;
use proto::identity::v1::Place;
use sql::{Error, Row, Tx, args};

use super::lists::typed_by;

/// A task that waits, and the service that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub task: TaskId,
    pub service: String,
}

/// Every office and role in which a task is open; of what came on paper apart, by who typed it.
pub async fn places(tx: &mut Tx) -> Result<Vec<Place>, Error> {
    let sql = "SELECT DISTINCT agency, office, role, typed_by FROM tasks";
    let rows = tx.fetch_all(sql, args![]).await?;
    let place = |row: &Row| {
        let typed_by = typed_by(row, 3)?;
        Ok(Place { agency: row.text(0)?, office: row.text(1)?, role: row.text(2)?, typed_by })
    };
    rows.iter().map(place).collect()
}

pub async fn waiting(tx: &mut Tx, at: &Place) -> Result<Vec<Waiting>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT tasks.task_id, entries.service, tasks.typed_by
             FROM tasks JOIN entries ON entries.case_id = tasks.case_id
             WHERE tasks.agency = $1 AND tasks.role = $2 AND tasks.office = $3 ORDER BY tasks.urgency, tasks.task_id",
            args![&at.agency, &at.role, &at.office],
        )
        .await?;
    let mut found = Vec::new();
    for row in &rows {
        if typed_by(row, 2)? == at.typed_by {
            found.push(Waiting { task: row.parsed(0, TaskId::from_slice)?, service: row.text(1)? });
        }
    }
    Ok(found)
}
