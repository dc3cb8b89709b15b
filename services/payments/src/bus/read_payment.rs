//! `read-payment`: everything that the books have about one payment, without a word about who paid it.

use kernel::{CaseId, Failure, IntentId, Money, Time};
use proto::payments::v1::{AttemptView, PaymentRecord, PostingView, ReadPaymentRequest};

use super::{
    Office,
    finance::{Receipted, WAITING, admitted, note_look, payment_row, refund_view, scope, shown, uzs},
    money,
    treasurer::noted,
};
use crate::{
    desk::unknown_intent,
    domain::attempt::Attempt,
    store::{self, books::Entry, found},
};

pub async fn handle(office: &Office, call: bus::Call<ReadPaymentRequest>) -> Result<PaymentRecord, Failure> {
    let person = call.person()?;
    let id = IntentId::from_slice(&call.request.intent)?;
    let found = record(office, &call, id).await;
    let (case, record) = noted(office, person, (&call.agency, id.as_bytes()), found).await?;
    let detail = serde_json::json!({"case": case});
    note_look(office, person, (&call.agency, "payment.read", id.as_bytes()), &detail).await?;
    Ok(record)
}

async fn record(
    office: &Office,
    call: &bus::Call<ReadPaymentRequest>,
    id: IntentId,
) -> Result<(CaseId, PaymentRecord), Failure> {
    let person = call.person()?;
    admitted(office, person, &call.agency).await?;
    let mut tx = office.database.read().await?;
    let found = found::whole(&mut tx, id).await?.ok_or_else(unknown_intent)?;
    if scope(&call.agency).is_some_and(|agency| agency != found.intent.case.agency) {
        return Err(unknown_intent().with_detail("another agency's case"));
    }
    let held = store::ledger::held_by_agencies(&mut tx, id).await?;
    let postings = store::books::of_intent(&mut tx, id).await?;
    let receipted = Receipted::of(&mut tx, id).await?;
    let waiting = match store::instructions::waiting_for(&mut tx, id).await?.first() {
        Some(given) => Some(shown(&mut tx, given, person, WAITING).await?),
        None => None,
    };
    let record = PaymentRecord {
        payment: Some(payment_row(&found)),
        fee: found.intent.fee.clone(),
        attempts: found.attempts.iter().map(attempt_view).collect(),
        refunds: found.refunds.iter().map(|refund| refund_view(refund, &receipted)).collect(),
        postings: postings.into_iter().map(posting_view).collect(),
        left: uzs(held.iter().map(|share| share.amount).sum()),
        waiting,
        receipt: receipted.number(None),
    };
    Ok((found.intent.case.id, record))
}

fn attempt_view(attempt: &Attempt) -> AttemptView {
    AttemptView {
        provider: attempt.provider.clone(),
        transaction: attempt.transaction.clone().unwrap_or_default(),
        state: attempt.state.as_str().to_owned(),
        amount: uzs(attempt.amount),
        created_us: attempt.created.micros(),
        paid_us: attempt.paid.map_or(0, Time::micros),
    }
}

fn posting_view(entry: Entry) -> PostingView {
    PostingView {
        debit: entry.debit,
        credit: entry.credit,
        amount: Some(money(Money::uzs(entry.amount))),
        kind: entry.kind,
        time_us: entry.time.micros(),
    }
}
