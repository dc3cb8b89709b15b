//! Payments' verdicts: the only way out of a payment step, and counted even when nobody waits for them any more.

use kernel::{
    Money,
    id::{IntentId, RefundId},
};

use super::Run;
use crate::{
    action::{BookedRefund, Effect, IntentState, OpenAction, Request},
    case::{Payment, PaymentState, TokenId, Waiting},
    command::Verdict,
    event::{VerdictKept, What},
    timer::Purpose,
};

pub fn payment(run: &Run<'_>, intent: IntentId) -> Option<Payment> {
    run.state.payments.values().flatten().find(|payment| payment.intent == intent).cloned()
}

fn waiting_for(run: &Run<'_>, wanted: IntentId) -> Option<TokenId> {
    let mut tokens = run.state.tokens.values();
    let token = tokens
        .find(|token| matches!(&token.waiting, Waiting::Payment { intent: Some(intent), .. } if *intent == wanted));
    token.map(|token| token.id)
}

/// May come twice, by event and by reply; the first one that settles the intent counts.
pub fn verdict(run: &mut Run<'_>, intent: IntentId, verdict: &Verdict) {
    let Some(payment) = payment(run, intent) else { return keep(run, intent, *verdict) };
    if payment.state != PaymentState::Open {
        return;
    }
    let waiting = waiting_for(run, intent);
    match verdict {
        Verdict::Captured { amount, at } => {
            run.emit(What::PaymentCaptured { intent, amount: *amount, paid_at: *at });
            match waiting {
                Some(token) => leave_by_next(run, token),
                None => ask_back(run, intent, "not-wanted"),
            }
        }
        Verdict::Expired => closed(run, intent, IntentState::Expired, waiting),
        Verdict::Cancelled => closed(run, intent, IntentState::Cancelled, waiting),
    }
}

/// Whoever pays at a counter by the case's number may do so before payments' answer has made the intent known. That answer says how
/// the intent was made, so it would never be heard that it is paid.
fn keep(run: &mut Run<'_>, intent: IntentId, verdict: Verdict) {
    let mut asked = run.state.actions.values().chain(run.state.unanswered.values());
    let is_awaited = asked.any(|action| matches!(action.request, Request::CreateIntent { .. }));
    if is_awaited && !run.state.verdicts.contains_key(&intent) {
        run.emit(What::VerdictKept(VerdictKept { intent, verdict }));
    }
}

/// Payments does not know an intent any more that it made in a life that was lost. Where the case waits for it, the step is entered
/// once more and asks for another; where its time was over, it has lapsed.
pub fn lost(run: &mut Run<'_>, intent: IntentId) {
    let open = payment(run, intent).is_some_and(|payment| payment.state == PaymentState::Open);
    if !open {
        return;
    }
    let standing = waiting_for(run, intent).and_then(|token| run.token(token)).cloned();
    run.emit(What::PaymentClosed { intent, state: IntentState::Cancelled });
    match standing.map(|token| (token.id, token.step, token.waiting)) {
        Some((token, _, Waiting::Payment { closing: true, .. })) => leave_by_timeout(run, token),
        Some((token, step, _)) => run.leave(token, "restored", Some(&step)),
        None => {}
    }
}

fn leave_by_next(run: &mut Run<'_>, token: TokenId) {
    let next = run.step_of(token).and_then(|step| step.next.clone());
    run.leave(token, "next", next.as_deref());
}

fn closed(run: &mut Run<'_>, intent: IntentId, state: IntentState, waiting: Option<TokenId>) {
    run.emit(What::PaymentClosed { intent, state });
    if let Some(token) = waiting {
        leave_by_timeout(run, token);
    }
}

pub fn leave_by_timeout(run: &mut Run<'_>, token: TokenId) {
    match run.step_of(token).and_then(|step| step.on_timeout.clone()) {
        Some(to) => run.leave(token, "onTimeout", Some(&to)),
        None => run.fail(token, "payment.closed"),
    }
}

/// It is owed, whether a step waits for it or nobody does any more.
pub fn refund_refused(run: &mut Run<'_>, action: &OpenAction, code: &str) {
    if let Request::Refund { intent, .. } = action.request {
        run.emit(What::RefundRefused { intent, code: code.to_owned() });
    }
}

/// Asks once more for what payments refused to give back before the case ended, or after that.
pub fn ask_refused_back(run: &mut Run<'_>) {
    let refused: Vec<IntentId> = run.state.refused_refunds().map(|(payment, _)| payment.intent).collect();
    for intent in refused {
        ask_back(run, intent, "not-delivered");
    }
}

/// No step waits for it: what was captured although the case no longer asks for it goes back at once.
fn ask_back(run: &mut Run<'_>, intent: IntentId, reason: &str) {
    run.emit(What::RefundAsked { intent });
    let request = Request::Refund { intent, amount: None, reason: reason.to_owned() };
    // A token of its own gives the request an id that no earlier action of the case has.
    let token = run.make_token(None);
    run.request(token, Effect::Keyed, None, request);
    run.emit(What::TokenEnded { token });
}

/// What payments answered to `CreateIntent`.
pub fn intent_made(run: &mut Run<'_>, asked: &OpenAction, fee: &str, made: &Made) {
    if payment(run, made.intent).is_some() {
        return;
    }
    let token = asked.token;
    run.emit(What::IntentOpened {
        step: asked.step.clone(),
        activation: asked.activation,
        fee: fee.to_owned(),
        intent: made.intent,
        state: made.state,
        amount: made.amount,
        arithmetic: made.arithmetic.clone(),
    });
    for booked in &made.refunds {
        refund_booked(run, *booked);
    }
    let said = run.state.verdicts.get(&made.intent).copied();
    let standing = run.token(token).filter(|token| token.asked_for(asked));
    let waiting = standing.map(|token| token.waiting.clone());
    let Some(Waiting::Payment { intent: None, closing }) = waiting else {
        // The step was left before payments answered: nobody shall pay this any more.
        if let Some(said) = said {
            verdict(run, made.intent, &said);
        } else if made.state == IntentState::Open {
            let token = run.make_token(None);
            let request = Request::CloseIntent { intent: made.intent, reason: "step-left".to_owned() };
            run.request(token, Effect::Keyed, None, request);
            run.emit(What::TokenEnded { token });
        }
        return;
    };
    match made.state {
        IntentState::Waived => leave_by_next(run, token),
        IntentState::Open => {
            begin_time(run, token);
            run.wait(token, Waiting::Payment { intent: Some(made.intent), closing: false });
            if let Some(said) = said {
                verdict(run, made.intent, &said);
            }
        }
        state => {
            run.wait(token, Waiting::Payment { intent: Some(made.intent), closing });
            settle(run, made.intent, state, made.amount);
        }
    }
}

/// From now on there is something to pay. In a case of an earlier release the time may have begun, or be over, since the step was entered.
fn begin_time(run: &mut Run<'_>, token: TokenId) {
    let mut timers = run.state.timers.values();
    let begun = timers.any(|timer| timer.token == token && timer.purpose == Purpose::Timeout);
    if let Some(step) = run.step_of(token).filter(|_| !begun) {
        run.set_timeout(token, step);
    }
}

/// A final state in a reply counts like the event that will follow it.
pub fn settle(run: &mut Run<'_>, intent: IntentId, state: IntentState, amount: Money) {
    let now = run.now();
    match state {
        IntentState::Captured => verdict(run, intent, &Verdict::Captured { amount, at: now }),
        IntentState::Expired => verdict(run, intent, &Verdict::Expired),
        IntentState::Cancelled => verdict(run, intent, &Verdict::Cancelled),
        IntentState::Open | IntentState::Waived => {}
    }
}

pub struct Made {
    pub intent: IntentId,
    pub state: IntentState,
    pub amount: Money,
    pub arithmetic: serde_json::Value,
    pub refunds: Vec<BookedRefund>,
}

/// The refund may have been settled, and counted, before payments' answer came.
fn refund_booked(run: &mut Run<'_>, booked: BookedRefund) {
    let BookedRefund { intent, refund, amount } = booked;
    let known = payment(run, intent).is_some_and(|payment| !payment.refunds.contains(&refund));
    if known {
        run.emit(What::RefundBooked { intent, refund, amount });
    }
}

/// Each refund of payments is counted once, and never more than was captured.
pub fn refund_settled(run: &mut Run<'_>, intent: IntentId, refund: RefundId, amount: Money) {
    let Some(payment) = payment(run, intent) else { return };
    let left = payment.captured.checked_sub(payment.refunded).unwrap_or(Money::ZERO);
    if payment.refunds.contains(&refund) || amount.minor <= 0 || amount.minor > left.minor {
        return;
    }
    run.emit(What::Refunded { intent, refund, amount });
}
