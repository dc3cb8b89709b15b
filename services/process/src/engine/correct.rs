//! A slip in a document of an ended case: which fields may be corrected, and whether what was typed can stand in them. Answers, facts
//! and decision stay as they were; only what documents say of them changes.

use api::Recall;
use serde_json::Value;

use super::recall::Order;
use crate::{
    CaseState, Process, Refusal,
    case::{Phase, Slip},
    forms, letter, paths,
};

/// A name or a place, not a letter.
const CHARS_MAX: usize = 500;

/// What the new document says otherwise; nothing where none is asked for.
pub fn judged(
    process: &Process,
    state: &CaseState,
    declared: &Recall,
    order: &Order<'_>,
) -> Result<Vec<Slip>, Refusal> {
    if order.corrections.is_empty() {
        return Ok(Vec::new());
    }
    if !order.replace {
        return Err(Refusal::invalid("document.correct-alone", "Only a new document is corrected: have it replaced."));
    }
    if state.phase != Phase::Ended {
        let message = "The application has not ended. A slip is corrected afterwards.";
        return Err(Refusal::conflict("document.correct-open", message));
    }
    let reason = declared.reasons.iter().find(|reason| reason.code == order.reason);
    if reason.is_none_or(|reason| reason.article.is_none()) {
        let message = "A correction needs its article of the law. Choose a reason that names one.";
        return Err(Refusal::invalid("document.correct-article", message));
    }
    let mut corrections = Vec::new();
    for (at, typed) in order.corrections {
        if !declared.corrects.iter().any(|field| field.at == *at) {
            let message = "The service does not say that this field may be corrected.";
            return Err(Refusal::invalid("document.correct-field", message));
        }
        let old = letter::told(state, at).cloned().unwrap_or_default();
        let new = value(process, state, at, &old, typed)?;
        if new != old {
            corrections.push(Slip { at: at.clone(), old, new });
        }
    }
    if corrections.is_empty() {
        return Err(Refusal::invalid(
            "document.correct-nothing",
            "Nothing is changed. Type what the document must say.",
        ));
    }
    Ok(corrections)
}

/// What was typed, as a value of the kind that stands there, and in the data as its schema wants it.
fn value(process: &Process, state: &CaseState, at: &str, old: &Value, typed: &str) -> Result<Value, Refusal> {
    let refused =
        || Refusal::invalid("document.correct-value", "What was typed cannot stand in this field of the document.");
    let text = forms::tidy(typed);
    if text.is_empty() || text.chars().count() > CHARS_MAX || text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(refused());
    }
    let path = at.strip_prefix("data.");
    let schema = path.and_then(|path| process.field_schema(path));
    let is_day = |value: &Value| value.as_str().is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok());
    let read = match schema.and_then(|schema| schema["type"].as_str()) {
        Some("integer") => forms::integer(&text).map(Value::from),
        Some("number") => forms::number(&text),
        Some("string") if schema.is_some_and(|schema| schema["format"] == "date") => {
            forms::date(&text).map(|day| Value::String(day.to_string()))
        }
        Some("string") => Some(Value::String(text)),
        // A registry's answer: as it was.
        None if at.strip_prefix("facts.").is_some_and(|path| has_place(&state.facts, path)) => match old {
            Value::Number(_) => forms::number(&text),
            old if is_day(old) => forms::date(&text).map(|day| Value::String(day.to_string())),
            Value::String(_) | Value::Null => Some(Value::String(text)),
            _ => None,
        },
        _ => None,
    };
    let new = read.ok_or_else(refused)?;
    match path {
        Some(path) if !fits(process, state, path, &new) => Err(refused()),
        _ => Ok(new),
    }
}

/// Whether a value can be put there without taking the place of a list or of another single value.
fn has_place(root: &Value, path: &str) -> bool {
    let mut at = root;
    for name in path.split('.') {
        match at {
            Value::Object(fields) => match fields.get(name) {
                Some(next) => at = next,
                None => return true,
            },
            other => return other.is_null(),
        }
    }
    true
}

/// Whether the schema of the data takes the value in this place.
fn fits(process: &Process, state: &CaseState, path: &str, new: &Value) -> bool {
    let mut data = state.data.clone();
    paths::put(&mut data, path, new.clone());
    let place = format!("/{}", path.replace('.', "/"));
    !process.validator().iter_errors(&data).any(|error| error.instance_path().as_str() == place)
}
