//! Ids that may take effect once: commands, assertions, callbacks.

use kernel::Time;

use crate::{Action, Error, Tx, args};

/// True when the id is new; the claim holds only if the transaction commits.
pub async fn claim(tx: &mut Tx, id: &[u8], now: Time) -> Result<bool, Error> {
    let inserted =
        tx.execute("INSERT INTO inbox (id, time) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", args![id, now]).await?;
    Ok(inserted == 1)
}

/// True when this asker's action is new; another's equal id is none of its business.
pub async fn begin(tx: &mut Tx, action: Action<'_>, now: Time) -> Result<bool, Error> {
    for place in action.places() {
        let begun = tx
            .execute(
                "INSERT INTO inbox (id, asked_by, time) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
                args![&place, action.asked_by(), now],
            )
            .await?;
        if begun == 1 {
            return Ok(true);
        }
        let there = tx.fetch_one("SELECT asked_by FROM inbox WHERE id = $1", args![&place]).await?;
        if action.owns(there.opt_blob(0)?) {
            break;
        }
    }
    Ok(false)
}

/// What this asker's action was begun for was certainly not done: it may begin again.
pub async fn undo(tx: &mut Tx, action: Action<'_>) -> Result<(), Error> {
    let [own, beside] = action.places();
    let delete = "DELETE FROM inbox WHERE id IN ($1, $2) AND asked_by = $3";
    tx.execute(delete, args![own, beside, action.asked_by()]).await?;
    Ok(())
}

pub async fn seen(tx: &mut Tx, id: &[u8]) -> Result<bool, Error> {
    let row = tx.fetch_optional("SELECT 1 FROM inbox WHERE id = $1", args![id]).await?;
    Ok(row.is_some())
}
