//! `refund`: undoes the named steps, the last done first: money captured and not yet given back, and steps with `compensate`.

use std::collections::BTreeSet;

use api::Step;
use kernel::id::IntentId;

use super::Flow;
use crate::{
    action::{ActionId, Effect, Request},
    case::{PaymentState, TokenId, Waiting},
    engine::Run,
    event::{CompensationBegun, What},
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, names: &[String]) -> Flow {
    let undone = run.state.compensable.iter().rev().filter(|done| names.contains(&done.step));
    let (undone, mut plan): (BTreeSet<String>, Vec<String>) =
        undone.map(|done| (done.step.clone(), done.by.clone())).unzip();
    let actions = refund_captured(run, token, |payment_step| names.iter().any(|name| name == payment_step));
    if !plan.is_empty() {
        let following = run.token(token).map(|token| token.plan.clone()).unwrap_or_default();
        if following.is_empty() {
            plan.extend(step.next.clone());
        } else {
            plan.extend(following);
        }
        run.emit(What::CompensationBegun(CompensationBegun { token, plan, undone: Some(undone) }));
    }
    if actions.is_empty() {
        return Flow::next(step);
    }
    run.wait(token, Waiting::Refunds { actions });
    Flow::Waits
}

/// Asks payments to give back what the wanted steps captured and did not get back yet. What was asked back before is asked for once
/// more: payments may have refused it, and where it did not, it answers that there is nothing left.
pub fn refund_captured(run: &mut Run<'_>, token: TokenId, wanted: impl Fn(&str) -> bool) -> BTreeSet<ActionId> {
    let payments = run.state.payments.values().flatten();
    let owed = payments.filter(|payment| {
        let settled = payment.refund_asked && payment.refunded.minor >= payment.captured.minor;
        wanted(&payment.step) && payment.state == PaymentState::Captured && !settled
    });
    let owed: Vec<IntentId> = owed.map(|payment| payment.intent).collect();
    let mut actions = BTreeSet::new();
    for intent in owed {
        run.emit(What::RefundAsked { intent });
        let request = Request::Refund { intent, amount: None, reason: "not-delivered".to_owned() };
        actions.insert(run.request(token, Effect::Keyed, None, request));
    }
    actions
}
