//! Whom a case is about without asking them: identity says who has their number, so that they learn who looks at it.

use kernel::id::PersonId;

use super::{Run, parties};
use crate::{
    action::{OpenAction, Request},
    case::{Number, Phase},
    event::What,
};

/// Once the case was sent, every party whom no step asks, as soon as their number stands where the definition says; once a number.
pub fn look_up(run: &mut Run<'_>) {
    if !matches!(run.state.phase, Phase::Running | Phase::Ended) {
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
