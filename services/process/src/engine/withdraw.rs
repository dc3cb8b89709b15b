//! The applicant takes the application back: everything stops, what was done is undone, what was paid comes back.

use api::Earned;
use kernel::id::PersonId;

use super::Run;
use crate::{Refusal, case::Phase, event::What, steps::refund::refund_captured};

/// The end that a withdrawn case reaches after its compensations; no step of a definition can have this name.
pub const WITHDRAWN: &str = "@withdrawn";

pub fn withdraw(run: &mut Run<'_>, by: PersonId) -> Result<(), Refusal> {
    if run.state.phase != Phase::Running {
        return Err(Refusal::conflict("case.not-running", "Only an application under way can be withdrawn."));
    }
    let definition = run.process.definition();
    let mut own = run.state.decisions.iter().filter(|decision| !run.state.is_opinion(decision.task));
    let decided = own.any(|decision| {
        let outcome =
            run.process.step(&decision.step).and_then(|step| super::tasks::outcome_of(step, &decision.outcome));
        outcome.is_some_and(|outcome| !definition.returns(outcome))
    });
    if decided {
        return Err(Refusal::conflict("case.decided", "The application is decided and can no longer be withdrawn."));
    }
    run.emit(What::Withdrawn { by });
    for token in run.state.tokens.keys().copied().collect::<Vec<_>>() {
        run.drop_token(token);
    }
    let token = run.make_token(None);
    let kept = |step: &str| {
        let fee = run.process.step(step).and_then(|step| definition.fee(step.payment.as_deref()?));
        fee.is_some_and(|fee| fee.earned == Earned::OnSubmission)
    };
    let refundable: Vec<String> = run.state.payments.keys().filter(|step| !kept(step)).cloned().collect();
    refund_captured(run, token, |step| refundable.iter().any(|name| name == step));
    let mut plan: Vec<String> = run.state.compensable.iter().rev().map(|done| done.by.clone()).collect();
    plan.push(WITHDRAWN.to_owned());
    run.emit(What::CompensationBegun { token, plan: plan.clone() });
    if let Some(first) = plan.first() {
        run.go(token, first);
    }
    Ok(())
}
