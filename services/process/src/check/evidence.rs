//! A field that is a file: kinds that are known by their bytes, a size that can be kept, a list in the data for what is known of each.

use api::{Evidence, Field};
use serde_json::{Value, json};

use super::{findings::Findings, names::instead, schema};
use crate::{
    evidence::{self, BYTES_MAX, FILES_MAX, NAME_CHARS_MAX},
    process::compile_schema,
};

/// Judges one such field. `schema` is that of its value, `root` the whole.
pub fn check(
    field: &Field,
    evidence: &Evidence,
    path: &str,
    (root, schema): (&Value, &Value),
    findings: &mut Findings,
) {
    let place = format!("{path}.evidence");
    if evidence.types.is_empty() {
        let help = format!("list some of {}", evidence::types().collect::<Vec<_>>().join(", "));
        findings.error("form.evidence-types", &format!("{place}.types"), "no kind of file is asked for", help);
    }
    for (index, kind) in evidence.types.iter().enumerate() {
        if !evidence::types().any(|known| known == kind) {
            findings.error(
                "form.evidence-types",
                &format!("{place}.types[{index}]"),
                format!("files of `{kind}` cannot be told from others by their bytes"),
                instead(kind, evidence::types()),
            );
        }
    }
    if evidence.size == 0 || evidence.size > BYTES_MAX {
        findings.error(
            "form.evidence-size",
            &format!("{place}.size"),
            "a file has at least 1 and at most 104857600 bytes (100 MiB)",
            "write the largest size in bytes that an applicant needs",
        );
    }
    alone(field, path, findings);
    list(evidence, path, (root, schema), findings);
}

/// What is meant for typed answers says nothing about a file.
fn alone(field: &Field, path: &str, findings: &mut Findings) {
    let others = [
        ("input", field.input.is_some()),
        ("options", !field.options.is_empty()),
        ("optionsFrom", field.options_from.is_some()),
        ("prefill", field.prefill.is_some()),
        ("autocomplete", field.autocomplete.is_some()),
        ("repeat", field.repeat.is_some()),
    ];
    for (name, _) in others.into_iter().filter(|(_, is_written)| *is_written) {
        findings.error(
            "form.evidence-alone",
            &format!("{path}.{name}"),
            format!("`{name}` is for answers that are typed or chosen, not for files"),
            "take it out, or take `evidence` out",
        );
    }
}

/// The data holds a list of `{hash, name, size, type}`.
fn list(evidence: &Evidence, path: &str, (root, schema): (&Value, &Value), findings: &mut Findings) {
    let at = format!("{path}.at");
    if schema::kind(schema) != Some("array") {
        findings.error(
            "form.evidence-list",
            &at,
            "the data schema has no list here, but files are kept as one",
            "write `{type: array, maxItems: 5, items: {type: object}}` in the data schema",
        );
        return;
    }
    if schema["maxItems"].as_u64().is_none_or(|max| max == 0 || max > FILES_MAX) {
        findings.error(
            "form.evidence-list",
            &at,
            format!("the list needs a `maxItems` of at most {FILES_MAX}: that many files can be attached"),
            "write how many files are enough",
        );
    }
    if let Some(items) = schema.get("items")
        && evidence.types.iter().any(|kind| !takes(root, items, kind, evidence.size))
    {
        findings.error(
            "form.evidence-list",
            &at,
            "the list's items do not take what is kept of a file",
            "write `items: {type: object}`, or the properties hash, name (up to 100 characters), size and type",
        );
    }
}

/// Whether the longest that can be kept of a file fits. A schema that cannot be used is told elsewhere.
fn takes(root: &Value, items: &Value, kind: &str, size: u64) -> bool {
    let mut whole = json!({"type": "array", "items": items});
    for word in ["$defs", "properties"] {
        if let Some(referred) = root.get(word) {
            whole[word] = referred.clone();
        }
    }
    let file = json!({"hash": "0".repeat(64), "name": "ў".repeat(NAME_CHARS_MAX), "size": size, "type": kind});
    compile_schema(&whole).map_or(true, |schema| schema.is_valid(&json!([file])))
}
