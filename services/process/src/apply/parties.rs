//! How the events of parties change a case: an answer becomes data with the consent, and goes away without it.

use kernel::{Time, id::PersonId};

use super::{note, replay};
use crate::{
    case::{CaseState, KnownParty, PartyAnswer, Subject},
    event::{Event, What},
    paths,
};

/// The case as this person had it before them when they agreed: what anybody changes later is no part of that.
pub fn as_agreed(absent: CaseState, events: &[Event], person: PersonId) -> Option<CaseState> {
    let agreed = |event: &Event| match &event.what {
        What::PartyConsented { party, by, .. } if *by == person => Some(party.clone()),
        _ => None,
    };
    let (before, party) = events.iter().enumerate().rev().find_map(|(at, event)| Some((at, agreed(event)?)))?;
    replay(absent, &events[..before]).as_asked(&party)
}

pub fn apply(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::PartyAsked { party, person, number, step, form, forgotten } => {
            forget(state, form, forgotten);
            let asked = KnownParty {
                person: *person,
                number: number.clone(),
                step: step.clone(),
                form: form.clone(),
                asked: at,
                answer: PartyAnswer::Waiting,
                changed: at,
            };
            state.parties.insert(party.clone(), asked);
            note(state, at, "party-asked", step, "system");
        }
        What::PartyConsented { party, by: _, actor, data, shown_hash: _, language: _ } => {
            actor.iter().for_each(|actor| state.remember_acting(*actor));
            state.data.clone_from(data);
            answered(state, at, party, PartyAnswer::Consented, "party-consented");
        }
        What::PartyDeclined { party, by: _, actor, forgotten } => {
            actor.iter().for_each(|actor| state.remember_acting(*actor));
            refused(state, party, forgotten);
            answered(state, at, party, PartyAnswer::Declined, "party-declined");
        }
        What::PartyLapsed { party, forgotten } => {
            refused(state, party, forgotten);
            answered(state, at, party, PartyAnswer::Lapsed, "party-lapsed");
        }
        What::SubjectNamed { party, number } => {
            state.subjects.insert(party.clone(), Subject { number: number.clone(), person: None });
        }
        What::SubjectKnown { party, person } => {
            if let Some(subject) = state.subjects.get_mut(party) {
                subject.person = Some(*person);
            }
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

fn refused(state: &mut CaseState, party: &str, fields: &[String]) {
    let form = state.parties.get(party).map(|known| known.form.clone()).unwrap_or_default();
    forget(state, &form, fields);
}

/// What somebody typed and does not agree to any more is not kept, nor which pages of their form they have been through.
fn forget(state: &mut CaseState, form: &str, fields: &[String]) {
    if fields.is_empty() {
        return;
    }
    state.answered_pages.retain(|page| page.split_once('/').is_none_or(|(of, _)| of != form));
    for field in fields {
        state.answers.remove(field);
        paths::remove(&mut state.data, field);
    }
}
