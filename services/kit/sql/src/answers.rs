//! Answers kept under the identity of the action that asked: a repetition gets the same bytes, another body is refused.

use kernel::{Failure, Hash, Time};

use crate::{Error, Tx, args};

/// The kept answer to this action, if it was performed before. Refuses the same id with another request.
pub async fn recall(tx: &mut Tx, action_id: &[u8], request_hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
    let row =
        tx.fetch_optional("SELECT request_hash, answer FROM answers WHERE action_id = $1", args![action_id]).await?;
    let Some(row) = row else { return Ok(None) };
    if row.blob(0)? != request_hash.to_vec() {
        return Err(Failure::conflict(
            "action.other-body",
            "This action was performed before with other content. A new action needs a new id.",
        ));
    }
    Ok(Some(row.blob(1)?))
}

/// Keeps the answer; a rival that kept one first makes this a conflict, after which `recall` finds it.
pub async fn keep(tx: &mut Tx, action_id: &[u8], request_hash: &Hash, answer: &[u8], now: Time) -> Result<(), Error> {
    let kept = tx
        .execute(
            "INSERT INTO answers (action_id, request_hash, answer, time) VALUES ($1, $2, $3, $4)
             ON CONFLICT (action_id) DO NOTHING",
            args![action_id, *request_hash, answer, now],
        )
        .await?;
    if kept == 0 {
        return Err(Error::Conflict("answers".into()));
    }
    Ok(())
}

/// Forgets what was answered, not that it was: the id stays taken and no request fits it any more.
pub async fn erase(tx: &mut Tx, action_id: &[u8]) -> Result<(), Error> {
    tx.execute(
        "UPDATE answers SET request_hash = $2, answer = $3 WHERE action_id = $1",
        args![action_id, Hash::from_bytes([0; 32]), Vec::<u8>::new()],
    )
    .await?;
    Ok(())
}
