//! A list of entries fits its data: an array of objects, no longer than the schema allows, each with the fields that are asked.

use std::collections::BTreeSet;

use api::{Field, Repeat};
use serde_json::Value;

use super::{
    data::is_field_name,
    findings::Findings,
    forms,
    names::instead,
    schema::{self, Found},
};

/// As many inputs as a page can hold.
const INPUTS_MAX: usize = 150;

/// Judges a field that is asked several times.
pub fn check(field: &Field, repeat: &Repeat, path: &str, (root, schema): (&Value, &Value), findings: &mut Findings) {
    let items = schema::resolve(root, &schema["items"]);
    if schema::kind(schema) != Some("array") || schema::kind(items) != Some("object") {
        findings.error(
            "form.entries-data",
            &format!("{path}.at"),
            format!("`{}` is no list of groups of values", field.at),
            "describe it as `type: array` with `items: {type: object, properties: {…}}`",
        );
        return;
    }
    alone(field, path, findings);
    bounds(repeat, schema, path, findings);
    let mut asked = BTreeSet::new();
    for (index, part) in repeat.fields.iter().enumerate() {
        let path = format!("{path}.repeat.fields[{index}]");
        if !is_field_name(&part.at) || !asked.insert(part.at.as_str()) {
            let message = format!("`{}` cannot be asked here, or is asked twice", part.at);
            findings.error("form.entries-field", &format!("{path}.at"), message, "name a value of the entry once");
            continue;
        }
        match schema::at(items, &part.at) {
            Found::Unknown { name, known } => {
                let message = format!("`{name}` is not in the data schema of an entry");
                findings.error("form.unknown-field", &format!("{path}.at"), message, instead(&name, known));
            }
            Found::Schema(schema) if matches!(schema::kind(schema), Some("object" | "array")) => {
                let message = format!("`{}` is a group of values", part.at);
                findings.error("form.not-a-value", &format!("{path}.at"), message, "an entry has single values");
            }
            Found::Schema(schema) => forms::asks_well(&part.as_field(&field.at), &path, schema, findings),
        }
    }
    for name in schema::required(items) {
        if !asked.contains(name.as_str()) {
            let message = format!("`{name}` of an entry is required, but no field asks for it");
            findings.error("form.required-not-asked", path, message, "add a field, or take it out of `required`");
        }
    }
}

/// What is meant for one answer says nothing about a list.
fn alone(field: &Field, path: &str, findings: &mut Findings) {
    let others = [
        ("input", field.input.is_some()),
        ("options", !field.options.is_empty()),
        ("optionsFrom", field.options_from.is_some()),
        ("prefill", field.prefill.is_some()),
        ("evidence", field.evidence.is_some()),
        ("autocomplete", field.autocomplete.is_some()),
    ];
    for (name, _) in others.into_iter().filter(|(_, is_written)| *is_written) {
        findings.error(
            "form.entries-alone",
            &format!("{path}.{name}"),
            format!("`{name}` is for one answer, not for a list of entries"),
            "take it out, or write it at a field of the entry",
        );
    }
}

fn bounds(repeat: &Repeat, schema: &Value, path: &str, findings: &mut Findings) {
    let items_max = schema["maxItems"].as_u64().unwrap_or(0);
    let inputs = repeat.fields.len().saturating_mul(repeat.max as usize);
    if repeat.max == 0 || repeat.min > repeat.max || u64::from(repeat.max) > items_max {
        findings.error(
            "form.entries-bounds",
            &format!("{path}.repeat.max"),
            "the list has no sensible bounds, or may become longer than the data schema allows",
            "write `maxItems` in the schema, and `min` and `max` within it",
        );
    } else if inputs == 0 || inputs > INPUTS_MAX {
        findings.error(
            "form.entries-size",
            &format!("{path}.repeat.fields"),
            format!("the entries would have {inputs} inputs; a page has 1 to {INPUTS_MAX}"),
            "ask for less in an entry, or for fewer entries",
        );
    }
}
