//! The data schema is valid JSON Schema 2020-12, refers only to itself, and bounds what people can send.

use api::ServiceDefinition;
use serde_json::Value;

use super::{findings::Findings, names::instead, schema, source::join};

const PATH: &str = "spec.data.schema";
/// Deepest schema.
const DEPTH_MAX: usize = 32;

/// Judges the schema; false when expressions cannot be judged against it.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) -> bool {
    retention(definition, findings);
    let Some(data) = &definition.spec.data else { return true };
    let sound = of_object(&data.schema, PATH, "the data of a case", findings);
    for (index, concept) in data.concepts.iter().enumerate() {
        if let schema::Found::Unknown { name, known } = schema::at(&data.schema, &concept.at) {
            let path = format!("spec.data.concepts[{index}].at");
            findings.error(
                "data.unknown-field",
                &path,
                format!("`{name}` is not in the data schema"),
                instead(&name, known),
            );
        }
    }
    sound
}

/// Judges a schema by itself: `what` is an object, with bounds, and refers only to itself.
pub fn of_object(schema: &Value, path: &str, what: &str, findings: &mut Findings) -> bool {
    if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
        let path = format!("{path}{}", dotted(error.instance_path().as_str()));
        findings.error("data.schema", &path, format!("this is not JSON Schema 2020-12: {error}"), "");
        return false;
    }
    let mut sound = true;
    walk(schema, schema, path, 0, findings, &mut sound);
    if sound && let Err(error) = build(schema) {
        findings.error("data.schema", path, format!("the schema cannot be used: {error}"), "");
        sound = false;
    }
    if sound && schema::kind(schema::resolve(schema, schema)) != Some("object") {
        let (message, help) = (format!("{what} must be an object"), "write `type: object` with `properties`");
        findings.error("data.not-object", path, message, help);
        sound = false;
    }
    sound
}

/// What the state keeps of people ends some day, by an act that says so.
fn retention(definition: &ServiceDefinition, findings: &mut Findings) {
    if definition.spec.process.is_none() {
        return;
    }
    let retention = definition.spec.data.as_ref().and_then(|data| data.retention.as_ref());
    match retention.map(|retention| &retention.legal_basis) {
        Some(Some(_)) => {}
        Some(None) => findings.publish(
            "data.retention-basis",
            "spec.data.retention",
            "nothing says which act orders this retention",
            "add `legalBasis: {title: …, uri: …}`; people whose data was erased are shown it",
        ),
        None => findings.publish(
            "data.no-retention",
            "spec.data",
            "ended cases would be kept for ever",
            "say how long law asks for them: `retention: {cases: 5 years, drafts: 30 days, legalBasis: {…}}`",
        ),
    }
}

fn build(schema: &Value) -> Result<(), String> {
    jsonschema::draft202012::options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .should_validate_formats(true)
        .build(schema)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn walk(root: &Value, schema: &Value, path: &str, depth: usize, findings: &mut Findings, sound: &mut bool) {
    let Some(fields) = schema.as_object() else { return };
    if depth > DEPTH_MAX {
        findings.error(
            "data.too-deep",
            path,
            format!("the schema is nested more than {DEPTH_MAX} deep"),
            "make it flatter",
        );
        *sound = false;
        return;
    }
    for word in ["$ref", "$dynamicRef", "$id", "$anchor", "$dynamicAnchor"] {
        let Some(reference) = fields.get(word).and_then(Value::as_str) else { continue };
        let local =
            word == "$ref" && reference.strip_prefix('#').is_some_and(|pointer| root.pointer(pointer).is_some());
        if !local {
            findings.error(
                "data.reference",
                &join(path, word),
                format!("`{reference}` does not lead to a place in this schema"),
                "put shared parts under `$defs` and write `$ref: \"#/$defs/NAME\"`",
            );
            *sound = false;
        }
    }
    bounded(fields, path, findings);
    for word in ["properties", "$defs", "patternProperties", "dependentSchemas"] {
        for (name, inside) in fields.get(word).and_then(Value::as_object).into_iter().flatten() {
            if word == "properties" && !is_field_name(name) {
                findings.error(
                    "data.field-name",
                    &join(&join(path, word), name),
                    format!("`{name}` cannot be the name of a value"),
                    "use letters and digits, beginning with a small letter: `actNumber`",
                );
            }
            walk(root, inside, &join(&join(path, word), name), depth + 1, findings, sound);
        }
    }
    for word in ["items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"] {
        if let Some(inside) = fields.get(word) {
            walk(root, inside, &join(path, word), depth + 1, findings, sound);
        }
    }
    for word in ["allOf", "anyOf", "oneOf", "prefixItems"] {
        for (index, inside) in fields.get(word).and_then(Value::as_array).into_iter().flatten().enumerate() {
            walk(root, inside, &format!("{}[{index}]", join(path, word)), depth + 1, findings, sound);
        }
    }
}

/// Names that expressions, inputs and addresses can all carry.
pub fn is_field_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn bounded(fields: &serde_json::Map<String, Value>, path: &str, findings: &mut Findings) {
    let has = |words: &[&str]| words.iter().any(|word| fields.contains_key(*word));
    match fields.get("type").and_then(Value::as_str) {
        Some("string") if !has(&["maxLength", "enum", "const", "format"]) => {
            findings.warn(
                "data.unbounded",
                path,
                "the text has no `maxLength`; the platform's limit of 10,000 counts",
                "write how long an answer can be",
            );
        }
        Some("array") if !has(&["maxItems"]) => {
            findings.warn(
                "data.unbounded",
                path,
                "the list has no `maxItems`; the platform's limit of 1,000 counts",
                "write how many items there can be",
            );
        }
        _ => {}
    }
}

/// A JSON pointer as the rest of a path: `/properties/a/0` becomes `.properties.a[0]`.
fn dotted(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |path, part| {
        if part.chars().all(|c| c.is_ascii_digit()) {
            format!("{path}[{part}]")
        } else {
            format!("{path}.{}", part.replace("~1", "/").replace("~0", "~"))
        }
    })
}
