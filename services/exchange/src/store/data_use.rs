//! Who asked which registry about whom, for what, and what came of it: the citizen's own record.

use kernel::{Hash, Time, id::PersonId};
use sql::{Error, Tx, args};

/// One call. Question and answer are not kept: only a salted commitment to them.
#[derive(Debug, Clone, Default)]
pub struct Use {
    pub time: Time,
    pub person: Option<PersonId>,
    pub asking_agency: String,
    pub service: String,
    pub owner: String,
    pub registry: String,
    pub operation: String,
    pub purpose: String,
    pub legal_basis: String,
    pub case_id: Vec<u8>,
    pub cause: Vec<u8>,
    pub outcome: String,
    pub code: String,
    /// Names of the fields that were passed on.
    pub fields: Vec<String>,
    pub grant: Option<Hash>,
}

/// Keeps the row; returns the commitment that proves what was asked and answered, to whoever holds both.
pub async fn record(tx: &mut Tx, used: &Use, salt: [u8; 16], input: &[u8], output: &[u8]) -> Result<Hash, Error> {
    let commitment = Hash::of_parts(&[&salt, input, output]);
    tx.execute(
        "INSERT INTO data_use (time, person, asking_agency, service, owner, registry, operation, purpose, legal_basis,
                               case_id, cause, outcome, code, fields, grant_hash, salt, commitment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        args![
            used.time,
            used.person,
            &used.asking_agency,
            &used.service,
            &used.owner,
            &used.registry,
            &used.operation,
            &used.purpose,
            &used.legal_basis,
            &used.case_id,
            &used.cause,
            &used.outcome,
            &used.code,
            used.fields.join(" "),
            used.grant,
            salt.to_vec(),
            commitment
        ],
    )
    .await?;
    Ok(commitment)
}

/// A person's rows, newest first, before the row `before`.
pub async fn of_person(tx: &mut Tx, person: PersonId, before: i64, limit: i64) -> Result<Vec<(i64, Use)>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT id, time, asking_agency, service, owner, registry, operation, purpose, legal_basis, case_id, outcome, code, fields
             FROM data_use WHERE person = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            args![person, before, limit],
        )
        .await?;
    let read = |row: &sql::Row| {
        let used = Use {
            time: row.time(1)?,
            person: Some(person),
            asking_agency: row.text(2)?,
            service: row.text(3)?,
            owner: row.text(4)?,
            registry: row.text(5)?,
            operation: row.text(6)?,
            purpose: row.text(7)?,
            legal_basis: row.text(8)?,
            case_id: row.blob(9)?,
            outcome: row.text(10)?,
            code: row.text(11)?,
            fields: row.text(12)?.split_whitespace().map(str::to_owned).collect(),
            ..Use::default()
        };
        Ok((row.int(0)?, used))
    };
    rows.iter().map(read).collect()
}
