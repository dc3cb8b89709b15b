//! `refund`: books money back to the payer. `settled` with an amount of zero says that there was nothing to give back.

use kernel::{Currency, Failure, IntentId, Money};
use proto::payments::v1::{RefundReply, RefundRequest};

use super::{Office, action_of, asked_for, keep, money, recall};
use crate::{
    desk::{Wish, unknown_intent},
    domain::refund::{Refund, State},
    store,
};

pub async fn handle(office: &Office, call: bus::Call<RefundRequest>) -> Result<RefundReply, Failure> {
    let request = &call.request;
    let (case, action, _) = action_of(request.action.as_ref(), &call.agency)?;
    let id = IntentId::from_slice(&request.intent)?;
    let wish = match &request.amount {
        None => Wish::Everything,
        Some(amount) => {
            Currency::parse(&amount.currency)?;
            Wish::Exactly(amount.minor)
        }
    };
    let asked = asked_for(&case, &action);
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, asked, &call.body_hash).await? {
        return Ok(kept);
    }
    let intent = store::intents::find(&mut tx, id).await?;
    if !intent.is_some_and(|intent| intent.case == case) {
        return Err(unknown_intent());
    }
    let booked = office.desk.refund(&mut tx, id, wish, &request.reason).await;
    let refund = match booked {
        Ok(refund) => refund,
        Err(failure) => {
            tx.rollback().await?;
            return Err(refused(office, id, failure).await);
        }
    };
    let answer = answer(refund);
    keep(&mut tx, asked, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// What is refused for good stays owed, and whoever asked may have ended: treasurers are told of it until it goes back.
async fn refused(office: &Office, intent: IntentId, failure: Failure) -> Failure {
    if failure.kind.retry() {
        return failure;
    }
    match kept(office, intent, &failure).await {
        Ok(()) => failure,
        Err(unkept) => unkept,
    }
}

async fn kept(office: &Office, intent: IntentId, failure: &Failure) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    store::refused::keep(&mut tx, intent, &failure.code, office.desk.now()).await?;
    Ok(tx.commit().await?)
}

/// How a refund stands.
pub fn stands(refund: &Refund) -> RefundReply {
    RefundReply {
        refund: refund.id.to_vec(),
        state: refund.state.as_str().to_owned(),
        amount: Some(money(Money::uzs(refund.amount))),
    }
}

fn answer(refund: Option<Refund>) -> RefundReply {
    match refund {
        Some(refund) => stands(&refund),
        None => RefundReply {
            refund: Vec::new(),
            state: State::Settled.as_str().to_owned(),
            amount: Some(money(Money::ZERO)),
        },
    }
}
