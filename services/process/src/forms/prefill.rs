//! What the state already knows: facts of a registry, held on the server and never read back from a browser.

use std::collections::BTreeMap;

use api::Form;
use serde_json::Value;

use super::{lists::asks, options};
use crate::{
    Facts,
    case::{CaseState, HeldFact},
    paths,
    process::{Process, compile_schema},
};

/// A registry operation that the form's prefills or lists name and that was not asked yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    pub registry: String,
    pub operation: String,
}

pub fn wanted(process: &Process, state: &CaseState) -> Vec<Wanted> {
    let form = super::current(process, state);
    let named = form.into_iter().flat_map(Form::fields).flat_map(|(_, field)| asks(process, field));
    let mut wanted: Vec<Wanted> = named
        .filter(|(registry, operation)| !state.prefilled.contains_key(&format!("{registry}/{operation}")))
        .map(|(registry, operation)| Wanted { registry: registry.to_owned(), operation: operation.to_owned() })
        .collect();
    wanted.sort();
    wanted.dedup();
    wanted
}

/// The facts of an answer that fit their fields; one that the field could not hold is not a fact, and is asked for.
pub fn hold(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    (form, asked): (&Form, &Wanted),
    body: &Value,
) -> BTreeMap<String, HeldFact> {
    let mut held = BTreeMap::new();
    for (_, field) in form.fields() {
        let Some(prefill) = &field.prefill else { continue };
        if prefill.registry != asked.registry || prefill.operation != asked.operation {
            continue;
        }
        let Some(value) = paths::get(body, &prefill.result).filter(|value| !value.is_null()) else { continue };
        let chosen = options::values_of(process, state, field, facts);
        let offered = chosen.is_none_or(|options| options.iter().any(|option| Some(option.as_str()) == value.as_str()));
        let fits = process.field_schema(&field.at).and_then(|schema| compile_schema(schema).ok());
        if offered && fits.is_none_or(|schema| schema.is_valid(value)) {
            let source = format!("{}/{}", asked.registry, asked.operation);
            held.insert(field.at.clone(), HeldFact { value: value.clone(), source, read: facts.now });
        }
    }
    held
}
