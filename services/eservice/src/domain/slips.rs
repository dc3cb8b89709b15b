//! Slips in documents: which fields may be corrected and how they stand, and what a new document says otherwise. In words.

use kernel::Language;
use process::{
    CaseState,
    calendar::written_day,
    case::{Phase, Recall, Slip},
    letter,
};
use proto::eservice::v1::{CorrectableField, FieldCorrection, MendedSlip};
use serde_json::Value;

use super::text;

/// What an officer may correct; nothing before the case has ended.
pub fn choices(
    definition: &api::ServiceDefinition,
    state: &CaseState,
    declared: &api::Recall,
    language: Language,
) -> Vec<CorrectableField> {
    let field = |field: &api::Correctable| CorrectableField {
        at: field.at.clone(),
        label: label(definition, declared, &field.at, language),
        value: letter::told(state, &field.at).map(written).unwrap_or_default(),
    };
    let fields = declared.corrects.iter().filter(|_| state.phase == Phase::Ended);
    fields.map(field).collect()
}

/// What one officer proposes, as they would type it.
pub fn proposed(recall: &Recall) -> Vec<FieldCorrection> {
    let field = |slip: &Slip| FieldCorrection { at: slip.at.clone(), value: written(&slip.new) };
    recall.corrections.iter().map(field).collect()
}

/// What the new document says otherwise.
pub fn made(
    definition: &api::ServiceDefinition,
    declared: Option<&api::Recall>,
    recall: &Recall,
    language: Language,
) -> Vec<MendedSlip> {
    let Some(declared) = declared else { return Vec::new() };
    let field = |slip: &Slip| MendedSlip {
        label: label(definition, declared, &slip.at, language),
        old: written(&slip.old),
        new: written(&slip.new),
    };
    recall.corrections.iter().map(field).collect()
}

fn label(definition: &api::ServiceDefinition, declared: &api::Recall, at: &str, language: Language) -> String {
    let own = declared.corrects.iter().find(|field| field.at == at).and_then(|field| field.label.as_ref());
    text::optional(own.or_else(|| definition.label_of(at)), language)
}

/// As people write it, and as it can be typed again.
fn written(value: &Value) -> String {
    match (value.as_str().and_then(written_day), value) {
        (Some(day), _) => day,
        (None, Value::Null) => String::new(),
        (None, value) => text::of_value(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_shown_as_it_can_be_typed_again() {
        assert_eq!(written(&json!("2020-02-09")), "09.02.2020");
        assert_eq!(written(&json!("Nukus")), "Nukus");
        assert_eq!((written(&json!(3)), written(&json!(null))), ("3".to_owned(), String::new()));
    }
}
