//! Timers that have fired: a timer that is no longer set changes nothing.

use super::{Run, actions, claims, expiry, opinions, parties, promise, questions, tasks};
use crate::{
    case::{TokenId, Waiting},
    event::What,
    timer::{Purpose, TimerId},
};
use kernel::id::TaskId;

pub fn fire(run: &mut Run<'_>, id: TimerId) {
    let Some(timer) = run.state.timers.get(&id).cloned() else { return };
    if timer.due > run.now() {
        return;
    }
    run.emit(What::TimerFired { timer: id });
    match timer.purpose {
        Purpose::DraftExpiry => expiry::expired(run),
        Purpose::DraftNotice => expiry::tell(run),
        Purpose::Promise => promise::passed(run),
        Purpose::Deadline | Purpose::Claim | Purpose::Answer | Purpose::Reminder | Purpose::Opinion => {
            if let Some(Waiting::Task { task }) = run.token(timer.token).map(|token| token.waiting.clone()) {
                of_task(run, task, timer.purpose);
            }
        }
        Purpose::Wait => {
            let to = run.step_of(timer.token).and_then(|step| step.next.clone());
            run.leave(timer.token, "next", to.as_deref());
        }
        Purpose::Timeout => timed_out(run, timer.token),
    }
}

fn of_task(run: &mut Run<'_>, task: TaskId, purpose: Purpose) {
    match purpose {
        Purpose::Deadline => tasks::deadline(run, task),
        Purpose::Claim => claims::lapse(run, task),
        Purpose::Answer => questions::lapse(run, task),
        Purpose::Reminder => questions::remind(run, task),
        Purpose::Opinion => opinions::lapse(run, task),
        Purpose::Timeout | Purpose::Wait | Purpose::DraftExpiry | Purpose::DraftNotice | Purpose::Promise => {}
    }
}

fn timed_out(run: &mut Run<'_>, token: TokenId) {
    let Some(standing) = run.token(token).cloned() else { return };
    match standing.waiting {
        Waiting::Payment { intent: Some(intent), closing: false } => crate::steps::payment::close(run, token, intent),
        // Of an earlier release, which began the time before anybody could pay: it begins with the intent.
        Waiting::Payment { intent: None, closing: false } => {}
        Waiting::Payment { closing: true, .. } | Waiting::Attention { .. } | Waiting::Nothing => {}
        Waiting::Branches { open } => {
            let mut left = Vec::new();
            for branch in open {
                left.extend(run.drop_token(branch, token));
            }
            let to = run.step_of(token).and_then(|step| step.on_timeout.as_deref().or(step.next.as_deref()));
            run.inherit(token, left, to);
            leave(run, token);
        }
        Waiting::Task { task } => {
            tasks::withdraw(run, task);
            leave(run, token);
        }
        Waiting::Party { party, form } => {
            parties::lapse(run, &party, &form);
            leave(run, token);
        }
        _ => leave(run, token),
    }
}

fn leave(run: &mut Run<'_>, token: TokenId) {
    let step = run.step_of(token);
    let is_call = step.is_some_and(|step| step.call.is_some());
    match step.and_then(|step| step.on_timeout.clone()) {
        Some(to) => run.leave(token, "onTimeout", Some(&to)),
        None if is_call => actions::give_up(run, token, "call.timeout"),
        None => run.fail(token, "step.timeout"),
    }
}
