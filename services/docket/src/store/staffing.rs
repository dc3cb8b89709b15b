//! Where open tasks wait, and who of those who could take them may not.

use kernel::{CaseId, TaskId};
use proto::identity::v1::Place;
use sql::{Error, Row, Tx, args};

use super::lists::typed_by;

/// A task that waits, or an application that an officer has to type, and the service that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub case: CaseId,
    pub task: Option<TaskId>,
    pub service: String,
}

/// Every office and role in which a task is open, of what came on paper apart, by who typed it; and every role that has to type.
pub async fn places(tx: &mut Tx) -> Result<Vec<Place>, Error> {
    let sql = "SELECT agency, office, role, typed_by FROM tasks
               UNION SELECT agency, '', typing_role, NULL FROM entries WHERE typing_role IS NOT NULL";
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
            "SELECT tasks.case_id, tasks.task_id, entries.service, tasks.typed_by
             FROM tasks JOIN entries ON entries.case_id = tasks.case_id
             WHERE tasks.agency = $1 AND tasks.role = $2 AND tasks.office = $3 ORDER BY tasks.urgency, tasks.task_id",
            args![&at.agency, &at.role, &at.office],
        )
        .await?;
    let mut found = Vec::new();
    for row in &rows {
        if typed_by(row, 3)? == at.typed_by {
            let task = Some(row.parsed(1, TaskId::from_slice)?);
            found.push(Waiting { case: row.parsed(0, CaseId::from_slice)?, task, service: row.text(2)? });
        }
    }
    if at.office.is_empty() && at.typed_by.is_empty() {
        found.extend(typed(tx, at).await?);
    }
    Ok(found)
}

/// What nobody but an officer of this role can go on with, in whichever office.
async fn typed(tx: &mut Tx, at: &Place) -> Result<Vec<Waiting>, Error> {
    let select = "SELECT case_id, service FROM entries WHERE agency = $1 AND typing_role = $2 ORDER BY case_id";
    let rows = tx.fetch_all(select, args![&at.agency, &at.role]).await?;
    let waiting =
        |row: &Row| Ok(Waiting { case: row.parsed(0, CaseId::from_slice)?, task: None, service: row.text(1)? });
    rows.iter().map(waiting).collect()
}
