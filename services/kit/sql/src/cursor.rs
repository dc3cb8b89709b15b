//! How far another service's log has taken effect here, committed together with the effect.

use crate::{Error, Tx, args};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    pub epoch: i64,
    pub sequence: i64,
}

/// The position reached; `(0, 0)` before the first message.
pub async fn read(tx: &mut Tx, producer: &str) -> Result<Position, Error> {
    let row = tx.fetch_optional("SELECT epoch, sequence FROM cursors WHERE producer = $1", args![producer]).await?;
    row.map_or(Ok(Position::default()), |row| Ok(Position { epoch: row.int(0)?, sequence: row.int(1)? }))
}

/// Moves the position from where it was read. False: another consumer moved it meanwhile; drop the effect with the transaction.
pub async fn advance(tx: &mut Tx, producer: &str, from: Position, to: Position) -> Result<bool, Error> {
    let moved = tx
        .execute(
            "INSERT INTO cursors (producer, epoch, sequence) VALUES ($1, $2, $3)
             ON CONFLICT (producer) DO UPDATE SET epoch = $2, sequence = $3
             WHERE cursors.epoch = $4 AND cursors.sequence = $5",
            args![producer, to.epoch, to.sequence, from.epoch, from.sequence],
        )
        .await?;
    Ok(moved == 1)
}

/// Every log that was read here, by the name of its cursor.
pub async fn all(tx: &mut Tx) -> Result<Vec<String>, Error> {
    let rows = tx.fetch_all("SELECT producer FROM cursors ORDER BY producer", args![]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}
