//! All answers at a glance: for the applicant before sending, and for the officer.

use kernel::Hash;
use serde::Serialize;

use super::{FieldKind, assess, current_or_start, entries, kind_of, offered, options_of, sequence, view};
use crate::{
    Facts,
    case::{CaseState, KnownParty, PartyAnswer},
    evidence::{self, FileReference},
    forms::Sequence,
    process::Process,
    revision,
};

#[derive(Clone, PartialEq)]
pub struct Review {
    pub sections: Vec<Section>,
    pub sequence: Sequence,
    pub declaration: String,
}

#[derive(Clone, PartialEq, Serialize)]
pub struct Section {
    /// Key of the page.
    pub page: String,
    pub title: String,
    pub rows: Vec<Row>,
}

#[derive(Clone, PartialEq, Serialize)]
pub struct Row {
    pub at: String,
    pub label: String,
    /// The label of a chosen option, else the value; dates as ISO 8601, booleans as `true` or `false`.
    pub value: String,
    /// Word of the field's kind, so that the reader can format dates and yes or no.
    pub kind: &'static str,
    pub fact: bool,
    pub source: String,
    pub disputed: bool,
    /// Of a disputed fact: what the registry says.
    pub registry_value: String,
    pub differs: bool,
    /// Of a field that is a file; `value` then has their names. Absent elsewhere, so that other forms' hashes stay what they were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileReference>,
}

impl std::fmt::Debug for Review {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Review({} sections)", self.sections.len())
    }
}

impl Review {
    /// SHA-256 over exactly what is shown, in its canonical form (RFC 8785) so that anybody can compute it again: a submission
    /// names it, so that nobody signs what they did not see.
    pub fn hash(&self, fees: &[crate::fees::Charge]) -> Hash {
        let shown = serde_json::json!({"sections": self.sections, "declaration": self.declaration, "fees": fees});
        Hash::of(&revision::canonical_json(&shown).expect("what is shown is texts, yes or no, and whole numbers"))
    }
}

pub fn review(process: &Process, state: &CaseState, facts: &Facts<'_>, language: &str) -> Option<Review> {
    let form = current_or_start(process, state)?;
    let assessment = assess(process, state, facts, form);
    let sections = assessment.pages.iter().map(|page| Section {
        page: page.key.clone(),
        title: page.page.title.in_language(language).to_owned(),
        rows: page.fields.iter().map(|field| row(process, state, facts, field, language)).collect(),
    });
    Some(Review {
        sections: sections.collect(),
        sequence: sequence(state, form, &assessment),
        declaration: form.declaration.as_ref().map(|text| text.in_language(language).to_owned()).unwrap_or_default(),
    })
}

/// What a party who is asked sees before they agree: what they are told of the application, and their own answers.
pub fn review_asked(process: &Process, seen: &CaseState, facts: &Facts<'_>, language: &str) -> Option<Review> {
    let mut asked = review(process, seen, facts, language)?;
    let rows = told(process, seen, facts, language);
    if !rows.is_empty() {
        asked.sections.insert(0, Section { page: String::new(), title: String::new(), rows });
    }
    Some(asked)
}

/// Answers of the applicant that the form of a party tells them.
pub fn told(process: &Process, seen: &CaseState, facts: &Facts<'_>, language: &str) -> Vec<Row> {
    let tells = super::current(process, seen).map(|form| form.tells.as_slice()).unwrap_or_default();
    let field = |at: &String| process.definition().spec.forms.iter().find_map(|form| form.field(at));
    tells.iter().filter_map(field).map(|field| row(process, seen, facts, field, language)).collect()
}

/// What a party answered and agreed to, page by page.
pub fn consented(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    party: &KnownParty,
    language: &str,
) -> Vec<Section> {
    let Some(form) = process.definition().form(&party.form).filter(|_| party.answer == PartyAnswer::Consented) else {
        return Vec::new();
    };
    let assessment = assess(process, state, facts, form);
    let section = |page: &super::assess::VisiblePage<'_>| Section {
        page: page.key.clone(),
        title: page.page.title.in_language(language).to_owned(),
        rows: page.fields.iter().map(|field| row(process, state, facts, field, language)).collect(),
    };
    assessment.pages.iter().map(section).collect()
}

fn row(process: &Process, state: &CaseState, facts: &Facts<'_>, field: &api::Field, language: &str) -> Row {
    let kind = kind_of(process, state, field, facts);
    let options = options_of(process, state, field, facts, language);
    // The data keeps what a choice of a registry's list stands for.
    let offered = offered(process, state, field).unwrap_or_default();
    let shown = |text: &str| {
        let chosen = options.iter().flatten().find(|option| option.value == text).map(|option| &option.label);
        let kept = || offered.iter().find(|offered| offered.value == text).map(|offered| &offered.label);
        chosen.or_else(kept).map_or_else(|| text.to_owned(), Clone::clone)
    };
    let files = if field.evidence.is_some() { evidence::of(&state.answers, &field.at) } else { Vec::new() };
    let held = state.prefill.get(&field.at);
    let disputed = held.is_some() && state.disputed.contains(&field.at);
    let registry = held.map(|held| view::text_of(&held.value)).unwrap_or_default();
    let typed = state.answers.get(&field.at).cloned().unwrap_or_default();
    let value = match held {
        _ if field.evidence.is_some() => names(&files),
        _ if field.repeat.is_some() => entries::told(process, state, facts, field, language),
        Some(_) if !disputed => registry.clone(),
        _ => Some(view::data_text(state, &field.at)).filter(|text| !text.is_empty()).unwrap_or(typed),
    };
    Row {
        at: field.at.clone(),
        label: field.label.in_language(language).to_owned(),
        value: shown(&value),
        kind: if matches!(kind, FieldKind::Checkbox) { FieldKind::YesNo.name() } else { kind.name() },
        fact: held.is_some() && !disputed,
        source: held.map(|held| held.source.clone()).unwrap_or_default(),
        disputed,
        differs: disputed && registry != value,
        registry_value: if disputed { shown(&registry) } else { String::new() },
        files,
    }
}

fn names(files: &[FileReference]) -> String {
    files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
}
