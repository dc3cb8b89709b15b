//! What templates and messages may read of a case.

use serde_json::{Map, Value, json};

use crate::{
    case::CaseState,
    paths,
    process::{Process, Surroundings},
};

/// Inputs of a document's template: `data`, `facts`, `applicant`, `case`, `decision`; answers and facts as they were corrected.
pub fn of_document(process: &Process, state: &CaseState) -> Value {
    let surroundings = Surroundings::of(state);
    let mut inputs = json!({
        "data": state.data,
        "facts": state.facts,
        "applicant": surroundings.applicant(),
        "case": case(state),
        "decision": decision(process, state),
    });
    for (at, value) in &state.corrected {
        paths::put(&mut inputs, at, value.clone());
    }
    inputs
}

/// What documents say at one of these paths, as it was answered or told and perhaps corrected.
pub fn told<'s>(state: &'s CaseState, at: &str) -> Option<&'s Value> {
    state.corrected.get(at).or_else(|| match at.split_once('.')? {
        ("data", path) => paths::get(&state.data, path),
        ("facts", path) => paths::get(&state.facts, path),
        _ => None,
    })
}

/// Inputs of a message: no form data, because a message leaves the house.
pub fn of_notification(state: &CaseState) -> Value {
    let documents = state.documents.iter().map(|document| json!({"name": document.name, "number": document.number}));
    json!({"case": case(state), "documents": documents.collect::<Vec<_>>()})
}

fn case(state: &CaseState) -> Value {
    let day = |at: kernel::Time| crate::calendar::civil_date(at).to_string();
    json!({
        "number": state.number,
        "submitted": state.submitted.map(day),
        "outcome": state.outcome,
    })
}

/// The last decision with its reasons spelled out in the applicant's language.
fn decision(process: &Process, state: &CaseState) -> Value {
    let Some(decision) = state.decision() else { return Value::Object(Map::new()) };
    let language = state.language.tag();
    let outcome = process
        .step(&decision.step)
        .and_then(|step| step.task.as_ref()?.outcomes.iter().find(|outcome| outcome.name == decision.outcome));
    let reasons = decision.reasons.iter().filter_map(|code| {
        let reason = outcome?.reasons.iter().find(|reason| reason.code == *code)?;
        Some(json!({"code": code, "text": reason.text.in_language(language), "article": reason.article}))
    });
    json!({
        "outcome": decision.outcome,
        "label": outcome.map(|outcome| outcome.label.in_language(language)),
        "reasons": reasons.collect::<Vec<_>>(),
        "note": decision.note,
        "date": crate::calendar::civil_date(decision.at).to_string(),
    })
}
