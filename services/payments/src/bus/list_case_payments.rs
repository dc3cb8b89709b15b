//! `list-case-payments`: what a payer's application has cost, and what became of money that goes back.

use kernel::{CaseId, Failure, Time};
use proto::payments::v1::{CasePayment, CasePayments, ListCasePaymentsRequest};

use super::{
    Office,
    finance::{Receipted, refund_view},
    money,
    standing::may_pay,
};
use crate::store;

/// For everybody but the payer and who acts for them there is none.
pub async fn handle(office: &Office, call: bus::Call<ListCasePaymentsRequest>) -> Result<CasePayments, Failure> {
    let person = call.person()?;
    let case = CaseId::from_slice(&call.request.case_id)?;
    let mut tx = office.database.read().await?;
    let intents = store::intents::of_case(&mut tx, case).await?;
    drop(tx);
    let mut payments = Vec::new();
    for intent in intents {
        if !may_pay(office, &intent, person).await? {
            continue;
        }
        let mut tx = office.database.read().await?;
        let refunds = store::refunds::of_intent(&mut tx, intent.id).await?;
        let receipted = Receipted::of(&mut tx, intent.id).await?;
        payments.push(CasePayment {
            intent: intent.id.to_vec(),
            state: intent.state.as_str().to_owned(),
            amount: Some(money(intent.amount)),
            captured_us: intent.captured.map_or(0, Time::micros),
            refunds: refunds.iter().map(|refund| refund_view(refund, &receipted)).collect(),
            receipt: receipted.number(None),
        });
    }
    Ok(CasePayments { payments })
}
