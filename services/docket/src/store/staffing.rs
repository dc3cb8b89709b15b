//! Where open tasks wait, whoever may take them.

use kernel::TaskId;
use proto::{
    Text,
    identity::v1::{Officer, Place},
};
use sql::{AssertSqlSafe, Error, Tx, args};

use super::{
    lists::title,
    own::{Arguments, no_part},
};

/// A task that waits, and the application that it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub task: TaskId,
    pub service: String,
    pub number: String,
    pub title: Text,
    /// 0: there is no deadline.
    pub due_us: i64,
}

/// Every office and role in which a task is open, of one agency or, where none is named, of all.
pub async fn places(tx: &mut Tx, agency: &str) -> Result<Vec<Place>, Error> {
    let sql = "SELECT DISTINCT agency, office, role FROM tasks WHERE $1 = '' OR agency = $1";
    let rows = tx.fetch_all(sql, args![agency]).await?;
    rows.iter().map(|row| Ok(Place { agency: row.text(0)?, office: row.text(1)?, role: row.text(2)? })).collect()
}

/// What waits there and none of these officers, who have the role, can take: each has a part in the case, or proposed its decision.
/// Without cases in which the reader has a part.
pub async fn waiting(
    tx: &mut Tx,
    at: &Place,
    holders: &[Officer],
    reader: Option<&Officer>,
) -> Result<Vec<Waiting>, Error> {
    let mut arguments = Arguments(args![&at.agency, &at.role, &at.office]);
    let mut conditions = Vec::new();
    for holder in holders {
        let no_part = no_part(holder, &mut arguments);
        let who = arguments.put(args![&holder.person]);
        conditions.push(format!("NOT ({no_part} AND (tasks.proposer IS NULL OR tasks.proposer <> {who}))"));
    }
    conditions.extend(reader.map(|reader| no_part(reader, &mut arguments)));
    let conditions: String = conditions.into_iter().map(|condition| format!(" AND {condition}")).collect();
    let sql = format!(
        "SELECT tasks.task_id, entries.service, entries.number, tasks.title, tasks.due
         FROM tasks JOIN entries ON entries.case_id = tasks.case_id
         WHERE tasks.agency = $1 AND tasks.role = $2 AND tasks.office = $3{conditions}
         ORDER BY tasks.urgency, tasks.task_id"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                task: row.parsed(0, TaskId::from_slice)?,
                service: row.text(1)?,
                number: row.text(2)?,
                title: title(&row.text(3)?),
                due_us: row.int(4)?,
            })
        })
        .collect()
}
