//! Gives back what was paid in a life that was lost, once its case has not asked for the fee again.

use kernel::{Failure, IntentId};

use super::{AGAIN, BATCH, note};
use crate::{
    bus::Office,
    desk::Wish,
    domain::intent::State,
    store::{self, restored},
};

pub async fn round(office: &Office) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let due = restored::due(&mut tx, office.desk.now(), BATCH).await?;
    drop(tx);
    for intent in due {
        note("restored", give_back(office, intent).await);
    }
    Ok(())
}

async fn give_back(office: &Office, id: IntentId) -> Result<(), Failure> {
    let (desk, now) = (&office.desk, office.desk.now());
    let mut tx = office.database.begin().await?;
    let intent = store::intents::lock(&mut tx, id).await?;
    // A provider may still be at it: then its word is waited for.
    let undecided = intent.as_ref().is_some_and(|intent| intent.state == State::Open);
    if intent.is_some() && !undecided {
        desk.refund(&mut tx, id, Wish::Everything, "restored").await?;
        store::findings::close(&mut tx, &restored::finding(id, 0), now).await?;
    }
    restored::due_at(&mut tx, id, undecided.then(|| now.plus(AGAIN))).await?;
    Ok(tx.commit().await?)
}
