//! A draft that nobody touches is thrown away when its time is over; whoever began it is told before, once each time. What came on paper
//! is no draft of its applicant, who has applied: it waits until an officer has typed it.

use std::time::Duration;

use kernel::Time;

use super::Run;
use crate::{action::Request, case::Phase, event::What, letter, timer::Purpose};

/// The platform's own message; no definition can have one of this name.
const NOTICE: &str = "@draft-expires";
/// How long before its end, where it is kept for twice as long at least.
const AHEAD: Duration = Duration::from_secs(3 * 86_400);

/// Its time begins with the last change.
pub fn begin(run: &mut Run<'_>) {
    if run.state.taken_in.is_some() {
        return;
    }
    let due = ends(run);
    run.set_timer(0, Purpose::DraftExpiry, due);
    // One that waits already finds out by itself that the time began again.
    if !run.state.timers.values().any(|timer| timer.purpose == Purpose::DraftNotice) {
        let at = notice(run, due);
        run.set_timer(0, Purpose::DraftNotice, at);
    }
}

fn ends(run: &Run<'_>) -> Time {
    run.facts.calendar.deadline(run.state.touched, run.process.drafts_kept())
}

fn notice(run: &Run<'_>, due: Time) -> Time {
    due.minus(AHEAD.min(due.since(run.state.touched) / 2))
}

pub fn expired(run: &mut Run<'_>) {
    if run.state.phase != Phase::Draft {
        return;
    }
    if ends(run) > run.now() {
        begin(run);
    } else {
        silence(run);
        run.emit(What::DraftDiscarded);
    }
}

pub fn tell(run: &mut Run<'_>) {
    if run.state.phase != Phase::Draft {
        return;
    }
    let (now, due) = (run.now(), ends(run));
    let at = notice(run, due);
    if at > now {
        run.set_timer(0, Purpose::DraftNotice, at);
    } else if due > now {
        ask(run, due);
    }
}

fn ask(run: &mut Run<'_>, due: Time) {
    let mut input = letter::of_notification(&run.state);
    input["draft"] = serde_json::json!({"until": crate::calendar::civil_date(due).strftime("%d.%m.%Y").to_string()});
    let request = Request::Notify {
        notification: NOTICE.to_owned(),
        language: run.state.language.tag().to_owned(),
        input,
        recipient: None,
    };
    run.request_apart(Some(due), request);
}

/// Nobody is told that a draft will end which was sent or thrown away.
pub fn silence(run: &mut Run<'_>) {
    let open = run.state.actions.values().filter(|action| action.token == 0).map(|action| action.id);
    for action in open.collect::<Vec<_>>() {
        run.emit(What::ActionClosed { action, outcome: "dropped".to_owned() });
    }
}
