//! Answers to choose from: written in the definition, in the schema's enumeration, or the agency's offices.

use api::Field;

use crate::{Facts, process::Process};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionView {
    pub value: String,
    pub label: String,
    pub hint: String,
}

/// The values that can be chosen; nothing when the answer is free.
pub fn values_of(process: &Process, field: &Field, facts: &Facts<'_>) -> Option<Vec<String>> {
    options_of(process, field, facts, "uz").map(|options| options.into_iter().map(|option| option.value).collect())
}

pub fn options_of(process: &Process, field: &Field, facts: &Facts<'_>, language: &str) -> Option<Vec<OptionView>> {
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
