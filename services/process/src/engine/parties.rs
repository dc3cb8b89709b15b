//! What a party who is asked does: they answer page by page, agree, or decline; nobody does it for them.

use std::collections::BTreeMap;

use api::{Form, Party};
use kernel::{ErrorKind, Hash, Language, id::PersonId};
use serde_json::Value;

use super::Run;
use crate::{
    Refusal,
    action::{Effect, OpenAction, Request},
    case::{CaseState, Number, Phase, TokenId, Waiting},
    event::What,
    forms, letter, paths,
};

/// The name of a party whose number is the applicant's.
pub const APPLICANT: &str = "applicant";

/// Who answers, where the case waits for it, and the case as they work on it.
struct Asked<'p> {
    party: String,
    token: TokenId,
    seen: CaseState,
    form: &'p Form,
}

fn asked<'p>(run: &Run<'p>, by: PersonId) -> Result<Asked<'p>, Refusal> {
    let unknown = || Refusal::new(ErrorKind::NotFound, "party.not-asked", "There is no such application.");
    let (party, _) = run.state.part_of(by).ok_or_else(unknown)?;
    let over = || Refusal::stale("party.not-waiting", "Nobody waits for your answer any more.");
    let (token, _) = run.state.waits_for(party).filter(|_| run.state.phase == Phase::Running).ok_or_else(over)?;
    let seen = run.state.as_asked(party).ok_or_else(over)?;
    let form = forms::current(run.process, &seen).ok_or_else(over)?;
    Ok(Asked { party: party.to_owned(), token: token.id, seen, form })
}

/// Keeps what was typed on one page. It becomes data only with the consent.
pub fn save(
    run: &mut Run<'_>,
    by: PersonId,
    page: &str,
    values: &BTreeMap<String, String>,
    shown: Hash,
) -> Result<(), Refusal> {
    let Asked { seen, form, .. } = asked(run, by)?;
    let process = run.process;
    let unknown = || Refusal::stale("form.page-unknown", "The form has no such page now.");
    let wanted = form.page(page).ok_or_else(unknown)?;
    let assessment = forms::assess(process, &seen, &run.facts, form);
    forms::sequence(&seen, form, &assessment).position(page).ok_or_else(unknown)?;
    let mut answers = seen.answers.clone();
    let mut changed = BTreeMap::new();
    for field in &wanted.fields {
        let text = values.get(&field.at).map(|text| forms::tidy(text)).filter(|text| !text.is_empty());
        match &text {
            Some(text) => answers.insert(field.at.clone(), text.clone()),
            None => answers.remove(&field.at),
        };
        changed.insert(field.at.clone(), text);
    }
    let hash =
        |answers: &BTreeMap<String, String>| forms::shown_hash(form, wanted, &seen.prefill, answers, &seen.disputed);
    let held = hash(&seen.answers);
    if shown != held && hash(&answers) != held {
        return Err(Refusal::stale("form.page-changed", "The answers on this page were changed after it was shown."));
    }
    let page = forms::page_id(&form.name, page);
    let assessed = forms::assess_with(process, &seen, &run.facts, form, &answers, &seen.disputed);
    let complete = assessed.problems_on(&page).next().is_none();
    let (data, disputed) = (run.state.data.clone(), run.state.disputed.clone());
    run.emit(What::AnswersSaved { page, answers: changed, data, disputed, complete });
    Ok(())
}

pub fn consent(
    run: &mut Run<'_>,
    (by, actor): (PersonId, PersonId),
    shown_hash: Hash,
    language: Language,
) -> Result<(), Refusal> {
    let Asked { party, token, seen, form } = asked(run, by)?;
    let assessment = forms::assess(run.process, &seen, &run.facts, form);
    let sequence = forms::sequence(&seen, form, &assessment);
    if !assessment.problems.is_empty() || !sequence.incomplete.is_empty() {
        let message = "The questions are not all answered: answer the pages that are left.";
        return Err(Refusal::invalid("case.incomplete", message).with_problems(assessment.problems));
    }
    let actor = acting(by, actor);
    run.emit(What::PartyConsented { party, by, actor, data: assessment.data, shown_hash, language });
    let next = run.step_of(token).and_then(|step| step.next.clone());
    run.leave(token, "next", next.as_deref());
    Ok(())
}

/// Who answers for whom, where it is not the party themselves.
fn acting(by: PersonId, actor: PersonId) -> Option<PersonId> {
    Some(actor).filter(|actor| *actor != by)
}

pub fn decline(run: &mut Run<'_>, by: PersonId, actor: PersonId) -> Result<(), Refusal> {
    let Asked { party, token, form, .. } = asked(run, by)?;
    run.emit(What::PartyDeclined { party, by, actor: acting(by, actor), forgotten: fields(form) });
    match run.step_of(token).and_then(|step| step.on_declined.clone()) {
        Some(to) => run.leave(token, "onDeclined", Some(&to)),
        None => run.fail(token, "party.declined"),
    }
    Ok(())
}

/// Nobody waits for a party any more: the time is over, or the token is taken off the case.
pub fn lapse(run: &mut Run<'_>, party: &str, form: &str) {
    let forgotten = run.process.definition().form(form).map(fields).unwrap_or_default();
    run.emit(What::PartyLapsed { party: party.to_owned(), forgotten });
}

fn fields(form: &Form) -> Vec<String> {
    form.fields().map(|(_, field)| field.at.clone()).collect()
}

/// Identity has said who has the number: the person is told, and the case waits for them.
pub fn identified(run: &mut Run<'_>, action: &OpenAction, party: &str, number: &Number, person: PersonId) {
    let process = run.process;
    let Some(step) = process.step(&action.step) else { return };
    ask(run, action.token, step, (party, number), person);
}

/// Asks a person or a company whom the case knows now.
pub fn ask(run: &mut Run<'_>, token: TokenId, step: &api::Step, (party, number): (&str, &Number), person: PersonId) {
    let form = step.form.clone().unwrap_or_default();
    // Nobody reads, or answers for, whoever was asked in their place before.
    let another = run.state.parties.get(party).is_some_and(|known| known.person != person);
    let asked = run.process.definition().form(&form).filter(|_| another);
    let forgotten = asked.map(fields).unwrap_or_default();
    run.emit(What::PartyAsked {
        party: party.to_owned(),
        person,
        number: number.clone(),
        step: step.name.clone(),
        form: form.clone(),
        forgotten,
    });
    if let Some(notification) = &step.invite {
        let request = Request::Notify {
            notification: notification.clone(),
            language: run.state.language.tag().to_owned(),
            input: letter::of_notification(&run.state),
            recipient: Some(person),
        };
        run.request(token, Effect::Keyed, None, request);
    }
    run.wait(token, Waiting::Party { party: party.to_owned(), form });
}

/// The number of a party, where what stands there is one.
pub fn number(state: &CaseState, party: &Party) -> Option<Number> {
    Number::parse(party.kind, &number_at(state, party.from.as_deref()?)?).ok()
}

fn number_at(state: &CaseState, from: &str) -> Option<String> {
    let value = match from.strip_prefix("facts.") {
        _ if from == APPLICANT => state.applicant.as_ref()?.profile.get("pinfl"),
        Some(fact) => paths::get(&state.facts, fact),
        None => paths::get(&state.data, from),
    };
    value?.as_str().map(str::to_owned).or_else(|| value.filter(|value| value.is_number()).map(Value::to_string))
}
