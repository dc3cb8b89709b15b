//! Compares what came out with what the scenario says.

use std::fmt::Debug;

use kernel::Money;

use super::{Failure, Then, World};
use crate::{
    case::{Phase, Waiting},
    forms, paths,
};

pub fn compare(world: &World<'_>, then: &Then, at: &str, failures: &mut Vec<Failure>) {
    let state = &world.state;
    let mut judge = Judge { at, failures };
    judge.same("status", then.status.as_ref(), &state.status().to_owned());
    judge.same("phase", then.phase.as_ref(), &state.public_phase().to_owned());
    let documents = state.documents.iter().map(|document| document.name.clone()).collect();
    judge.same("documents", then.documents.as_ref(), &documents);
    judge.same("notifications", then.notifications.as_ref(), &world.notifications);
    judge.same("calls", then.calls.as_ref(), &world.calls);
    judge.same("events", then.events.as_ref(), &world.emitted);
    let due = state.due_payment().map_or(0, |payment| payment.amount.minor);
    let paid: i64 = world.intents.values().map(|intent| intent.captured.minor).sum();
    let refunded: i64 = world.intents.values().map(|intent| intent.refunded.minor).sum();
    judge.same("due", then.due.as_ref(), &soms(due));
    judge.same("paid", then.paid.as_ref(), &soms(paid));
    judge.same("refunded", then.refunded.as_ref(), &soms(refunded));
    judge.same("balance", then.balance.as_ref(), &soms(paid - refunded));
    let office = state.open_tasks().find_map(|task| task.office.clone()).unwrap_or_default();
    judge.same("office", then.office.as_ref(), &office);
    let mut late: Vec<String> =
        state.open_tasks().filter(|task| task.escalated).map(|task| task.step.clone()).collect();
    late.sort();
    judge.same("late", then.late.as_ref(), &late);
    let refused = world.refusal.as_ref().map(|refusal| refusal.code.to_owned()).unwrap_or_default();
    judge.same("refused", then.refused.as_ref(), &refused);
    let timeline = state.timeline.iter().map(|entry| entry.code.clone()).collect();
    judge.same("timeline", then.timeline.as_ref(), &timeline);
    compare_form(world, then, &mut judge);
    for (path, wanted) in then.data.iter().flatten() {
        let got = paths::get(&state.data, path).cloned().unwrap_or_default();
        judge.same(&format!("data.{path}"), Some(wanted), &got);
    }
}

fn compare_form(world: &World<'_>, then: &Then, judge: &mut Judge<'_>) {
    if then.pages.is_none() && then.incomplete.is_none() && then.problems.is_none() {
        return;
    }
    let Some(form) = forms::current_or_start(world.process, &world.state) else { return };
    let assessment = forms::assess(world.process, &world.state, &world.facts(), form);
    let sequence = forms::sequence(&world.state, form, &assessment);
    judge.same("pages", then.pages.as_ref(), &sequence.pages);
    judge.same("incomplete", then.incomplete.as_ref(), &sequence.incomplete);
    let problems = assessment.problems.iter().map(|problem| format!("{} {}", problem.at, problem.code)).collect();
    judge.same("problems", then.problems.as_ref(), &problems);
}

/// `41200.00`
fn soms(minor: i64) -> String {
    Money::uzs(minor).to_decimal().to_string()
}

struct Judge<'a> {
    at: &'a str,
    failures: &'a mut Vec<Failure>,
}

impl Judge<'_> {
    fn same<T: PartialEq + Debug>(&mut self, field: &str, wanted: Option<&T>, got: &T) {
        if let Some(wanted) = wanted
            && wanted != got
        {
            let message = format!("expected {wanted:?}, got {got:?}");
            self.failures.push(Failure { at: format!("{}.{field}", self.at), message });
        }
    }
}

/// Whatever the scenario says: at its end nothing is lost.
pub fn nothing_left_behind(world: &World<'_>, failures: &mut Vec<Failure>) {
    let mut fail = |message: String| failures.push(Failure { at: "afterwards".to_owned(), message });
    let state = &world.state;
    if state.phase == Phase::Running && state.tokens.is_empty() {
        fail("the case runs, but stands nowhere".to_owned());
    }
    for token in state.tokens.values() {
        if let Waiting::Attention { code } = &token.waiting {
            fail(format!("the step `{}` cannot go on by itself: {code}", token.step));
        }
    }
    if !world.is_idle() && state.phase == Phase::Ended {
        fail("the case has ended, but actions are left to do".to_owned());
    }
    for payment in state.payments.values().flatten() {
        let known = world.intents.get(&payment.intent);
        if known.is_none_or(|intent| intent.captured != payment.captured || intent.refunded != payment.refunded) {
            fail(format!("case and ledger disagree about the payment `{}`", payment.step));
        }
    }
}
