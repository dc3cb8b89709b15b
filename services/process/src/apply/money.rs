//! What payments say about a case's money.

use kernel::{Money, Time};

use super::note;
use crate::{
    action::IntentState,
    case::{CaseState, Payment, PaymentState},
    event::What,
};

#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub fn money(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::IntentOpened { step, activation, fee, intent, state: opened_as, amount, arithmetic } => {
            let payment = Payment {
                step: step.clone(),
                activation: *activation,
                fee: fee.clone(),
                intent: *intent,
                amount: *amount,
                state: match opened_as {
                    IntentState::Waived => PaymentState::Waived,
                    _ => PaymentState::Open,
                },
                captured: Money::ZERO,
                refunded: Money::ZERO,
                refund_asked: false,
                refund_refused: None,
                refunds: std::collections::BTreeSet::new(),
                owed: std::collections::BTreeMap::new(),
                arithmetic: arithmetic.clone(),
                opened: at,
            };
            state.payments.entry(step.clone()).or_default().push(payment);
        }
        What::VerdictKept(kept) => {
            state.verdicts.insert(kept.intent, kept.verdict);
        }
        What::PaymentCaptured { intent, amount, paid_at: _ } => {
            state.verdicts.remove(intent);
            let step = with_payment(state, *intent, |payment| {
                payment.state = PaymentState::Captured;
                payment.captured = *amount;
            });
            note(state, at, "paid", &step, "applicant");
        }
        What::PaymentClosed { intent, state: closed_as } => {
            state.verdicts.remove(intent);
            let step = with_payment(state, *intent, |payment| {
                payment.state = match closed_as {
                    IntentState::Expired => PaymentState::Expired,
                    _ => PaymentState::Cancelled,
                };
            });
            note(state, at, "payment-closed", &step, "system");
        }
        What::RefundAsked { intent } => {
            let step = with_payment(state, *intent, |payment| {
                payment.refund_asked = true;
                payment.refund_refused = None;
            });
            note(state, at, "refund-asked", &step, "system");
        }
        What::RefundBooked { intent, refund, amount } => {
            let step = with_payment(state, *intent, |payment| {
                payment.owed.insert(*refund, *amount);
            });
            note(state, at, "refund-asked", &step, "system");
        }
        What::RefundRefused { intent, code } => {
            with_payment(state, *intent, |payment| payment.refund_refused = Some(code.clone()));
        }
        What::Refunded { intent, refund, amount } => {
            let step = with_payment(state, *intent, |payment| {
                payment.owed.remove(refund);
                if payment.refunds.insert(*refund) {
                    payment.refunded = payment.refunded.checked_add(*amount).unwrap_or(payment.refunded);
                }
            });
            note(state, at, "refunded", &step, "system");
        }
        _ => return false,
    }
    true
}

/// Changes the payment of this intent and gives the name of its step.
fn with_payment(state: &mut CaseState, intent: kernel::id::IntentId, change: impl FnOnce(&mut Payment)) -> String {
    match state.payments.values_mut().flatten().find(|payment| payment.intent == intent) {
        Some(payment) => {
            change(payment);
            payment.step.clone()
        }
        None => String::new(),
    }
}
