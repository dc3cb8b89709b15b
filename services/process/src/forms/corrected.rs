//! What a returned application was corrected in, field by field, for the officer who looks at it again.

use super::{Row, current_or_start, review};
use crate::{
    Facts,
    case::{CaseState, Correction},
    forms, paths,
    process::Process,
};

/// A field that was marked, or that is not as it was.
#[derive(Clone, PartialEq)]
pub struct Corrected {
    /// Key of the page.
    pub page: String,
    pub at: String,
    pub label: String,
    /// Word of the field's kind.
    pub kind: &'static str,
    /// As a reader sees it; empty: nothing was given, or the field was not asked for.
    pub before: String,
    pub after: String,
    pub changed: bool,
    pub marked: bool,
    /// What the officer wrote about it.
    pub note: String,
}

/// Of the last correction, in the order of the form; first what is asked for now, then what is asked for no more.
pub fn corrected(process: &Process, state: &CaseState, facts: &Facts<'_>, language: &str) -> Vec<Corrected> {
    let Some(correction) = &state.correction else { return Vec::new() };
    let rows = |state: &CaseState| -> Vec<(String, Row)> {
        let sections = review(process, state, facts, language).map(|review| review.sections).unwrap_or_default();
        let of_page = |section: forms::Section| {
            let page = section.page;
            section.rows.into_iter().map(move |row| (page.clone(), row))
        };
        sections.into_iter().flat_map(of_page).collect()
    };
    let (now, then) = (rows(state), rows(&as_it_was(process, state, facts, correction)));
    let gone = then.iter().filter(|(_, row)| !now.iter().any(|(_, kept)| kept.at == row.at));
    let told = |(page, row): &(String, Row)| {
        let note = correction.marked.get(&row.at);
        let value = |rows: &[(String, Row)]| {
            let found = rows.iter().find(|(_, found)| found.at == row.at);
            found.map(|(_, found)| found.value.clone()).unwrap_or_default()
        };
        let (before, after) = (value(&then), value(&now));
        let changed = correction.before.contains_key(&row.at) || before != after;
        (changed || note.is_some()).then(|| Corrected {
            page: page.clone(),
            at: row.at.clone(),
            label: row.label.clone(),
            kind: row.kind,
            before,
            after,
            changed,
            marked: note.is_some(),
            note: note.cloned().unwrap_or_default(),
        })
    };
    now.iter().chain(gone).filter_map(told).collect()
}

/// The case with the answers that it had when it was returned.
fn as_it_was(process: &Process, state: &CaseState, facts: &Facts<'_>, correction: &Correction) -> CaseState {
    let mut was = state.clone();
    for (at, before) in &correction.before {
        match &before.answer {
            Some(answer) => was.answers.insert(at.clone(), answer.clone()),
            None => was.answers.remove(at),
        };
        match before.disputed {
            true => was.disputed.insert(at.clone()),
            false => was.disputed.remove(at),
        };
    }
    if let Some(form) = current_or_start(process, &was) {
        let data = forms::assess(process, &was, facts, form).data;
        for at in correction.before.keys() {
            paths::remove(&mut was.data, at);
            if let Some(value) = paths::get(&data, at) {
                paths::put(&mut was.data, at, value.clone());
            }
        }
    }
    was
}
