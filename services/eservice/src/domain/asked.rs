//! What a person who is asked in another's case is shown, and what others are shown of them.

use std::collections::BTreeMap;

use kernel::{Failure, Language, PersonId};
use process::{
    CaseState, Facts, Process,
    case::{KnownParty, PartyAnswer, TimelineEntry},
    forms,
    timer::Purpose,
};
use proto::eservice::v1::{Asked, AskedParty, PartyView, Section, TimelineRow};

use super::{access, changed::micros, form, summary, text};

/// The part that a person has in a case besides applying, by the party's name.
pub fn part(state: &CaseState, person: PersonId) -> Result<(&str, &KnownParty), Failure> {
    state.part_of(person).ok_or_else(access::not_found)
}

/// The case as they work on it. Whoever is waited for no more finds nothing to work on.
pub fn waiting(state: &CaseState, person: PersonId) -> Result<CaseState, Failure> {
    let (party, _) = part(state, person)?;
    state.as_asked(party).ok_or_else(|| {
        Failure::stale("party.not-waiting", "Nobody waits for your answer any more. Open the request to see why.")
    })
}

/// Their own part, and nothing of where the case stands otherwise. `agreed`: the case as it was before them when they agreed.
pub fn view(
    process: &Process,
    state: &CaseState,
    version: i64,
    person: PersonId,
    language: Language,
    facts: &Facts<'_>,
    agreed: Option<&CaseState>,
) -> Result<Asked, Failure> {
    let (name, party) = part(state, person)?;
    let waits = state.as_asked(name);
    let first_page = waits.as_ref().and_then(|seen| form::next_unanswered(process, seen, facts));
    let seen = waits.as_ref().or(agreed);
    let told = seen.into_iter().flat_map(|seen| forms::told(process, seen, facts, language.tag()));
    let agreed = agreed.and_then(|seen| forms::review(process, seen, facts, language.tag()));
    let declaration = agreed.as_ref().map(|review| review.declaration.clone());
    Ok(Asked {
        case_id: state.case_id.to_vec(),
        version,
        agency: state.agency.clone(),
        service: state.service.clone(),
        service_title: process.definition().title(language.tag()).to_owned(),
        title: title(process, name, language),
        state: party.answer.name().to_owned(),
        asked_us: party.asked.micros(),
        until_us: until_us(state, party),
        told: told.map(summary::row).collect(),
        first_page: first_page.unwrap_or_default(),
        timeline: timeline(state, party),
        sections: agreed.into_iter().flat_map(|review| review.sections).map(summary::section).collect(),
        declaration: declaration.unwrap_or_default(),
    })
}

fn title(process: &Process, name: &str, language: Language) -> String {
    text::optional(process.definition().party(name).and_then(|party| party.title.as_ref()), language)
}

/// When the step stops waiting for them.
fn until_us(state: &CaseState, party: &KnownParty) -> i64 {
    let waits = party.answer == PartyAnswer::Waiting;
    let timers = state.timers.values().filter(|timer| timer.purpose == Purpose::Timeout && timer.step == party.step);
    micros(timers.map(|timer| timer.due).min().filter(|_| waits))
}

fn timeline(state: &CaseState, party: &KnownParty) -> Vec<TimelineRow> {
    let own = |entry: &&TimelineEntry| entry.step == party.step && entry.code.starts_with("party-");
    let row = |entry: &TimelineEntry| TimelineRow {
        time_us: entry.at.micros(),
        text: String::new(),
        code: entry.code.clone(),
        actor: entry.actor.clone(),
    };
    state.timeline.iter().filter(own).map(row).collect()
}

/// Who was asked, for the applicant: their answers only where the form shares them.
pub fn told_to_applicant(
    process: &Process,
    state: &CaseState,
    language: Language,
    facts: &Facts<'_>,
) -> Vec<PartyView> {
    let view = |(name, party): (&String, &KnownParty)| {
        let shared = process.definition().form(&party.form).is_some_and(|form| form.shared);
        let sections = if shared { agreed_by(process, state, party, language, facts) } else { Vec::new() };
        PartyView {
            title: title(process, name, language),
            state: party.answer.name().to_owned(),
            asked_us: party.asked.micros(),
            changed_us: party.changed.micros(),
            until_us: until_us(state, party),
            sections,
        }
    };
    state.parties.iter().map(view).collect()
}

/// What parties answered and agreed to, for whoever decides.
pub fn agreed(process: &Process, state: &CaseState, language: Language, facts: &Facts<'_>) -> Vec<Section> {
    state.consenting().flat_map(|party| agreed_by(process, state, party, language, facts)).collect()
}

fn agreed_by(
    process: &Process,
    state: &CaseState,
    party: &KnownParty,
    language: Language,
    facts: &Facts<'_>,
) -> Vec<Section> {
    let sections = forms::consented(process, state, facts, party, language.tag());
    sections.into_iter().map(summary::section).collect()
}

/// For the docket, one entry a person: whoever is asked as two parties is told of the part that waits for them.
pub fn indexed(state: &CaseState) -> Vec<AskedParty> {
    let people: BTreeMap<PersonId, &KnownParty> = state
        .parties
        .values()
        .filter_map(|party| state.part_of(party.person))
        .map(|(_, part)| (part.person, part))
        .collect();
    let entry = |(person, party): (PersonId, &KnownParty)| AskedParty {
        person: person.to_vec(),
        state: party.answer.name().to_owned(),
        asked_us: party.asked.micros(),
        changed_us: party.changed.micros(),
        until_us: until_us(state, party),
    };
    people.into_iter().map(entry).collect()
}
