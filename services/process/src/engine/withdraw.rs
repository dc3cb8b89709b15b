//! The applicant takes the application back: everything stops, what was done is undone, what was paid comes back.

use api::Earned;
use kernel::{Money, id::PersonId};

use super::{Run, promise, returned};
use crate::{
    ActionId, CaseState, Refusal, Request,
    case::{Payment, Phase, RecallState, TokenId, Waiting},
    event::{CompensationBegun, What},
    process::Process,
    steps::refund::refund_captured,
};

/// The end that a withdrawn case reaches after its compensations; no step of a definition can have this name.
pub const WITHDRAWN: &str = "@withdrawn";

/// What becomes of the money when the case is withdrawn now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawal {
    pub returned: Money,
    pub kept: Money,
}

/// None where the case cannot be withdrawn any more.
pub fn withdrawal(process: &Process, state: &CaseState) -> Option<Withdrawal> {
    possible(process, state).ok()?;
    let (mut returned, mut kept) = (0, 0);
    for (step, payments) in &state.payments {
        let paid: i64 = payments.iter().map(|payment| payment.captured.minor - payment.refunded.minor).sum();
        // What is on its way back comes back, also of a fee that is kept.
        let coming = if is_kept(process, step) { on_its_way(payments) } else { paid };
        returned += coming;
        kept += paid - coming;
    }
    Some(Withdrawal { returned: Money::uzs(returned), kept: Money::uzs(kept) })
}

fn on_its_way(payments: &[Payment]) -> i64 {
    payments.iter().flat_map(|payment| payment.owed.values()).map(|owed| owed.minor).sum()
}

/// Not while something is undone: what a token that is taken off has still to undo, nobody would.
fn possible(process: &Process, state: &CaseState) -> Result<(), Refusal> {
    if state.phase != Phase::Running || state.tokens.values().any(|token| !token.plan.is_empty()) {
        return Err(Refusal::conflict("case.not-running", "Only an application under way can be withdrawn."));
    }
    let mut own = state.decisions.iter().filter(|decision| !state.is_opinion(decision.task));
    let decided = own.any(|decision| {
        let outcome = process.step(&decision.step).and_then(|step| super::tasks::outcome_of(step, &decision.outcome));
        outcome.is_some_and(|outcome| !process.definition().returns(outcome))
    });
    if decided || is_given(process, state) {
        return Err(Refusal::conflict("case.decided", "The application is decided and can no longer be withdrawn."));
    }
    Ok(())
}

/// What was applied for is there, or being made, also where nobody decides: whoever has it does not get the fee back for it.
fn is_given(process: &Process, state: &CaseState) -> bool {
    let ends =
        || process.definition().steps().iter().filter_map(|step| step.end.as_ref()).filter(|end| end.gives_result());
    let is_result = |name: &str| ends().any(|end| end.delivers.iter().any(|delivered| delivered == name));
    let mut valid = state.documents.iter().filter(|document| {
        let recall = document.recall.as_ref().map(|recall| recall.state);
        !matches!(recall, Some(RecallState::Revoked | RecallState::Superseded))
    });
    // What the case has gone on without is withdrawn when it comes.
    let is_waited_for =
        |action: ActionId| state.tokens.values().any(|token| token.waiting == Waiting::Action { action });
    let mut asked =
        state.actions.values().filter(|action| is_waited_for(action.id)).filter_map(|action| match &action.request {
            Request::IssueDocument { document, .. } => Some(document.as_str()),
            _ => None,
        });
    valid.any(|document| is_result(&document.name)) || asked.any(is_result)
}

/// A fee that the law says was earned when the application was sent.
fn is_kept(process: &Process, step: &str) -> bool {
    let fee = process.step(step).and_then(|step| process.definition().fee(step.payment.as_deref()?));
    fee.is_some_and(|fee| fee.earned == Earned::OnSubmission)
}

pub fn withdraw(run: &mut Run<'_>, by: PersonId) -> Result<(), Refusal> {
    possible(run.process, &run.state)?;
    // What is undone is undone by what was sent.
    for token in run.state.tokens.keys().copied().collect::<Vec<_>>() {
        returned::forget(run, token);
    }
    run.emit(What::Withdrawn { by });
    let standing: Vec<TokenId> = run.state.tokens.keys().copied().collect();
    let token = run.make_token(None);
    let mut plan = Vec::new();
    for other in standing {
        plan.extend(run.drop_token(other, token));
    }
    // Whoever takes it back waits for nobody's promise while it is undone.
    promise::forget(run);
    let refundable: Vec<String> =
        run.state.payments.keys().filter(|step| !is_kept(run.process, step)).cloned().collect();
    refund_captured(run, token, |step| refundable.iter().any(|name| name == step));
    plan.extend(run.state.compensable.iter().rev().map(|done| done.by.clone()));
    plan.push(WITHDRAWN.to_owned());
    let undone = Some(run.state.compensable.iter().map(|done| done.step.clone()).collect());
    run.emit(What::CompensationBegun(CompensationBegun { token, plan: plan.clone(), undone }));
    if let Some(first) = plan.first() {
        run.go(token, first);
    }
    Ok(())
}
