//! What a lead reads: amounts by office and officer, and the tasks that they count.

use kernel::PersonId;
use proto::{
    docket::v1::{Amount, Task},
    identity::v1::Officer,
};
use sql::{AssertSqlSafe, Error, Row, Tx, args};

use super::{
    lists::{TASK, task},
    own::{Arguments, no_part},
};
use crate::domain::{
    load::{Moments, Slice, Whose},
    queue::{Place, Scope},
};

/// Open tasks of one office that one officer, or nobody, has.
pub struct Share {
    pub office: String,
    pub officer: Option<PersonId>,
    pub amount: Amount,
    /// As many of them as somebody can take or be given.
    pub free: i64,
}

/// Of an office, or of every office of an agency; without cases in which the reader has a part.
pub async fn shares(tx: &mut Tx, scope: &Scope, reader: &Officer, moments: &Moments) -> Result<Vec<Share>, Error> {
    let ([in_1, in_3, in_5], [day, three, week, fortnight]) = (moments.ahead, moments.ages);
    let mut arguments =
        Arguments(args![&scope.agency, &scope.office, moments.now, in_1, in_3, in_5, day, three, week, fortnight]);
    let no_part = no_part(reader, &mut arguments);
    let sql = format!(
        "SELECT tasks.office, CASE WHEN tasks.claimed_until > $3 THEN tasks.assignee END, COUNT(*),
                COUNT(CASE WHEN tasks.due > 0 AND tasks.due < $3 THEN 1 END),
                COUNT(CASE WHEN tasks.due >= $3 AND tasks.due <= $4 THEN 1 END),
                COUNT(CASE WHEN tasks.due >= $3 AND tasks.due <= $5 THEN 1 END),
                COUNT(CASE WHEN tasks.due >= $3 AND tasks.due <= $6 THEN 1 END),
                COUNT(CASE WHEN tasks.opened >= $7 THEN 1 END),
                COUNT(CASE WHEN tasks.opened < $7 AND tasks.opened >= $8 THEN 1 END),
                COUNT(CASE WHEN tasks.opened < $8 AND tasks.opened >= $9 THEN 1 END),
                COUNT(CASE WHEN tasks.opened < $9 AND tasks.opened >= $10 THEN 1 END),
                COUNT(CASE WHEN tasks.opened < $10 THEN 1 END),
                COUNT(CASE WHEN tasks.requested = 0 AND tasks.recall = 0 THEN 1 END)
         FROM tasks JOIN entries ON entries.case_id = tasks.case_id
         WHERE tasks.agency = $1 AND ($2 = '' OR tasks.office = $2) AND {no_part}
         GROUP BY 1, 2"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
    rows.iter().map(share).collect()
}

fn share(row: &Row) -> Result<Share, Error> {
    let officer = row.opt_blob(1)?.map(|id| PersonId::from_slice(&id)).transpose();
    let ages = (7..12).map(|column| row.int(column)).collect::<Result<_, Error>>()?;
    Ok(Share {
        office: row.text(0)?,
        officer: officer.map_err(|failure| Error::Other(failure.to_string()))?,
        amount: Amount {
            open: row.int(2)?,
            late: row.int(3)?,
            due_in_1: row.int(4)?,
            due_in_3: row.int(5)?,
            due_in_5: row.int(6)?,
            ages,
        },
        free: row.int(12)?,
    })
}

/// Tasks of an office, or of every office of an agency, after a place in the order of urgency.
pub async fn held(
    tx: &mut Tx,
    scope: &Scope,
    reader: &Officer,
    slice: &Slice,
    (after, limit): (Place, i64),
) -> Result<Vec<(Place, Task)>, Error> {
    let mut arguments = Arguments(args![&scope.agency, &scope.office, limit, after.urgency, slice.now, after.task]);
    let no_part = no_part(reader, &mut arguments);
    let whose = match slice.whose {
        Whose::Anybody => "1 = 1".to_owned(),
        Whose::Nobody => "tasks.claimed_until <= $5 AND tasks.requested = 0 AND tasks.recall = 0".to_owned(),
        Whose::Officer(person) => {
            format!("tasks.claimed_until > $5 AND tasks.assignee = {}", arguments.put(args![person]))
        }
    };
    let mut narrowed = String::new();
    if !slice.offices.is_empty() {
        let offices = arguments.put(slice.offices.iter().flat_map(|office| args![office]).collect());
        narrowed += &format!(" AND tasks.office IN ({offices})");
    }
    if let Some((from, until)) = slice.due {
        let (from, until) = (arguments.put(args![from]), arguments.put(args![until]));
        narrowed += &format!(" AND tasks.due >= {from} AND tasks.due <= {until}");
    }
    let sql = format!(
        "{TASK}
         WHERE tasks.agency = $1 AND ($2 = '' OR tasks.office = $2) AND {no_part} AND {whose}{narrowed}
           AND (tasks.urgency > $4 OR (tasks.urgency = $4 AND tasks.task_id > $6))
         ORDER BY tasks.urgency, tasks.task_id LIMIT $3"
    );
    let rows = tx.fetch_all(AssertSqlSafe(sql), arguments.0).await?;
    rows.iter().map(task).collect()
}
