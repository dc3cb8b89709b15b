//! Asks providers about transactions that they have not finished with us: a lost call must cost nobody money.

use kernel::Failure;

use super::{AGAIN, BATCH, note};
use crate::{
    bus::Office,
    domain::{
        attempt::{Attempt, Happening, State},
        intent::Intent,
        provider::{Standing, Stop},
    },
    store::{self, findings::Finding},
};

pub async fn round(office: &Office) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let due = store::attempts::to_ask(&mut tx, office.desk.now(), BATCH).await?;
    drop(tx);
    for attempt in due {
        note("enquiry", ask(office, &attempt).await);
    }
    Ok(())
}

async fn ask(office: &Office, seen: &Attempt) -> Result<(), Failure> {
    let desk = &office.desk;
    // Whatever comes of it: what cannot be asked for must not stand before the others for ever.
    let mut tx = office.database.begin().await?;
    store::attempts::ask_at(&mut tx, seen.id, Some(desk.now().plus(AGAIN))).await?;
    tx.commit().await?;
    let Some(transaction) = seen.transaction.as_deref() else {
        return Ok(());
    };
    let provider = desk.provider(&seen.provider)?;
    let standing = provider.status(transaction).await;
    let mut tx = office.database.begin().await?;
    let locked = desk.locked(&mut tx, &seen.provider, transaction).await;
    let (mut intent, mut attempt) = match locked {
        Ok(locked) => locked,
        Err(Stop::Refused(_)) => return Ok(()),
        Err(Stop::Failed(failure)) => return Err(failure),
    };
    match standing {
        Ok(standing) => learn(office, &mut tx, &mut intent, &mut attempt, standing).await?,
        Err(failure) => {
            tracing::info!(attempt = %attempt.id, code = %failure.code, "the provider will be asked again");
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Brings our side to what the provider says. The amount and the order were fixed when the transaction was opened.
async fn learn(
    office: &Office,
    tx: &mut sql::Tx,
    intent: &mut Intent,
    attempt: &mut Attempt,
    standing: Standing,
) -> Result<(), Failure> {
    let desk = &office.desk;
    let outcome = match (attempt.state, standing) {
        (State::Held | State::Unknown | State::Cancelled | State::Declined, Standing::Paid) => {
            let completed = desk.capture(tx, intent, attempt).await;
            if completed.is_ok() {
                let note = "the provider took the money and never told us; it was found by asking";
                report(office, tx, intent, attempt, ("payment.completed-by-enquiry", true, note)).await?;
            }
            completed
        }
        (State::Held, Standing::Debited) => desk.doubt(tx, attempt).await,
        (State::Held | State::Unknown, Standing::Cancelled) => {
            let reason = attempt.reason.unwrap_or(0);
            desk.release(tx, intent, attempt, Happening::Cancel, reason).await
        }
        (State::Held | State::Unknown, Standing::Unknown) => {
            let note = "the provider does not know a transaction that it opened";
            report(office, tx, intent, attempt, ("payment.provider-denies", false, note)).await?;
            Ok(())
        }
        (State::Cancelled | State::Declined, Standing::Pending | Standing::Debited) => Ok(()),
        (State::Held | State::Unknown, _) => Ok(()),
        // Both sides agree, or nothing more can come of it.
        (State::Created | State::Paid | State::Reversed | State::Cancelled | State::Declined, _) => {
            store::attempts::ask_at(tx, attempt.id, None).await?;
            Ok(())
        }
    };
    match outcome {
        Ok(()) | Err(Stop::Refused(_)) => Ok(()),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

async fn report(
    office: &Office,
    tx: &mut sql::Tx,
    intent: &Intent,
    attempt: &Attempt,
    (code, repaired, note): (&'static str, bool, &'static str),
) -> Result<(), Failure> {
    let finding =
        Finding { code, intent: intent.id, about: attempt.id.to_vec(), amount: attempt.amount, repaired, note };
    store::findings::record(tx, &finding, &intent.case, office.desk.now()).await?;
    Ok(())
}
