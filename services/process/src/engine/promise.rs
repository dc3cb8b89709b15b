//! What happens when the promised time is over and the case is not: once, and only where the definition says it (`onBreach`).

use std::time::Duration;

use super::Run;
use crate::{
    action::Request,
    case::{Phase, Waiting},
    event::What,
    letter,
    timer::Purpose,
};

/// While the applicant has something to do, it is not the agency that is late: it is looked at again so much later.
const AGAIN: Duration = Duration::from_secs(86_400);

/// The promise's clock begins, or goes on after a question.
pub fn watch(run: &mut Run<'_>) {
    forget(run);
    if let Some(promised) = run.state.promised
        && message(run).is_some()
        && run.state.breached.is_none()
    {
        run.set_timer(0, Purpose::Promise, promised);
    }
}

/// Ended: nothing is promised any more.
pub fn forget(run: &mut Run<'_>) {
    let timers = run.state.timers.values().filter(|timer| timer.purpose == Purpose::Promise).map(|timer| timer.id);
    for timer in timers.collect::<Vec<_>>() {
        run.emit(What::TimerCancelled { timer });
    }
}

/// The moment came. While a question is open the promise stands still; its answer, or the end of its task, begins it anew.
pub fn passed(run: &mut Run<'_>) {
    let Some(promised) = run.state.promised.filter(|_| run.state.phase == Phase::Running) else { return };
    if run.state.breached.is_some() {
        return;
    }
    if run.state.paused.is_some() || is_the_applicants(run) {
        let later = run.now().plus(AGAIN);
        return run.set_timer(0, Purpose::Promise, later);
    }
    if promised > run.now() {
        return run.set_timer(0, Purpose::Promise, promised);
    }
    run.emit(What::PromiseBroken { promised });
    // Another agency's opinion has its own time.
    let late = run.state.own_tasks().filter(|task| !task.escalated).map(|task| task.id);
    for task in late.collect::<Vec<_>>() {
        run.emit(What::TaskEscalated { task });
    }
    if let Some(notification) = message(run) {
        let request = Request::Notify {
            notification,
            language: run.state.language.tag().to_owned(),
            input: letter::of_notification(&run.state),
            recipient: None,
        };
        run.request_apart(None, request);
    }
}

fn message(run: &Run<'_>) -> Option<String> {
    run.process.definition().spec.service_level.as_ref()?.on_breach.clone()
}

/// Whether the case waits for what only the applicant, or whom they named, can do.
fn is_the_applicants(run: &Run<'_>) -> bool {
    let theirs = |waiting: &Waiting| {
        let can_be_paid = matches!(waiting, Waiting::Payment { intent: Some(_), closing: false });
        can_be_paid || matches!(waiting, Waiting::Applicant { .. } | Waiting::Party { .. })
    };
    run.state.tokens.values().any(|token| theirs(&token.waiting))
}
