//! How a field is asked: as the definition says, else as its schema suggests.

use api::{Field, Input};

use super::{lists, options};
use crate::{Facts, case::CaseState, process::Process};

/// More answers than this are put into a list.
const RADIOS_MAX: usize = 7;
/// Longer texts get several lines.
const LINE_MAX: u64 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    Textarea,
    Number,
    Date,
    Radios,
    Select,
    Checkbox,
    YesNo,
    Phone,
    Email,
    Files,
    /// A list of entries.
    Entries,
}

impl FieldKind {
    /// The word on the bus.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Textarea => "textarea",
            Self::Number => "number",
            Self::Date => "date",
            Self::Radios => "radios",
            Self::Select => "select",
            Self::Checkbox => "checkbox",
            Self::YesNo => "yes-no",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Files => "files",
            Self::Entries => "entries",
        }
    }
}

pub fn kind_of(process: &Process, state: &CaseState, field: &Field, facts: &Facts<'_>) -> FieldKind {
    if field.evidence.is_some() {
        return FieldKind::Files;
    }
    if field.repeat.is_some() {
        return FieldKind::Entries;
    }
    // What a registry offers can be a few or many; where it offers nothing, the answer is typed.
    let listed = lists::list_of(process, field).is_some();
    if let Some(input) = field.input.filter(|_| !listed) {
        return match input {
            Input::Text => FieldKind::Text,
            Input::Textarea => FieldKind::Textarea,
            Input::Number => FieldKind::Number,
            Input::Date => FieldKind::Date,
            Input::Radios => FieldKind::Radios,
            Input::Select => FieldKind::Select,
            Input::Checkbox => FieldKind::Checkbox,
            Input::YesNo => FieldKind::YesNo,
            Input::Phone => FieldKind::Phone,
            Input::Email => FieldKind::Email,
        };
    }
    if let Some(options) = options::values_of(process, state, field, facts) {
        return if options.len() <= RADIOS_MAX { FieldKind::Radios } else { FieldKind::Select };
    }
    let Some(schema) = process.field_schema(&field.at) else { return FieldKind::Text };
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("boolean"), _) => FieldKind::YesNo,
        (Some("integer" | "number"), _) => FieldKind::Number,
        (_, Some("date")) => FieldKind::Date,
        (_, Some("email")) => FieldKind::Email,
        _ if schema["maxLength"].as_u64().is_some_and(|max| max > LINE_MAX) => FieldKind::Textarea,
        _ => FieldKind::Text,
    }
}
