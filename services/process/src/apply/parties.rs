//! How the events of parties change a case: an answer becomes data with the consent, and goes away without it.

use kernel::Time;

use super::note;
use crate::{
    case::{CaseState, KnownParty, PartyAnswer},
    event::What,
    paths,
};

pub fn apply(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::PartyAsked { party, person, pinfl, step, form, forgotten } => {
            forget(state, forgotten);
            let asked = KnownParty {
                person: *person,
                pinfl: pinfl.clone(),
                step: step.clone(),
                form: form.clone(),
                asked: at,
                answer: PartyAnswer::Waiting,
                changed: at,
            };
            state.parties.insert(party.clone(), asked);
            note(state, at, "party-asked", step, "system");
        }
        What::PartyConsented { party, by: _, data, shown_hash: _, language: _ } => {
            state.data.clone_from(data);
            answered(state, at, party, PartyAnswer::Consented, "party-consented");
        }
        What::PartyDeclined { party, by: _, forgotten } => {
            forget(state, forgotten);
            answered(state, at, party, PartyAnswer::Declined, "party-declined");
        }
        What::PartyLapsed { party, forgotten } => {
            forget(state, forgotten);
            answered(state, at, party, PartyAnswer::Lapsed, "party-lapsed");
        }
        _ => return false,
    }
    true
}

fn answered(state: &mut CaseState, at: Time, party: &str, answer: PartyAnswer, code: &str) {
    let Some(known) = state.parties.get_mut(party) else { return };
    known.answer = answer;
    known.changed = at;
    let step = known.step.clone();
    let actor = if answer == PartyAnswer::Lapsed { "system" } else { "party" };
    note(state, at, code, &step, actor);
}

/// What somebody typed and does not agree to any more is not kept.
fn forget(state: &mut CaseState, fields: &[String]) {
    for field in fields {
        state.answers.remove(field);
        paths::remove(&mut state.data, field);
    }
}
