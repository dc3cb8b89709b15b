//! How a case keeps what another agency is asked beside the process, and what it says.

use kernel::{Time, id::TaskId};

use super::note;
use crate::{
    case::{CaseState, GivenOpinion, OpinionRequest},
    event::What,
};

/// Says whether the event was one of these.
pub fn apply(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::OpinionRequested { id, task, agency, role, text, pages, officer, until } => {
            let step = state.tasks.get(task).map(|task| task.step.clone()).unwrap_or_default();
            note(state, at, "opinion-asked", &step, "officer");
            state.requests.push(OpinionRequest {
                id: *id,
                task: *task,
                step,
                agency: agency.clone(),
                role: role.clone(),
                text: text.clone(),
                pages: pages.clone(),
                officer: *officer,
                asked: at,
                until: *until,
                given: None,
                closed: None,
            });
        }
        What::OpinionGiven { id, outcome, note: text, officer } => {
            let given = GivenOpinion { outcome: outcome.clone(), note: text.clone(), officer: *officer, at };
            let step = settle(state, *id, at, Some(given));
            note(state, at, "opinion-given", &step, "officer");
        }
        What::OpinionLapsed { id } => {
            settle(state, *id, at, None);
        }
        _ => return false,
    }
    true
}

fn settle(state: &mut CaseState, id: TaskId, at: Time, given: Option<GivenOpinion>) -> String {
    let Some(request) = state.requests.iter_mut().find(|request| request.id == id) else { return String::new() };
    request.given = given;
    request.closed = Some(at);
    request.step.clone()
}

/// The task in which it was asked is closed: nobody needs the opinion any more.
pub fn close(state: &mut CaseState, task: TaskId, at: Time) {
    for request in state.requests.iter_mut().filter(|request| request.task == task && request.closed.is_none()) {
        request.closed = Some(at);
    }
}
