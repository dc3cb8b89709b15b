//! Finds one's way in a data schema: the part that a path such as `marriage.date` names.

use serde_json::{Map, Value};

/// How many references are followed before a circle is assumed.
const REFERENCES_MAX: usize = 16;

/// Follows `$ref` inside the schema.
pub fn resolve<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    for _ in 0..REFERENCES_MAX {
        let Some(pointer) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) else { break };
        match root.pointer(pointer) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// What a path leads to.
pub enum Found<'a> {
    /// The schema of the value.
    Schema(&'a Value),
    /// The path breaks at this name; these are the names that are there.
    Unknown { name: String, known: Vec<&'a str> },
}

/// The part of the schema that a path names.
pub fn at<'a>(root: &'a Value, path: &str) -> Found<'a> {
    let mut schema = resolve(root, root);
    for name in path.split('.') {
        let properties = schema["properties"].as_object();
        match properties.and_then(|properties| properties.get(name)) {
            Some(next) => schema = resolve(root, next),
            None => {
                let known = properties.map(Map::keys).into_iter().flatten().map(String::as_str).collect();
                return Found::Unknown { name: name.to_owned(), known };
            }
        }
    }
    Found::Schema(schema)
}

/// Type word of a schema, when it has one.
pub fn kind(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ if schema.get("properties").is_some() => Some("object"),
        _ if schema["enum"].as_array().is_some_and(|values| values.iter().all(Value::is_string)) => Some("string"),
        _ => None,
    }
}

/// Paths of values that must always be there: required all the way down.
pub fn required(root: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect(root, resolve(root, root), "", 0, &mut paths);
    paths
}

fn collect(root: &Value, schema: &Value, path: &str, depth: usize, paths: &mut Vec<String>) {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let inside = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let property = resolve(root, &schema["properties"][name]);
        if kind(property) == Some("object") && depth < REFERENCES_MAX {
            collect(root, property, &inside, depth + 1, paths);
        } else {
            paths.push(inside);
        }
    }
}
