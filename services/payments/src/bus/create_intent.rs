//! `create-intent`: a case asks for a fee by name; the amount comes from the admitted revision, never from the request, and it is shared
//! only with agencies that have agreed.

use kernel::{Failure, Hash, IntentId, Money, PersonId, Time};
use proto::payments::v1::{BookedRefund, CreateIntentRequest, Intent};
use sql::Action;

use super::{Office, action_of, agreement, asked_for, keep, money, price, recall, reply};
use crate::{
    desk::{Made, Order},
    domain::refund::Refund,
    store,
};

pub async fn handle(office: &Office, call: bus::Call<CreateIntentRequest>) -> Result<Intent, Failure> {
    let request = &call.request;
    let (case, action, step) = action_of(request.action.as_ref(), &call.agency)?;
    let payer = PersonId::from_slice(&request.payer)?;
    let acting = Some(&request.representative).filter(|person| !person.is_empty());
    let representative = acting.map(|person| PersonId::from_slice(person)).transpose()?;
    // Fetched before any transaction: the register may have to be asked.
    let definition = office.revisions.find(case.revision).await?;
    if definition.spec.agency != case.agency || definition.metadata.name != case.service {
        return Err(Failure::invalid("payment.other-revision", "The revision belongs to another service."));
    }
    let inputs = price::inputs(&request.inputs)?;
    let price = price::of(&definition, &request.fee, &inputs, &office.law)?;
    let asked = asked_for(&case, &action);
    let others = agreement::others(&case.agency, &price);
    if !others.is_empty() && !performed(office, asked, &call.body_hash).await? {
        agreement::judge(office, &case, others).await?;
    }
    let order = Order {
        case,
        step,
        fee: request.fee.clone(),
        number: request.number.clone(),
        payer,
        representative,
        expires: (request.expires_us > 0).then(|| Time::from_micros(request.expires_us)),
        credit: inputs.credit,
    };
    let mut tx = office.database.begin().await?;
    sql::case_log::hold(&mut tx, order.case.id, &order.case.agency).await?;
    if let Some(kept) = recall(&mut tx, asked, &call.body_hash).await? {
        return as_it_stands(&mut tx, kept).await;
    }
    let Made { intent, refunds } = office.desk.create(&mut tx, order, price).await?;
    let answer = Intent { refunds: refunds.iter().map(booked).collect(), ..reply(&intent) };
    keep(&mut tx, asked, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// What was asked for under a Grant stays asked for when that has ended.
async fn performed(office: &Office, asked: Action<'_>, body: &Hash) -> Result<bool, Failure> {
    let mut tx = office.database.read().await?;
    Ok(recall::<Intent>(&mut tx, asked, body).await?.is_some())
}

/// Whoever asks again may have forgotten what it heard since, as after a restore: the verdict that came meanwhile is told at once.
async fn as_it_stands(tx: &mut sql::Tx, kept: Intent) -> Result<Intent, Failure> {
    let now = store::intents::find(tx, IntentId::from_slice(&kept.intent)?).await?;
    let state = now.map_or_else(|| kept.state.clone(), |intent| intent.state.as_str().to_owned());
    Ok(Intent { state, ..kept })
}

fn booked(refund: &Refund) -> BookedRefund {
    BookedRefund {
        intent: refund.intent.to_vec(),
        refund: refund.id.to_vec(),
        amount: Some(money(Money::uzs(refund.amount))),
    }
}
