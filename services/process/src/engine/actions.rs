//! Results of actions: the first one counts, a repeat changes nothing.

use std::time::Duration;

use api::Step;
use kernel::Time;

use super::{
    Run, late,
    money::{self, Made},
    parties, recall, subjects,
};
use crate::{
    action::{ActionId, ActionResult, OpenAction, Request},
    case::{Source, TokenId, Waiting},
    event::{DocumentUnwanted, What},
};

/// Actions towards our own services are tried for about three days before a person is asked.
const OWN_ATTEMPTS: u32 = 80;
const OWN_WAIT: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3_600);

pub fn complete(run: &mut Run<'_>, id: ActionId, result: &ActionResult) {
    let Some(action) = run.state.actions.get(&id).cloned() else { return };
    match result {
        ActionResult::Unavailable { code } => unavailable(run, &action, code),
        ActionResult::Refused { code } => {
            close(run, &action, "refused");
            recall::kept(run, &action, code);
            money::refund_refused(run, &action, code);
            refused(run, &action, code);
        }
        ActionResult::Unknown { code } => {
            close(run, &action, "unknown");
            recall::kept(run, &action, code);
            money::refund_refused(run, &action, code);
            unknown(run, &action, code);
        }
        ActionResult::NotFound => {
            close(run, &action, "not-found");
            not_found(run, &action);
        }
        success => {
            close(run, &action, "done");
            succeeded(run, &action, success);
        }
    }
}

fn close(run: &mut Run<'_>, action: &OpenAction, outcome: &str) {
    run.emit(What::ActionClosed { action: action.id, outcome: outcome.to_owned() });
    late::undo_what_waited(run, action);
}

/// The token still stands where it asked. One that waits for a party is moved by them alone, whatever becomes of the invitation, and
/// one that waits for an officer waits for no message that the task sent along.
pub fn is_waiting(run: &Run<'_>, action: &OpenAction) -> bool {
    run.token(action.token).is_some_and(|token| {
        token.asked_for(action) && !matches!(token.waiting, Waiting::Party { .. } | Waiting::Task { .. })
    })
}

fn succeeded(run: &mut Run<'_>, action: &OpenAction, result: &ActionResult) {
    match (&action.request, result) {
        (Request::CreateIntent { fee, .. }, ActionResult::Intent { intent, state, amount, arithmetic, refunds }) => {
            let (arithmetic, refunds) = (arithmetic.clone(), refunds.clone());
            let made = Made { intent: *intent, state: *state, amount: *amount, arithmetic, refunds };
            money::intent_made(run, action, fee, &made);
        }
        (Request::CloseIntent { intent, .. }, ActionResult::Intent { state, amount, .. }) => {
            money::settle(run, *intent, *state, *amount);
        }
        (Request::CloseIntent { .. }, ActionResult::Done) => {}
        (Request::Refund { intent, .. }, ActionResult::Refund { refund, settled, amount }) => {
            if *settled {
                money::refund_settled(run, *intent, *refund, *amount);
            }
            refund_accepted(run, action);
        }
        (Request::Refund { .. }, ActionResult::Done) => refund_accepted(run, action),
        (Request::CallRegistry { .. }, ActionResult::Answered { body, source }) => answered(run, action, body, source),
        (Request::ResolveParty { party, number }, ActionResult::Person { person })
            if subjects::is_asked_for_by(action) =>
        {
            subjects::known(run, party, number, *person);
        }
        (Request::ResolveParty { party, number }, ActionResult::Person { person }) if is_waiting(run, action) => {
            parties::identified(run, action, party, number, *person);
        }
        (
            Request::IssueDocument { document: name, replaces, .. },
            ActionResult::Document { document, number, code },
        ) => {
            let (document, number, code) = (*document, number.clone(), code.clone());
            let wanted = replaces.map_or_else(|| is_waiting(run, action), |old| recall::is_replaced(run, old));
            if !wanted {
                let reason = replaces.and_then(|old| recall::reason(run, old));
                return late::document(run, DocumentUnwanted { name: name.clone(), document, number, code }, reason);
            }
            run.emit(What::DocumentIssued { name: name.clone(), document, number, code });
            match replaces {
                Some(old) => recall::replaced(run, *old, document),
                None => next(run, action),
            }
        }
        (Request::RecallDocument { .. }, ActionResult::Done) => {}
        (Request::Notify { .. }, ActionResult::Done) => next(run, action),
        _ if is_waiting(run, action) => run.fail(action.token, "action.wrong-answer"),
        _ => {}
    }
}

fn next(run: &mut Run<'_>, action: &OpenAction) {
    if is_waiting(run, action) {
        let to = run.step_of(action.token).and_then(|step| step.next.clone());
        run.leave(action.token, "next", to.as_deref());
    }
}

fn answered(run: &mut Run<'_>, action: &OpenAction, body: &serde_json::Value, source: &str) {
    if !is_waiting(run, action) {
        return;
    }
    record(run, action, body.clone(), source);
    next(run, action);
}

fn record(run: &mut Run<'_>, action: &OpenAction, value: serde_json::Value, source: &str) {
    let call = run.process.step(&action.step).and_then(|step| step.call.as_ref());
    if let Some(name) = call.map(api::Call::fact) {
        let source = Source { source: source.to_owned(), read: run.now() };
        run.emit(What::FactsRecorded { step: action.step.clone(), name, value, source });
    }
}

fn refund_accepted(run: &mut Run<'_>, action: &OpenAction) {
    let Some(Waiting::Refunds { actions }) = run.token(action.token).map(|token| &token.waiting) else { return };
    let mut left = actions.clone();
    if !left.remove(&action.id) {
        return;
    }
    if left.is_empty() {
        next(run, action);
    } else {
        run.wait(action.token, Waiting::Refunds { actions: left });
    }
}

fn not_found(run: &mut Run<'_>, action: &OpenAction) {
    if !is_waiting(run, action) {
        return;
    }
    record(run, action, serde_json::Value::Null, "");
    match run.step_of(action.token).and_then(|step| step.on_not_found.clone()) {
        Some(to) => run.leave(action.token, "onNotFound", Some(&to)),
        None => run.fail(action.token, "call.not-found"),
    }
}

fn refused(run: &mut Run<'_>, action: &OpenAction, code: &str) {
    if !is_waiting(run, action) {
        return;
    }
    match action.request {
        // A closed intent that cannot be closed again still brings its verdict by event.
        Request::CloseIntent { .. } => {}
        // A message that cannot be sent never holds up a decision; the timeline says that it was not sent.
        Request::Notify { .. } if run.step_of(action.token).is_some_and(|step| step.on_error.is_none()) => {
            let to = run.step_of(action.token).and_then(|step| step.next.clone());
            run.leave(action.token, "notSent", to.as_deref());
        }
        _ => run.fail(action.token, code),
    }
}

fn unknown(run: &mut Run<'_>, action: &OpenAction, code: &str) {
    if !is_waiting(run, action) {
        return;
    }
    if let Request::Notify { .. } = action.request {
        next(run, action);
    } else {
        run.drop_work(action.token);
        run.attention(action.token, code);
    }
}

fn unavailable(run: &mut Run<'_>, action: &OpenAction, code: &str) {
    let step = run.process.step(&action.step);
    let policy = Policy::of(step, action, is_waiting(run, action));
    let not_before = policy.next_attempt(action.attempt, run.now(), run.facts.jitter);
    let in_time = not_before.filter(|at| action.expires.is_none_or(|expires| *at < expires));
    if let Some(not_before) = in_time {
        let (attempt, code) = (action.attempt + 1, code.to_owned());
        return run.emit(What::ActionRetried { action: action.id, attempt, not_before, code });
    }
    close(run, action, "unavailable");
    recall::kept(run, action, code);
    money::refund_refused(run, action, code);
    if !is_waiting(run, action) {
        return;
    }
    give_up(run, action.token, code);
}

/// No answer for good: `onUnavailable`, else `onError`, else a person.
pub fn give_up(run: &mut Run<'_>, token: TokenId, code: &str) {
    match run.step_of(token).and_then(|step| step.on_unavailable.clone()) {
        Some(to) => run.leave(token, "onUnavailable", Some(&to)),
        None => run.fail(token, code),
    }
}

struct Policy {
    attempts: u32,
    wait: Duration,
    longest: Duration,
}

impl Policy {
    fn of(step: Option<&Step>, action: &OpenAction, is_waited_for: bool) -> Self {
        let seconds = |span: api::Span| span.seconds().map(Duration::from_secs);
        match step.and_then(|step| step.retry.as_ref()) {
            // What may be done already is undone, and for that it must be known.
            _ if !is_waited_for && late::must_be_known(action) => {
                Self { attempts: u32::MAX, wait: OWN_WAIT, longest: LONGEST }
            }
            Some(retry) => Self {
                attempts: retry.attempts,
                wait: seconds(retry.wait).unwrap_or(LONGEST),
                longest: retry.longest.and_then(seconds).unwrap_or(LONGEST),
            },
            None if matches!(action.request, Request::CallRegistry { .. }) => {
                Self { attempts: 1, wait: OWN_WAIT, longest: LONGEST }
            }
            // What is withdrawn here must be so for whoever verifies it, however long signing is away.
            None if matches!(action.request, Request::RecallDocument { .. }) => {
                Self { attempts: u32::MAX, wait: OWN_WAIT, longest: LONGEST }
            }
            // Whom a case is about learns who looks at it, however long identity is away.
            None if subjects::is_asked_for_by(action) => Self { attempts: u32::MAX, wait: OWN_WAIT, longest: LONGEST },
            None => Self { attempts: OWN_ATTEMPTS, wait: OWN_WAIT, longest: LONGEST },
        }
    }

    /// The pause doubles each time, up to the longest; up to a quarter of it is added by chance so that a crowd spreads.
    fn next_attempt(&self, attempt: u32, now: Time, jitter: u64) -> Option<Time> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = self.wait.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        let pause = doubled.min(self.longest);
        let micros = u64::try_from(pause.as_micros()).unwrap_or(u64::MAX);
        let extra = if micros < 4 { 0 } else { jitter % (micros / 4) };
        Some(now.plus(pause).plus(Duration::from_micros(extra)))
    }
}
