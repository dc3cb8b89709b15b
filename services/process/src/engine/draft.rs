//! A draft is a case that does not run yet: opened, filled in page by page, submitted or thrown away.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Hash, Language, Time,
    id::{CaseId, PersonId},
};

use super::{Run, expiry, moved::follow_revision, paper, promise};
use crate::{
    Refusal, SEMANTICS_VERSION,
    case::{Applicant, Beginning, CaseState, Phase, PrefillOutcome, TakenIn, TokenId, Waiting},
    command::{PrefillResult, SignedIn},
    event::{Declared, What},
    evidence,
    forms::{self, Wanted},
    process::office,
    start,
};

pub fn open(
    run: &mut Run<'_>,
    case_id: CaseId,
    applicant: &Applicant,
    (language, channel): (Language, &str),
    beginning: Option<&Beginning>,
) -> Result<(), Refusal> {
    let process = run.process;
    match beginning {
        Some(begun) if !start::is_of_its_kind(process, begun) => return Err(start::late()),
        // What follows a case has a time of its own, whenever new applications are taken.
        Some(begun) if begun.origin.is_some() => {}
        // What was handed in on the last day is taken, whenever it is typed.
        _ => within_intake(run, begun_at(run, beginning.and_then(|begun| begun.taken_in.as_ref())))?,
    }
    run.emit(What::DraftOpened {
        case_id,
        revision: process.revision(),
        semantics: SEMANTICS_VERSION,
        agency: process.agency().to_owned(),
        service: process.service().to_owned(),
        applicant: applicant.clone(),
        language,
        channel: channel.to_owned(),
        beginning: beginning.cloned().map(Box::new),
    });
    expiry::begin(run);
    Ok(())
}

/// From when on an application counts: paper from when it was handed in, everything else from now.
fn begun_at(run: &Run<'_>, taken: Option<&TakenIn>) -> Time {
    taken.and_then(|taken| taken.received).unwrap_or_else(|| run.now())
}

pub(super) fn within_intake(run: &Run<'_>, at: Time) -> Result<(), Refusal> {
    let Some(intake) = &run.process.definition().spec.access.intake else { return Ok(()) };
    let today = crate::calendar::civil_date(at).to_string();
    if intake.opens.as_ref().is_some_and(|opens| today < *opens) {
        return Err(Refusal::conflict("intake.not-open", "Applications are not taken yet."));
    }
    if intake.closes.as_ref().is_some_and(|closes| today > *closes) {
        return Err(Refusal::conflict("intake.closed", "Applications are no longer taken."));
    }
    Ok(())
}

fn not_open() -> Refusal {
    Refusal::stale("form.not-open", "The application was already sent; nothing can be changed in it now.")
}

pub fn save(
    run: &mut Run<'_>,
    page: &str,
    values: &BTreeMap<String, String>,
    disputed: &BTreeSet<String>,
    shown: Option<Hash>,
) -> Result<(), Refusal> {
    follow_revision(run, None);
    let process = run.process;
    let form = forms::current(process, &run.state).ok_or_else(not_open)?;
    let unknown = || Refusal::stale("form.page-unknown", "The form has no such page now.");
    let asked = form.page(page).ok_or_else(unknown)?;
    let assessment = forms::assess(process, &run.state, &run.facts, form);
    forms::sequence(&run.state, form, &assessment).position(page).ok_or_else(unknown)?;
    let marked = run.state.returned.as_ref().map(|returned| &returned.marked).filter(|marked| !marked.is_empty());
    let id = forms::page_id(&form.name, page);
    let (mut answers, mut doubts) = (run.state.answers.clone(), run.state.disputed.clone());
    let mut changed = BTreeMap::new();
    // A file is attached by a command of its own: no browser says which ones lie with the host.
    for field in asked.fields.iter().filter(|field| field.evidence.is_none()) {
        let wrong = assessment.problems_on(&id).any(|problem| problem.at == field.at);
        // Of a returned application only what was marked, or is missing because of it, can be changed.
        if marked.is_some_and(|marked| !marked.contains_key(&field.at)) && !wrong {
            continue;
        }
        let held = run.state.prefill.contains_key(&field.at);
        if held && disputed.contains(&field.at) {
            doubts.insert(field.at.clone());
        } else {
            doubts.remove(&field.at);
        }
        // A fact that is not disputed is never read back from the browser.
        if held && !doubts.contains(&field.at) {
            continue;
        }
        let text = match &field.repeat {
            Some(repeat) => forms::typed_entries(field, repeat, values),
            None => values.get(&field.at).map(|text| forms::tidy(text)).filter(|text| !text.is_empty()),
        };
        match &text {
            Some(text) => answers.insert(field.at.clone(), text.clone()),
            None => answers.remove(&field.at),
        };
        changed.insert(field.at.clone(), text);
    }
    let held = forms::shown_hash(form, asked, &run.state.prefill, &run.state.answers, &run.state.disputed);
    // The same answers again change nothing, whatever was shown.
    let unseen = shown.is_some_and(|shown| shown != held)
        && forms::shown_hash(form, asked, &run.state.prefill, &answers, &doubts) != held;
    if unseen {
        return Err(Refusal::stale("form.page-changed", "The answers on this page were changed after it was shown."));
    }
    let assessed = forms::assess_with(process, &run.state, &run.facts, form, &answers, &doubts);
    let complete = assessed.problems_on(&id).next().is_none();
    let data = assessed.data;
    run.emit(What::AnswersSaved { page: id, answers: changed, data, disputed: doubts, complete });
    Ok(())
}

/// Comes when it comes: after submission it changes nothing any more.
pub fn record_prefill(run: &mut Run<'_>, registry: &str, operation: &str, result: &PrefillResult) {
    if run.state.phase != Phase::Draft {
        return;
    }
    let Some(form) = forms::current(run.process, &run.state) else { return };
    let source = format!("{registry}/{operation}");
    let asked = Wanted { registry: registry.to_owned(), operation: operation.to_owned() };
    let (outcome, facts, lists) = match result {
        PrefillResult::Found { body } => {
            let facts = forms::hold(run.process, &run.state, &run.facts, (form, &asked), body);
            let lists = forms::hold_lists(run.process, run.state.case_id, &asked, body);
            (PrefillOutcome::Found, facts, lists)
        }
        PrefillResult::NotFound => (PrefillOutcome::NotFound, BTreeMap::new(), BTreeMap::new()),
        PrefillResult::Unavailable => (PrefillOutcome::Unavailable, BTreeMap::new(), BTreeMap::new()),
    };
    let mut with_facts = run.state.clone();
    with_facts.prefill.extend(facts.clone());
    with_facts.lists.extend(lists.clone());
    let data = forms::assess(run.process, &with_facts, &run.facts, form).data;
    run.emit(What::PrefillRecorded { source, outcome, facts, lists, data });
}

pub fn discard(run: &mut Run<'_>) -> Result<(), Refusal> {
    match run.state.phase {
        Phase::Draft => {
            expiry::silence(run);
            run.emit(What::DraftDiscarded);
            Ok(())
        }
        Phase::Discarded => Ok(()),
        _ => Err(Refusal::conflict(
            "case.not-draft",
            "Only a draft can be thrown away; withdraw the application instead.",
        )),
    }
}

pub fn submit(
    run: &mut Run<'_>,
    number: &str,
    shown_hash: Hash,
    (by, signed_in): (PersonId, Option<&SignedIn>),
    language: Language,
) -> Result<(), Refusal> {
    let process = run.process;
    if run.state.phase == Phase::Draft {
        start::in_time(process, &run.state, run.facts.calendar, run.now())?;
        paper::is_known(run)?;
    }
    if run.state.phase == Phase::Draft && run.state.revision != process.revision() {
        return Err(Refusal::stale(
            "case.draft-moved",
            "The service changed after this application was filled in. Check the answers again, then send it.",
        ));
    }
    let form = forms::current(process, &run.state).ok_or_else(not_open)?;
    let assessment = forms::assess(process, &run.state, &run.facts, form);
    let sequence = forms::sequence(&run.state, form, &assessment);
    if !assessment.problems.is_empty() || !sequence.incomplete.is_empty() {
        let message = "The application is not complete: answer the pages that are left.";
        return Err(Refusal::invalid("case.incomplete", message).with_problems(assessment.problems));
    }
    let data = assessment.data;
    let office = office::found(process, &run.state, &data, &run.facts);
    let mut declared = declared(form, language, signed_in);
    if run.state.is_taken_in_by(by) {
        // What binds the applicant is what they signed.
        declared.text = None;
    }
    let declared = Some(declared);
    if run.state.phase == Phase::Running {
        return resubmit(run, What::Resubmitted { data, shown_hash, by, language, office, declared });
    }
    // Paper was judged by the day on which it was handed in.
    if run.state.origin.is_none() && run.state.taken_in.is_none() {
        within_intake(run, run.now())?;
    }
    expiry::silence(run);
    for timer in run.state.timers.keys().copied().collect::<Vec<_>>() {
        run.emit(What::TimerCancelled { timer });
    }
    let forgotten = forgotten(&run.state);
    let since = begun_at(run, run.state.taken_in.as_ref());
    let level = process.definition().spec.service_level.as_ref();
    let promised = level.map(|level| run.facts.calendar.deadline(since, level.promised));
    run.emit(What::Submitted {
        number: number.to_owned(),
        data,
        shown_hash,
        by,
        language,
        promised,
        forgotten,
        office,
        declared,
    });
    promise::watch(run);
    paper::tell(run);
    let token = run.make_token(None);
    if let Some(first) = process.first_step(&run.state) {
        run.go(token, first);
    }
    Ok(())
}

/// Files of what was set aside when the draft moved: nothing of the application that is sent rests on them.
fn forgotten(state: &CaseState) -> BTreeSet<Hash> {
    let dropped = state.moved.iter().flat_map(|moved| moved.dropped.values());
    dropped.filter_map(|dropped| evidence::read(&dropped.answer)).flatten().map(|file| file.hash).collect()
}

/// The words that the person read above the button, as a hash: the revision keeps them.
fn declared(form: &api::Form, language: Language, signed_in: Option<&SignedIn>) -> Declared {
    let text = form.declaration.as_ref().map(|text| Hash::of(text.in_language(language.tag()).as_bytes()));
    Declared { form: form.name.clone(), text, signed_in: signed_in.cloned() }
}

fn resubmit(run: &mut Run<'_>, resubmitted: What) -> Result<(), Refusal> {
    let mut tokens = run.state.tokens.values();
    let waiting = tokens.find(|token| matches!(token.waiting, Waiting::Applicant { .. }));
    let token: TokenId = waiting.map(|token| token.id).ok_or_else(not_open)?;
    run.emit(resubmitted);
    let next = run.step_of(token).and_then(|step| step.next.clone());
    run.leave(token, "next", next.as_deref());
    Ok(())
}
