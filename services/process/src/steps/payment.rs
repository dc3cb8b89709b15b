//! `payment`: asks payments for an intent and leaves only on payments' verdict; entered again, only the difference is due. The time to
//! pay begins with the intent: until there is one, nobody can pay.

use api::Step;
use kernel::id::IntentId;

use super::Flow;
use crate::{
    action::{Effect, Request},
    case::{PaymentState, TokenId, Waiting},
    engine::Run,
    fees::Inputs,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, fee: &str) -> Flow {
    let inputs = Inputs::of_case(&run.state, run.state.office.clone(), credit(run, &step.name));
    run.request(
        token,
        Effect::Keyed,
        None,
        Request::CreateIntent { fee: fee.to_owned(), inputs: Box::new(inputs), expires: None },
    );
    run.wait(token, Waiting::Payment { intent: None, closing: false });
    Flow::Waits
}

/// Money of this step that stays with the case.
fn credit(run: &Run<'_>, step: &str) -> Vec<IntentId> {
    let payments = run.state.payments.get(step).map(Vec::as_slice).unwrap_or_default();
    let kept = payments.iter().filter(|payment| payment.state == PaymentState::Captured && !payment.refund_asked);
    kept.map(|payment| payment.intent).collect()
}

/// The time is over: ask for a verdict, which may still be *captured*.
pub fn close(run: &mut Run<'_>, token: TokenId, intent: IntentId) {
    let request = Request::CloseIntent { intent, reason: "timeout".to_owned() };
    run.request(token, Effect::Keyed, None, request);
    run.wait(token, Waiting::Payment { intent: Some(intent), closing: true });
}
