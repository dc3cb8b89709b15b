//! How a case comes to be: opened, filled in, moved to another revision, sent or thrown away, and for whom somebody acts in it.

use kernel::Time;

use super::{moved, note};
use crate::{
    case::{CaseState, Identity, MandateEnd, Phase},
    event::What,
    start,
};

fn answer_with(state: &mut CaseState, field: &str, text: Option<&String>) {
    match text {
        Some(text) => state.answers.insert(field.to_owned(), text.clone()),
        None => state.answers.remove(field),
    };
}

fn opened(state: &mut CaseState, at: Time, what: &What) {
    let What::DraftOpened { case_id, revision, semantics, agency, service, applicant, language, channel, beginning } =
        what
    else {
        return;
    };
    state.case_id = *case_id;
    state.revision = *revision;
    state.semantics = *semantics;
    state.agency.clone_from(agency);
    state.service.clone_from(service);
    state.applicant = Some(applicant.clone());
    state.language = *language;
    state.channel.clone_from(channel);
    state.opened = at;
    state.touched = at;
    state.phase = Phase::Draft;
    if let Some(beginning) = beginning {
        start::take_over(state, beginning);
    }
}

/// Nobody has sent it: it counts from here as an application does from its submission.
fn begun(state: &mut CaseState, at: Time, what: &What) {
    let What::Begun { number, data, promised, office } = what else { return };
    state.number = Some(number.clone());
    state.data.clone_from(data);
    state.submitted = Some(at);
    state.promised = *promised;
    state.office.clone_from(office);
    state.phase = Phase::Running;
    note(state, at, "begun", "", "system");
}

/// From opening to submission. Each of these functions says whether the event was its own.
#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub fn draft(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::DraftOpened { .. } => opened(state, at, what),
        What::RevisionChosen { revision, semantics } => {
            state.revision = *revision;
            state.semantics = *semantics;
        }
        What::DraftMoved(moved) => moved::apply(state, at, moved),
        What::AnswersSaved { page, answers, data, disputed, complete } => {
            state.touched = at;
            state.keep_before(page, answers.keys(), disputed);
            if let Some(moved) = &mut state.moved {
                moved.told = true;
            }
            for (field, text) in answers {
                answer_with(state, field, text.as_ref());
            }
            state.data.clone_from(data);
            state.disputed.clone_from(disputed);
            if *complete {
                state.answered_pages.insert(page.clone());
                if let Some(returned) = &mut state.returned {
                    returned.corrected_pages.insert(page.clone());
                }
            } else {
                state.answered_pages.remove(page);
            }
        }
        What::FilesChanged { page, at: field, answer, data, attached: _, removed: _ } => {
            state.touched = at;
            let disputed = state.disputed.clone();
            state.keep_before(page, std::iter::once(field), &disputed);
            answer_with(state, field, answer.as_ref());
            state.data.clone_from(data);
        }
        What::PrefillRecorded { source, outcome, facts, lists, data } => {
            state.prefilled.insert(source.clone(), *outcome);
            state.prefill.extend(facts.clone());
            state.lists.extend(lists.clone());
            state.data.clone_from(data);
        }
        What::DraftDiscarded => {
            state.phase = Phase::Discarded;
            state.ended = Some(at);
            state.timers.clear();
        }
        What::Begun { .. } => begun(state, at, what),
        What::Submitted { number, data, shown_hash, by, language, promised, forgotten: _, office, declared: _ } => {
            state.moved = None;
            state.number = Some(number.clone());
            state.data.clone_from(data);
            state.shown_hash = Some(*shown_hash);
            state.language = *language;
            state.submitted = Some(at);
            state.submitted_by = Some(*by);
            state.promised = *promised;
            state.office.clone_from(office);
            state.phase = Phase::Running;
            note(state, at, "submitted", "", state.stands_as(*by));
        }
        What::Resubmitted { data, shown_hash, by, language, office, declared: _ } => {
            state.data.clone_from(data);
            state.shown_hash = Some(*shown_hash);
            state.language = *language;
            state.office.clone_from(office);
            state.correct(at);
            state.remember_acting(*by);
            note(state, at, "resubmitted", "", state.stands_as(*by));
        }
        What::CorrectionForgotten(correction) => {
            state.put_back();
            state.data.clone_from(&correction.data);
            state.answered_pages.extend(correction.pages.iter().cloned());
        }
        _ => return false,
    }
    true
}

/// By what right somebody acts, or types, for the applicant.
pub fn representation(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::TakenOver { officer, role } => {
            if let Some(taken) = &mut state.taken_in {
                let before = std::mem::replace(&mut taken.officer, *officer);
                taken.before.insert(before);
                taken.role.clone_from(role);
            }
        }
        What::IdentitySaid { person, officer } => {
            if let Some(taken) = &mut state.taken_in {
                taken.identity = Some(Identity::Said { person: *person, officer: *officer, at });
            }
        }
        What::Identified { applicant, mark, officers: _ } => {
            if let Some(taken) = &mut state.taken_in {
                taken.identity = Some(Identity::Known { at });
                taken.unidentified = false;
                taken.mark = *mark;
            }
            state.applicant = Some((**applicant).clone());
        }
        What::MandateConfirmed { mandate } => {
            if let Some(applicant) = &mut state.applicant {
                applicant.mandate = Some(mandate.clone());
            }
        }
        What::MandateEnded { reason } => {
            let mandate = state.applicant.as_mut().and_then(|applicant| applicant.mandate.as_mut());
            let mut code = "mandate-ended";
            if let Some(mandate) = mandate {
                mandate.ended = Some(MandateEnd { at, reason: reason.clone() });
                if mandate.kind == api::MandateKind::Parent.name() {
                    code = "parenthood-ended";
                }
            }
            note(state, at, code, "", "system");
        }
        _ => return false,
    }
    true
}
