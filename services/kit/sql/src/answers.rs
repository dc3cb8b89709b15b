//! Answers kept under the identity of the action that asked: a repetition gets the same bytes, another body is refused.

use kernel::{Failure, Hash, Time};

use crate::{Action, Error, Tx, args};

/// The kept answer to this action, if it was performed before. Refuses the same action with another request.
pub async fn recall(tx: &mut Tx, action: Action<'_>, request_hash: &Hash) -> Result<Option<Vec<u8>>, Failure> {
    let [own, beside] = action.places();
    let row = tx
        .fetch_optional(
            "SELECT request_hash, answer FROM answers
             WHERE action_id IN ($1, $2) AND (asked_by = $3 OR asked_by IS NULL)",
            args![own, beside, action.asked_by()],
        )
        .await?;
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
pub async fn keep(tx: &mut Tx, action: Action<'_>, request_hash: &Hash, answer: &[u8], now: Time) -> Result<(), Error> {
    for place in action.places() {
        let kept = tx
            .execute(
                "INSERT INTO answers (action_id, asked_by, request_hash, answer, time) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (action_id) DO NOTHING",
                args![&place, action.asked_by(), *request_hash, answer, now],
            )
            .await?;
        if kept == 1 {
            return Ok(());
        }
        let there = tx.fetch_one("SELECT asked_by FROM answers WHERE action_id = $1", args![&place]).await?;
        if action.owns(there.opt_blob(0)?) {
            break;
        }
    }
    Err(Error::Conflict("answers".into()))
}

/// Forgets what was answered, not that it was: the id stays taken and no request fits it any more.
pub async fn erase(tx: &mut Tx, action: Action<'_>) -> Result<(), Error> {
    let [own, beside] = action.places();
    tx.execute(
        "UPDATE answers SET request_hash = $4, answer = $5
         WHERE action_id IN ($1, $2) AND (asked_by = $3 OR asked_by IS NULL)",
        args![own, beside, action.asked_by(), Hash::from_bytes([0; 32]), Vec::<u8>::new()],
    )
    .await?;
    Ok(())
}
