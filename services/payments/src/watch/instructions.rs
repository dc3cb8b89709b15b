//! Lets go of what one officer asked for and no other confirmed in thirty days: the money is free for another decision.

use kernel::{CommandId, Failure};

use super::{BATCH, note};
use crate::{bus::Office, store};

pub async fn round(office: &Office) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let overdue = store::instructions::overdue(&mut tx, office.desk.now(), BATCH).await?;
    drop(tx);
    for instruction in overdue {
        note("instruction", lapse(office, instruction).await);
    }
    Ok(())
}

async fn lapse(office: &Office, instruction: CommandId) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    office.desk.lapse_instruction(&mut tx, instruction).await?;
    Ok(tx.commit().await?)
}
