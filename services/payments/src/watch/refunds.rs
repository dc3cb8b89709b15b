//! Orders refunds from providers until they are settled or the provider says that it never will.

use kernel::{Failure, Money};

use super::{BATCH, note};
use crate::{
    bus::Office,
    domain::{
        provider::{RefundAnswer, Stop},
        refund::{self, Refund, State},
    },
    store,
};

pub async fn round(office: &Office) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let due = store::refunds::due(&mut tx, office.desk.now(), BATCH).await?;
    drop(tx);
    for refund in due {
        note("refund", order(office, refund).await);
    }
    Ok(())
}

async fn order(office: &Office, due: Refund) -> Result<(), Failure> {
    let desk = &office.desk;
    // Whatever comes of it: what cannot be ordered must not stand before the others for ever.
    let mut tx = office.database.begin().await?;
    store::refunds::later(&mut tx, due.id, refund::next_try(desk.now(), due.tries + 1)).await?;
    tx.commit().await?;
    let mut tx = office.database.read().await?;
    let attempt = store::attempts::find(&mut tx, due.attempt).await?;
    drop(tx);
    let Some((attempt, transaction)) = attempt.and_then(|attempt| attempt.transaction.clone().map(|id| (attempt, id)))
    else {
        return Ok(());
    };
    let provider = desk.provider(&attempt.provider)?;
    // Asked outside of any transaction; repeating it is harmless, because it is keyed by the provider's transaction.
    let answer = provider.refund(&transaction, Money::uzs(due.amount)).await;
    let mut tx = office.database.begin().await?;
    let (intent, mut attempt) = match desk.locked(&mut tx, provider.name(), &transaction).await {
        Ok(locked) => locked,
        Err(Stop::Refused(_)) => return Ok(()),
        Err(Stop::Failed(failure)) => return Err(failure),
    };
    // The provider may have called back while it was being asked.
    let current = store::refunds::find(&mut tx, due.id).await?;
    let Some(mut refund) = current.filter(|refund| matches!(refund.state, State::Requested | State::Asked)) else {
        return Ok(());
    };
    refund.tries += 1;
    let next = refund::next_try(desk.now(), refund.tries);
    match answer {
        Ok(RefundAnswer::Accepted) => {
            refund.state = State::Asked;
            store::refunds::update(&mut tx, &refund, Some(next), None).await?;
        }
        Ok(RefundAnswer::Settled) => {
            let reason = provider.refund_reason();
            let settled = desk.settle_refund(&mut tx, &intent, &mut attempt, &mut refund, reason).await;
            if let Err(Stop::Failed(failure)) = settled {
                return Err(failure);
            }
        }
        Ok(RefundAnswer::Refused(why)) => {
            tracing::warn!(code = "payment.refund-refused", refund = %refund.id, why, "a provider refused a refund");
            desk.give_up_refund(&mut tx, &intent, &mut refund).await?;
        }
        Err(failure) => {
            tracing::info!(code = %failure.code, refund = %refund.id, ?failure, "the refund will be ordered again");
            store::refunds::update(&mut tx, &refund, Some(next), None).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
