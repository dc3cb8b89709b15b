//! What hosts are told of revisions: which there are, and at which version the placement of their service is.

use kernel::{Hash, Time};
use sql::{AssertSqlSafe, Error, Row, ToValue, Tx, args};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub revision: Hash,
    pub agency: String,
    pub service: String,
    pub admitted: Time,
    /// ISO 8601; empty: at once.
    pub effective_from: String,
    /// Of the service's placement.
    pub placement: i64,
}

/// After a place in the order of time and hash; of an agency where one is named, of some services where any is.
pub async fn listed(
    tx: &mut Tx,
    (agency, services): (Option<&str>, &[String]),
    (admitted, revision): (Time, &[u8]),
    limit: usize,
) -> Result<Vec<Listed>, Error> {
    let mut arguments = args![admitted, revision, i64::try_from(limit).unwrap_or(i64::MAX)];
    let mut whose = String::new();
    if let Some(agency) = agency {
        arguments.push(agency.to_value());
        whose.push_str(" AND admissions.agency = $4");
    }
    if !services.is_empty() {
        let first = arguments.len() + 1;
        let places: Vec<String> = (first..first + services.len()).map(|place| format!("${place}")).collect();
        arguments.extend(services.iter().map(ToValue::to_value));
        whose.push_str(&format!(" AND admissions.service IN ({})", places.join(", ")));
    }
    let select = AssertSqlSafe(format!(
        "SELECT admissions.revision, admissions.agency, admissions.service, admitted, effective_from,
                COALESCE(placements.version, 0)
         FROM admissions LEFT JOIN placements
           ON placements.agency = admissions.agency AND placements.service = admissions.service
         WHERE (admitted, revision) > ($1, $2){whose} ORDER BY admitted, revision LIMIT $3"
    ));
    tx.fetch_all(select, arguments).await?.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<Listed, Error> {
    Ok(Listed {
        revision: row.parsed(0, Hash::from_slice)?,
        agency: row.text(1)?,
        service: row.text(2)?,
        admitted: row.time(3)?,
        effective_from: row.text(4)?,
        placement: row.int(5)?,
    })
}
