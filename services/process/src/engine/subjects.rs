//! Whom a case is about without asking them: identity says who has their number, so that they learn who looks at it.

use kernel::id::PersonId;

use super::{Run, parties};
use crate::{
    action::{OpenAction, Request},
    case::{CaseState, Number, Phase},
    event::What,
};

/// Once the case was sent, every party whom no step asks, as soon as their number stands where the definition says; once a number.
pub fn look_up(run: &mut Run<'_>, before: &CaseState) {
    if !is_sent(&run.state, before) {
        return;
    }
    let process = run.process;
    for subject in process.definition().subjects() {
        let Some(number) = parties::number(&run.state, subject) else { continue };
        if run.state.subjects.get(&subject.name).is_some_and(|known| known.number == number) {
            continue;
        }
        run.emit(What::SubjectNamed { party: subject.name.clone(), number: number.clone() });
        run.request_apart(None, Request::ResolveParty { party: subject.name.clone(), number });
    }
}

/// Whether what stands in the case was sent: what is typed while it is corrected was not, also where it ends meanwhile.
fn is_sent(state: &CaseState, before: &CaseState) -> bool {
    let taken_back = state.timeline.iter().any(|entry| entry.code == "withdrawn");
    let sent_again = state.correction != before.correction;
    match state.phase {
        Phase::Running => state.returned.is_none() && !taken_back,
        Phase::Ended => before.phase != Phase::Ended && (before.returned.is_none() || sent_again) && !taken_back,
        Phase::Absent | Phase::Draft | Phase::Discarded => false,
    }
}

/// No step waits for the answer.
pub fn is_asked_for_by(action: &OpenAction) -> bool {
    action.step.is_empty() && matches!(action.request, Request::ResolveParty { .. })
}

/// Identity has said who has the number, unless another one stands there by now.
pub fn known(run: &mut Run<'_>, party: &str, number: &Number, person: PersonId) {
    if run.state.subjects.get(party).is_some_and(|subject| subject.number == *number) {
        run.emit(What::SubjectKnown { party: party.to_owned(), person });
    }
}
