//! Lapses intents whose time is over and lets go of provider transactions that outlived theirs.

use kernel::{Failure, IntentId};

use super::{AGAIN, BATCH, note};
use crate::{
    bus::Office,
    domain::{
        attempt::{Attempt, Happening, State},
        intent::Closing,
        provider::Stop,
    },
    store,
};

pub async fn round(office: &Office) -> Result<(), Failure> {
    let now = office.desk.now();
    let mut tx = office.database.read().await?;
    let lapsed = store::intents::lapsed(&mut tx, now, BATCH).await?;
    let mut held = Vec::new();
    for provider in office.desk.providers.keys() {
        held.extend(store::attempts::held(&mut tx, provider, BATCH).await?);
    }
    drop(tx);
    for intent in lapsed {
        note("lapse", lapse(office, intent).await);
    }
    for attempt in held {
        note("timeout", time_out(office, &attempt).await);
    }
    Ok(())
}

async fn lapse(office: &Office, intent: IntentId) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    office.desk.close(&mut tx, intent, Closing::Lapse).await?;
    tx.commit().await?;
    Ok(())
}

/// A transaction in doubt is never let go by the clock: only the provider's word ends it.
async fn time_out(office: &Office, seen: &Attempt) -> Result<(), Failure> {
    let desk = &office.desk;
    let provider = desk.provider(&seen.provider)?;
    let ends = provider.hold_ends(seen.provider_time, seen.held.unwrap_or(seen.created));
    let Some(transaction) = seen.transaction.as_deref().filter(|_| desk.now() >= ends) else {
        return Ok(());
    };
    let mut tx = office.database.begin().await?;
    let locked = desk.locked(&mut tx, &seen.provider, transaction).await;
    let (mut intent, mut attempt) = match locked {
        Ok(locked) => locked,
        Err(Stop::Refused(_)) => return Ok(()),
        Err(Stop::Failed(failure)) => return Err(failure),
    };
    if attempt.state != State::Held {
        return Ok(());
    }
    let reason = provider.timeout_reason();
    match desk.release(&mut tx, &mut intent, &mut attempt, Happening::Cancel, reason).await {
        Ok(()) => {}
        Err(Stop::Refused(_)) => return Ok(()),
        Err(Stop::Failed(failure)) => return Err(failure),
    }
    // Asked once more: if it was debited after all, the money goes back.
    store::attempts::ask_at(&mut tx, attempt.id, Some(desk.now().plus(AGAIN))).await?;
    tx.commit().await?;
    Ok(())
}
