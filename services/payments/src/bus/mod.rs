//! What payments answers on the bus, and whose events it follows. One file an operation.

mod agreement;
mod begin_attempt;
mod cases;
mod close_intent;
mod close_shift;
mod confirm_refund;
mod count_shift;
mod create_intent;
mod decide_instruction;
mod deposit_cash;
mod finance;
mod instruct;
mod list_case_payments;
mod list_closings;
mod list_instructions;
mod list_refunds;
mod list_suspense;
mod open_shift;
mod price;
mod read_closing;
mod read_intent;
mod read_payment;
mod read_receipt;
mod read_settlement;
mod read_till;
mod receipts;
mod recovery;
mod refund;
mod reverse_cash;
mod revisions;
mod search_payments;
mod settle_refund;
mod standing;
mod take_cash;
mod till;
pub(crate) mod treasurer;

use std::{sync::Arc, time::Duration};

use kernel::{CaseId, ErrorKind, Failure, Hash, Time};
use prost::Message;
use proto::payments::v1::operations::{
    AUDIT_READ, BEGIN_ATTEMPT, CLOSE_INTENT, CLOSE_SHIFT, CONFIRM_REFUND, COUNT_SHIFT, CREATE_INTENT,
    DECIDE_INSTRUCTION, DEPOSIT_CASH, END_RECOVERY, INSTRUCT, LIST_CASE_PAYMENTS, LIST_CLOSINGS, LIST_INSTRUCTIONS,
    LIST_REFUNDS, LIST_SUSPENSE, OPEN_SHIFT, READ_CLOSING, READ_INTENT, READ_PAYMENT, READ_RECEIPT, READ_RECOVERY,
    READ_SETTLEMENT, READ_TILL, REFUND, REVERSE_CASH, SEARCH_PAYMENTS, SETTLE_REFUND, TAKE_CASH,
};
use sql::Action;

#[cfg(test)]
pub use agreement::Agreed;
pub use agreement::Agreements;
pub use price::Law;
#[cfg(test)]
pub use receipts::Echo;
pub use receipts::Receipts;
pub use recovery::Recovered;
pub use revisions::{Definitions, Revisions};
#[cfg(test)]
pub use standing::Acting;
pub use standing::{OverBus, Standings};
pub use treasurer::Officers;

use crate::{
    desk::Desk,
    domain::{fees::Rates, intent::Case},
};

/// What the operations share.
#[derive(Clone)]
pub struct Office {
    pub desk: Desk,
    pub database: sql::Database,
    pub revisions: Arc<dyn Definitions>,
    pub law: Arc<Law>,
    pub standings: Arc<dyn Standings>,
    pub officers: Arc<dyn Officers>,
    pub receipts: Arc<dyn Receipts>,
    pub agreements: Arc<dyn Agreements>,
    /// Where a provider may send people back to.
    pub return_origins: Arc<Vec<String>>,
    /// How long what was paid in a life that was lost is kept for its case.
    pub keep_restored: Duration,
    /// What providers keep of what they take.
    pub rates: Arc<Rates>,
}

pub async fn serve(bus: &bus::Bus, office: &Office, kit: &boot::Kit) -> Result<(), Failure> {
    macro_rules! handler {
        ($module:ident) => {{
            let office = office.clone();
            move |call| {
                let office = office.clone();
                async move { $module::handle(&office, call).await }
            }
        }};
    }
    let service = bus::Service::new("payments")
        .recording(&office.database)
        .on(&CREATE_INTENT, handler!(create_intent))
        .on(&CLOSE_INTENT, handler!(close_intent))
        .on(&REFUND, handler!(refund))
        .on(&READ_INTENT, handler!(read_intent))
        .on(&BEGIN_ATTEMPT, handler!(begin_attempt))
        .on(&LIST_REFUNDS, handler!(list_refunds))
        .on(&SETTLE_REFUND, handler!(settle_refund))
        .on(&CONFIRM_REFUND, handler!(confirm_refund))
        .on(&LIST_CASE_PAYMENTS, handler!(list_case_payments))
        .on(&READ_RECEIPT, handler!(read_receipt))
        .on(&LIST_SUSPENSE, handler!(list_suspense))
        .on(&SEARCH_PAYMENTS, handler!(search_payments))
        .on(&READ_PAYMENT, handler!(read_payment))
        .on(&INSTRUCT, handler!(instruct))
        .on(&DECIDE_INSTRUCTION, handler!(decide_instruction))
        .on(&LIST_INSTRUCTIONS, handler!(list_instructions))
        .on(&LIST_CLOSINGS, handler!(list_closings))
        .on(&READ_CLOSING, handler!(read_closing))
        .on(&READ_SETTLEMENT, handler!(read_settlement))
        .on(&READ_TILL, handler!(read_till))
        .on(&OPEN_SHIFT, handler!(open_shift))
        .on(&TAKE_CASH, handler!(take_cash))
        .on(&REVERSE_CASH, handler!(reverse_cash))
        .on(&CLOSE_SHIFT, handler!(close_shift))
        .on(&COUNT_SHIFT, handler!(count_shift))
        .on(&DEPOSIT_CASH, handler!(deposit_cash));
    let recovery = (&READ_RECOVERY, &END_RECOVERY);
    let keeper = Arc::new(Recovered(office.clone()));
    let service = bus::audit::answering(service, &AUDIT_READ, &office.database);
    let service = bus::recovery::answering(service, recovery, &office.database, &kit.clock, keeper);
    bus.serve(service, kit).await
}

pub fn follow_cases(bus: &bus::Bus, office: &Office, kit: &boot::Kit, judge_after: std::time::Duration) {
    cases::follow(bus, office, kit, judge_after);
}

/// The case and the action a request names; the subject's agency must be the case's.
fn action_of(action: Option<&proto::ActionRef>, agency: &str) -> Result<(Case, Vec<u8>, String), Failure> {
    let malformed = || Failure::invalid("payment.malformed-request", "The request must name its case and its action.");
    let action = action.ok_or_else(malformed)?;
    let case = action.case.as_ref().ok_or_else(malformed)?;
    if action.action_id.len() != 32 {
        return Err(malformed());
    }
    if case.agency != agency {
        return Err(Failure::forbidden("payment.other-agency", "A request speaks for its own agency only."));
    }
    let case = Case {
        id: CaseId::from_slice(&case.case_id)?,
        agency: case.agency.clone(),
        service: case.service.clone(),
        revision: Hash::from_slice(&case.revision)?,
    };
    Ok((case, action.action_id.clone(), action.step.clone()))
}

fn asked_for<'a>(case: &Case, action: &'a [u8]) -> Action<'a> {
    Action::of_service(&case.agency, &case.service, action)
}

/// The answer kept under this action, if it was performed before.
async fn recall<R: Message + Default>(tx: &mut sql::Tx, action: Action<'_>, body: &Hash) -> Result<Option<R>, Failure> {
    let kept = sql::answers::recall(tx, action, body).await?;
    let decoded = kept.map(|bytes| R::decode(bytes.as_slice())).transpose();
    decoded.map_err(|error| {
        Failure::internal("payment.unreadable-answer", "A kept answer cannot be read.").with_detail(error)
    })
}

async fn keep<R: Message>(
    tx: &mut sql::Tx,
    action: Action<'_>,
    body: &Hash,
    reply: &R,
    now: Time,
) -> Result<(), Failure> {
    let kept = sql::answers::keep(tx, action, body, &reply.encode_to_vec(), now).await;
    kept.map_err(|error| match Failure::from(error) {
        // A twin of this request was faster: the same request, sent again, finds its answer.
        failure if failure.kind == ErrorKind::Conflict => {
            Failure::unavailable("payment.twin", "The same action is being performed. Repeat the request.")
        }
        failure => failure,
    })
}

fn reply(intent: &crate::domain::intent::Intent) -> proto::payments::v1::Intent {
    proto::payments::v1::Intent {
        intent: intent.id.to_vec(),
        state: intent.state.as_str().to_owned(),
        amount: Some(money(intent.amount)),
        arithmetic: intent.arithmetic.clone(),
        refunds: Vec::new(),
    }
}

fn money(amount: kernel::Money) -> proto::Money {
    proto::Money { minor: amount.minor, currency: amount.currency.code().to_owned() }
}

#[cfg(test)]
mod tests;
