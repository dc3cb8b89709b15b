//! Answers to choose from: written in the definition, in the schema's enumeration, the agency's offices, or what a registry
//! offers this person.

use api::Field;

use super::lists;
use crate::{Facts, case::CaseState, process::Process};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionView {
    pub value: String,
    pub label: String,
    pub hint: String,
}

/// The values that can be chosen; nothing when the answer is free.
pub fn values_of(process: &Process, state: &CaseState, field: &Field, facts: &Facts<'_>) -> Option<Vec<String>> {
    let options = options_of(process, state, field, facts, "uz")?;
    Some(options.into_iter().map(|option| option.value).collect())
}

pub fn options_of(
    process: &Process,
    state: &CaseState,
    field: &Field,
    facts: &Facts<'_>,
    language: &str,
) -> Option<Vec<OptionView>> {
    if let Some(offered) = lists::choosable(process, state, field, facts) {
        let options = offered.into_iter().map(|offered| OptionView {
            value: offered.choice.clone(),
            label: offered.label.clone(),
            hint: String::new(),
        });
        return Some(options.collect());
    }
    if field.options_from.as_deref() == Some("offices") {
        let offices = facts.offices.iter().map(|office| OptionView {
            value: office.name.clone(),
            label: office.title.in_language(language).to_owned(),
            hint: String::new(),
        });
        return Some(offices.collect());
    }
    if !field.options.is_empty() {
        let options = field.options.iter().map(|choice| OptionView {
            value: choice.value.clone(),
            label: choice.label.in_language(language).to_owned(),
            hint: choice.hint.as_ref().map(|hint| hint.in_language(language).to_owned()).unwrap_or_default(),
        });
        return Some(options.collect());
    }
    let values = process.field_schema(&field.at)?["enum"].as_array()?;
    let options = values.iter().filter_map(serde_json::Value::as_str).map(|value| OptionView {
        value: value.to_owned(),
        label: value.to_owned(),
        hint: String::new(),
    });
    Some(options.collect())
}
