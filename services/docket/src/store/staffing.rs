//! Where open tasks wait, and who of those who could take them may not.

use kernel::{CaseId, TaskId};
use proto::{
    Text,
    identity::v1::{Officer, Place},
};
use sql::{AssertSqlSafe, Error, Row, Tx, args};

use super::{
    lists::{title, typed_by},
    own::{Arguments, no_part},
};

/// A task that waits, or an application that an officer has to type.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub case: CaseId,
    pub task: Option<TaskId>,
    pub service: String,
    pub number: String,
    pub title: Text,
    /// 0: there is no deadline.
    pub due_us: i64,
}

/// Every office and role in which a task is open, and every role that has to type: of one agency or, where none is named, of all.
pub async fn places(tx: &mut Tx, agency: &str) -> Result<Vec<Place>, Error> {
    let sql = "SELECT agency, office, role FROM tasks WHERE $1 = '' OR agency = $1
               UNION SELECT agency, '', typing_role FROM entries WHERE typing_role IS NOT NULL AND ($1 = '' OR agency = $1)";
    let rows = tx.fetch_all(sql, args![agency]).await?;
    rows.iter().map(|row| Ok(Place { agency: row.text(0)?, office: row.text(1)?, role: row.text(2)? })).collect()
}

/// What waits there and none of these officers, who have the role, can take: each has a part in the case, typed the application, or
/// proposed its decision. Without cases in which the reader has a part.
pub async fn waiting(
    tx: &mut Tx,
    at: &Place,
    holders: &[Officer],
    reader: Option<&Officer>,
) -> Result<Vec<Waiting>, Error> {
    let mut arguments = Arguments(args![&at.agency, &at.role, &at.office]);
    let mut able = String::new();
    for holder in holders {
        let no_part = no_part(holder, &mut arguments);
        let who = arguments.put(args![&holder.person]);
        let proposes_not = format!("(tasks.proposer IS NULL OR tasks.proposer <> {who})");
        able.push_str(&format!(", CASE WHEN {no_part} AND {proposes_not} THEN 1 ELSE 0 END"));
    }
    let not_the_readers = reader.map(|reader| format!(" AND {}", no_part(reader, &mut arguments))).unwrap_or_default();
    let sql = format!(
        "SELECT tasks.case_id, tasks.task_id, entries.service, entries.number, tasks.title, tasks.due, tasks.typed_by{able}
         FROM tasks JOIN entries ON entries.case_id = tasks.case_id
         WHERE tasks.agency = $1 AND tasks.role = $2 AND tasks.office = $3{not_the_readers}
         ORDER BY tasks.urgency, tasks.task_id"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
    let mut found = Vec::new();
    for row in &rows {
        let typists = typed_by(row, 6)?;
        let mut somebody = false;
        for (holder, column) in holders.iter().zip(7..) {
            somebody |= row.int(column)? != 0 && !typists.contains(&holder.person);
        }
        if !somebody {
            found.push(Waiting {
                case: row.parsed(0, CaseId::from_slice)?,
                task: Some(row.parsed(1, TaskId::from_slice)?),
                service: row.text(2)?,
                number: row.text(3)?,
                title: title(&row.text(4)?),
                due_us: row.int(5)?,
            });
        }
    }
    if at.office.is_empty() && holders.is_empty() {
        found.extend(typed(tx, at, reader).await?);
    }
    Ok(found)
}

/// What nobody but an officer of this role can go on with, in whichever office.
async fn typed(tx: &mut Tx, at: &Place, reader: Option<&Officer>) -> Result<Vec<Waiting>, Error> {
    let mut arguments = Arguments(args![&at.agency, &at.role]);
    let not_the_readers = reader.map(|reader| format!(" AND {}", no_part(reader, &mut arguments))).unwrap_or_default();
    let sql = format!(
        "SELECT case_id, service, number, title FROM entries
         WHERE agency = $1 AND typing_role = $2{not_the_readers} ORDER BY case_id"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
    let waiting = |row: &Row| {
        Ok(Waiting {
            case: row.parsed(0, CaseId::from_slice)?,
            task: None,
            service: row.text(1)?,
            number: row.text(2)?,
            title: title(&row.text(3)?),
            due_us: 0,
        })
    };
    rows.iter().map(waiting).collect()
}
