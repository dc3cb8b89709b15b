//! Marks of cases: written with the transition that made them, read when somebody asks how a revision fares.

use kernel::{CaseId, Hash, Time};
use sql::{Error, Tx, Value, args};

use super::cases::Case;
use crate::domain::{
    figures::Marked,
    marks::{Kind, Mark},
};

/// One statement for all: a transition of a submission makes several.
pub async fn write(tx: &mut Tx, case: &Case, marks: &[Mark]) -> Result<(), Error> {
    if marks.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(marks.len());
    let mut arguments: Vec<Value> = args![case.id, case.revision, case.hosted_service()];
    for mark in marks {
        let next = arguments.len() + 1;
        rows.push(format!("($1, ${next}, $2, ${}, ${}, ${}, $3)", next + 1, next + 2, next + 3));
        let sequence = i64::try_from(mark.sequence).unwrap_or(i64::MAX);
        arguments.extend(args![sequence, mark.kind.name(), &mark.name, mark.at]);
    }
    let rows = rows.join(", ");
    let insert = format!(
        "INSERT INTO case_marks (case_id, sequence, revision, kind, name, at, hosted_service) VALUES {rows} ON CONFLICT DO NOTHING"
    );
    tx.execute(sql::AssertSqlSafe(insert), arguments).await?;
    Ok(())
}

/// The newest of a service since then.
pub async fn since(tx: &mut Tx, service: &str, since: Time, limit: i64) -> Result<Vec<Marked>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT case_id, sequence, revision, kind, name, at FROM case_marks
             WHERE hosted_service = $1 AND at >= $2 ORDER BY at DESC LIMIT $3",
            args![service, since, limit],
        )
        .await?;
    let mut marks = Vec::with_capacity(rows.len());
    for row in rows {
        // Another release may mark more; what this one does not know says nothing to it.
        let Some(kind) = Kind::parse(&row.text(3)?) else { continue };
        marks.push(Marked {
            case: row.parsed(0, CaseId::from_slice)?,
            sequence: row.int(1)?,
            revision: row.parsed(2, Hash::from_slice)?,
            kind,
            name: row.text(4)?,
            at: row.time(5)?,
        });
    }
    Ok(marks)
}
