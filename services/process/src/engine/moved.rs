//! A draft follows the revision in force: answers that fit the new form stay, and what changed for the person is recorded.

use std::collections::{BTreeMap, BTreeSet};

use api::{Field, Form};

use super::Run;
use crate::{
    SEMANTICS_VERSION,
    case::{CaseState, Phase},
    event::{DraftMoved, What},
    evidence,
    forms::{self, Assessment},
    paths,
    process::Process,
    start::is_beneath,
};

/// `asked_before`: the paths of the fields that the form had until now, where the host knows them.
pub fn follow_revision(run: &mut Run<'_>, asked_before: Option<&BTreeSet<String>>) {
    let process = run.process;
    let (from, revision) = (run.state.revision, process.revision());
    if run.state.phase != Phase::Draft || from == revision {
        return;
    }
    let Some(form) = process.first_form(&run.state) else {
        return run.emit(What::RevisionChosen { revision, semantics: SEMANTICS_VERSION });
    };
    let (answers, kept) = kept(process, &run.state, form);
    let released = released(process, &run.state, form);
    let mut after = run.state.clone();
    let gone = run.state.answers.keys().filter(|path| !kept.contains(*path));
    for path in gone.chain(&released) {
        paths::remove(&mut after.data, path);
    }
    after.answers = answers;
    after.prefill.retain(|path, _| !released.contains(path));
    after.disputed.retain(|path| !released.contains(path));
    let assessment = forms::assess(process, &after, &run.facts, form);
    let invalid = invalid(&run.state, &after, &assessment);
    let added = added(&run.state, &after, form, &assessment, asked_before);
    let reopened = assessment.pages.iter().filter(|page| page.fields.iter().any(|field| added.contains(&field.at)));
    let reopened = reopened.map(|page| forms::page_id(&form.name, &page.key)).collect();
    let (semantics, data) = (SEMANTICS_VERSION, assessment.data);
    let moved = DraftMoved { from, revision, semantics, kept, released, invalid, added, reopened, data };
    run.emit(What::DraftMoved(moved));
}

/// The answers that the form takes, also of those that an earlier move set aside, and their paths; with them those that came from
/// the case which this one began from and that the form does not ask for.
fn kept(process: &Process, state: &CaseState, form: &Form) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let aside = state.moved.iter().flat_map(|moved| &moved.dropped);
    let aside = aside.map(|(path, dropped)| (path, &dropped.answer));
    let all: BTreeMap<&String, &String> = aside.chain(&state.answers).collect();
    let fits = |path: &str, answer: &str| match form.field(path) {
        Some(field) => takes(field, answer),
        None => is_carried(process, state, path),
    };
    let fitting = all.into_iter().filter(|(path, answer)| fits(path, answer));
    let answers: BTreeMap<String, String> =
        fitting.map(|(path, answer)| (path.to_owned(), answer.to_owned())).collect();
    let paths = answers.keys().cloned().collect();
    (answers, paths)
}

/// A list of files is no text, and a text is no list of files.
fn takes(field: &Field, answer: &str) -> bool {
    let files = evidence::read(answer).is_some_and(|files| !files.is_empty());
    files == field.evidence.is_some()
}

/// Whether a draft that began from another case has this from there.
fn is_carried(process: &Process, state: &CaseState, path: &str) -> bool {
    let start = process.named_start(&state.start).filter(|_| state.origin.is_some());
    start.is_some_and(|start| start.carry.iter().any(|name| is_beneath(path, name)))
}

/// Facts that no field takes from where they came, unless they came with the case.
fn released(process: &Process, state: &CaseState, form: &Form) -> BTreeSet<String> {
    let taken = |path: &str, source: &str| {
        let prefill = form.field(path).and_then(|field| field.prefill.as_ref());
        prefill.is_some_and(|prefill| format!("{}/{}", prefill.registry, prefill.operation) == source)
    };
    let facts =
        state.prefill.iter().filter(|(path, fact)| !taken(path, &fact.source) && !is_carried(process, state, path));
    facts.map(|(path, _)| path.clone()).collect()
}

/// Only what the old revision found right: what was wrong before is told where it is asked, as ever.
fn invalid(before: &CaseState, after: &CaseState, assessment: &Assessment<'_>) -> BTreeMap<String, String> {
    let was_right = |path: &str| after.answers.contains_key(path) && paths::get(&before.data, path).is_some();
    let problems = assessment.problems.iter().filter(|problem| was_right(&problem.at));
    problems.map(|problem| (problem.at.clone(), problem.code.clone())).collect()
}

/// Nobody is told of new questions who has not answered the old ones. Where the old form is not known, a page that was
/// answered without a field did not have it.
fn added(
    before: &CaseState,
    after: &CaseState,
    form: &Form,
    assessment: &Assessment<'_>,
    asked_before: Option<&BTreeSet<String>>,
) -> BTreeSet<String> {
    if before.answers.is_empty() && before.answered_pages.is_empty() {
        return BTreeSet::new();
    }
    let mut added = BTreeSet::new();
    for page in &assessment.pages {
        let answered = before.answered_pages.contains(&forms::page_id(&form.name, &page.key));
        for field in &page.fields {
            let held = after.answers.contains_key(&field.at) || after.prefill.contains_key(&field.at);
            let new = asked_before.map_or(answered && !field.optional, |asked| !asked.contains(&field.at));
            if new && !held {
                added.insert(field.at.clone());
            }
        }
    }
    added
}
