//! What a draft's move to another revision means for whoever fills it in, as far as it is still so.

use api::Field;

use super::{FieldKind, OptionView, Row, assess, current, kind_of, options_of};
use crate::{Facts, case::CaseState, evidence, process::Process};

/// A field of the form, to be linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPlace {
    /// Key of the page.
    pub page: String,
    pub at: String,
    pub label: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsettled {
    /// Answers that were right before the move and are still wrong.
    pub invalid: Vec<FieldPlace>,
    /// Fields that came with it and are still without an answer.
    pub added: Vec<FieldPlace>,
}

pub fn unsettled(process: &Process, state: &CaseState, facts: &Facts<'_>, language: &str) -> Unsettled {
    let (Some(moved), Some(form)) = (&state.moved, current(process, state)) else { return Unsettled::default() };
    let assessment = assess(process, state, facts, form);
    let mut unsettled = Unsettled::default();
    for page in &assessment.pages {
        for field in &page.fields {
            let place = || FieldPlace {
                page: page.key.clone(),
                at: field.at.clone(),
                label: field.label.in_language(language).to_owned(),
            };
            if moved.invalid.contains_key(&field.at) && assessment.problems.iter().any(|one| one.at == field.at) {
                unsettled.invalid.push(place());
            } else if is_added(state, field) {
                unsettled.added.push(place());
            }
        }
    }
    unsettled
}

/// A question that the person has not met before the draft moved, and has not answered since.
pub fn is_added(state: &CaseState, field: &Field) -> bool {
    let held = state.answers.contains_key(&field.at) || state.prefill.contains_key(&field.at);
    !held && state.moved.as_ref().is_some_and(|moved| moved.added.contains(&field.at))
}

/// An answer that nothing asks for any more, in the words of the revision that asked for it.
pub fn asked_once(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    (at, answer): (&str, &str),
    language: &str,
) -> Option<Row> {
    let field = process.first_form(state)?.field(at)?;
    let kind = kind_of(process, state, field, facts);
    let files = if field.evidence.is_some() { evidence::read(answer).unwrap_or_default() } else { Vec::new() };
    let chosen = |options: Vec<OptionView>| options.into_iter().find(|option| option.value == answer);
    let label = options_of(process, state, field, facts, language).and_then(chosen).map(|option| option.label);
    let names = files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    Some(Row {
        at: at.to_owned(),
        label: field.label.in_language(language).to_owned(),
        value: if field.evidence.is_some() { names } else { label.unwrap_or_else(|| answer.to_owned()) },
        kind: if matches!(kind, FieldKind::Checkbox) { FieldKind::YesNo.name() } else { kind.name() },
        fact: false,
        source: String::new(),
        disputed: false,
        registry_value: String::new(),
        differs: false,
        files: Vec::new(),
    })
}
