//! Gives back what came too late, once finance officers have had their time to find what else it belongs to.

use kernel::{AttemptId, Failure};

use super::{BATCH, note};
use crate::{bus::Office, store};

pub async fn round(office: &Office) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let due = store::suspense::due(&mut tx, office.desk.now(), BATCH).await?;
    drop(tx);
    for attempt in due {
        note("suspense", give_back(office, attempt).await);
    }
    Ok(())
}

async fn give_back(office: &Office, attempt: AttemptId) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    office.desk.return_late(&mut tx, attempt).await?;
    Ok(tx.commit().await?)
}
