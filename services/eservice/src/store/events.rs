//! Up to where each service has read what agencies announce.

use sql::{Error, Tx, args};

/// Whose events of which name a service reads.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// `agency/service`
    pub service: &'a str,
    pub agency: &'a str,
    pub event: &'a str,
}

/// None: it has not begun to listen.
pub async fn place(tx: &mut Tx, reader: Reader<'_>) -> Result<Option<i64>, Error> {
    let sql = "SELECT place FROM event_places WHERE hosted_service = $1 AND agency = $2 AND event = $3";
    let row = tx.fetch_optional(sql, args![reader.service, reader.agency, reader.event]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// It begins to listen, unless another copy of the host has begun.
pub async fn begin(tx: &mut Tx, reader: Reader<'_>, place: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO event_places (hosted_service, agency, event, place) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hosted_service, agency, event) DO NOTHING",
        args![reader.service, reader.agency, reader.event, place],
    )
    .await?;
    Ok(())
}

/// False where another copy of the host has been here.
pub async fn advance(tx: &mut Tx, reader: Reader<'_>, place: i64) -> Result<bool, Error> {
    let rows = tx
        .execute(
            "UPDATE event_places SET place = $4
             WHERE hosted_service = $1 AND agency = $2 AND event = $3 AND place < $4",
            args![reader.service, reader.agency, reader.event, place],
        )
        .await?;
    Ok(rows == 1)
}
