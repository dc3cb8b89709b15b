//! `list-refunds`: what a treasurer's agency still has to pay out, without a word about the people it is owed to.

use kernel::{Failure, Money};
use proto::payments::v1::{ListRefundsRequest, PaymentOrder, RefusedRefund, WaitingRefund, WaitingRefunds};

use super::{
    Office, money,
    treasurer::{is_treasurer, noted},
};
use crate::store::{
    payouts::{self, Waiting},
    refused,
};

const REFUNDS_MAX: i64 = 200;
const REFUSED_MAX: usize = 200;

pub async fn handle(office: &Office, call: bus::Call<ListRefundsRequest>) -> Result<WaitingRefunds, Failure> {
    let person = call.person()?;
    let admitted = is_treasurer(office, person, &call.agency).await;
    noted(office, person, (&call.agency, &[]), admitted).await?;
    let mut tx = office.database.begin().await?;
    let mut waiting = payouts::waiting(&mut tx, &call.agency, REFUNDS_MAX + 1).await?;
    let (refused, more_refused) = refusals(office, &mut tx, &call.agency).await?;
    let listed = sql::audit::Act {
        time: office.desk.now(),
        actor: Some(person.actor),
        act: "payment.refunds-listed".into(),
        agency: call.agency.clone(),
        detail: serde_json::json!({"refunds": waiting.len(), "refused": refused.len()}).to_string(),
        ..sql::audit::Act::default()
    };
    sql::audit::append(&mut tx, &listed).await?;
    tx.commit().await?;
    let most = usize::try_from(REFUNDS_MAX).unwrap_or(usize::MAX);
    let more = waiting.len() > most;
    waiting.truncate(most);
    let row = |waiting: Waiting| {
        let own = waiting.entered.as_ref().is_some_and(|entry| entry.by == person.actor);
        let order = waiting.entered.map(|entry| PaymentOrder { number: entry.order.number, date: entry.order.date });
        WaitingRefund {
            refund: waiting.refund.id.to_vec(),
            number: waiting.number,
            service: waiting.service,
            amount: Some(money(Money::uzs(waiting.refund.amount))),
            reason: waiting.refund.reason,
            booked_us: waiting.refund.created.micros(),
            provider: waiting.provider,
            transaction: waiting.transaction,
            order,
            own,
        }
    };
    Ok(WaitingRefunds { refunds: waiting.into_iter().map(row).collect(), more, refused, more_refused })
}

/// What was refused when a case asked for it, with what is still held of it, and whether there is more. Nothing is held of what went back
/// in parts.
async fn refusals(office: &Office, tx: &mut sql::Tx, agency: &str) -> Result<(Vec<RefusedRefund>, bool), Failure> {
    let mut refusals = Vec::new();
    for one in refused::of_agency(tx, agency).await? {
        let left: i64 = office.desk.left(tx, one.intent).await?.iter().map(|share| share.amount).sum();
        if left == 0 {
            continue;
        }
        if refusals.len() == REFUSED_MAX {
            return Ok((refusals, true));
        }
        refusals.push(RefusedRefund {
            intent: one.intent.to_vec(),
            number: one.number,
            service: one.service,
            amount: Some(money(Money::uzs(left))),
            code: one.code,
            refused_us: one.time.micros(),
        });
    }
    Ok((refusals, false))
}
