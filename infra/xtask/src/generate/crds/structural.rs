//! A type's JSON Schema as Kubernetes takes it: structural, inlined, without what the API server does not know.

use serde_json::{Map, Value, json};

use crate::generate::Outcome;

/// Deeper than any resource; a type that holds itself would never end.
const DEPTH_MAX: usize = 24;
/// What tells one item of a list from another; no list holds it twice, which the check refuses, too. Fields of a page have `at`, but
/// pages have no name, so that a list of them is replaced whole anyway; and of fees' shares an agency may have two.
const KEYS: [&str; 3] = ["name", "value", "code"];
/// Formats that the API server checks or at least knows.
const FORMATS: [&str; 6] = ["int32", "int64", "float", "double", "date", "date-time"];
/// With it the API server keeps whatever is written and judges nothing of it.
const OPEN: &str = "x-kubernetes-preserve-unknown-fields";
const KEPT: [&str; 8] =
    ["description", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];

pub fn from(schema: &Value) -> Outcome<Value> {
    convert(schema, schema, 0)
}

fn convert(schema: &Value, root: &Value, depth: usize) -> Outcome<Value> {
    if depth > DEPTH_MAX {
        return Err("a resource type holds itself: it cannot be inlined".into());
    }
    let Some(object) = schema.as_object() else { return Ok(free()) };
    if let Some(pointer) = object.get("$ref").and_then(Value::as_str) {
        let found = root.pointer(pointer.trim_start_matches('#')).ok_or_else(|| format!("{pointer} is nowhere"))?;
        return Ok(described(convert(found, root, depth + 1)?, object));
    }
    // What a type declares open has no structural schema of its own.
    if object.get(OPEN) == Some(&Value::Bool(true)) {
        return Ok(described(free(), object));
    }
    if let Some(options) = object.get("anyOf").or(object.get("oneOf")).and_then(Value::as_array) {
        return chosen(options, object, root, depth);
    }
    let mut out = Map::new();
    for key in KEPT {
        if let Some(value) = object.get(key) {
            out.insert(key.into(), value.clone());
        }
    }
    if let Some(format) = object.get("format").filter(|format| FORMATS.iter().any(|known| format == known)) {
        out.insert("format".into(), format.clone());
    }
    if let Some(only) = object.get("const") {
        out.insert("enum".into(), json!([only]));
    } else if let Some(words) = object.get("enum") {
        out.insert("enum".into(), words.clone());
    }
    match of(object) {
        Some("object") => fields(&mut out, object, root, depth)?,
        Some("array") => items(&mut out, object, root, depth)?,
        Some(plain) => drop(out.insert("type".into(), plain.into())),
        None => out.extend(free().as_object().cloned().unwrap_or_default()),
    }
    out.get_mut("description").map(plain);
    Ok(Value::Object(out))
}

/// The type, without the `null` that an `Option` adds: an empty field is refused by `xizmat check` too.
fn of(object: &Map<String, Value>) -> Option<&str> {
    match object.get("type") {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).find(|one| *one != "null"),
        one => one.and_then(Value::as_str),
    }
}

fn free() -> Value {
    json!({OPEN: true})
}

/// Words to choose from become an `enum`; one thing or nothing becomes the thing.
fn chosen(options: &[Value], beside: &Map<String, Value>, root: &Value, depth: usize) -> Outcome<Value> {
    let some: Vec<&Value> = options.iter().filter(|option| option["type"] != "null").collect();
    if let [only] = some.as_slice() {
        return Ok(described(convert(only, root, depth + 1)?, beside));
    }
    let mut words = Vec::new();
    let mut told = Vec::new();
    for option in some {
        let meaning = option["description"].as_str().map(|text| format!(": {text}")).unwrap_or_default();
        let own = option.get("const").map(|one| vec![one.clone()]).or_else(|| option["enum"].as_array().cloned());
        for word in own.ok_or("a choice between structures has no structural schema")? {
            told.push(format!("`{}`{meaning}", word.as_str().unwrap_or_default()));
            words.push(word);
        }
    }
    let heading = beside.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{heading} {}", told.join(" ")).trim().to_owned();
    Ok(json!({"type": "string", "description": description, "enum": words}))
}

/// What is said at the place wins over what is said at the type, but the words to choose from are kept.
fn described(mut schema: Value, beside: &Map<String, Value>) -> Value {
    if let Some(here) = beside.get("description").and_then(Value::as_str) {
        let general = schema["description"].as_str().unwrap_or_default();
        let words =
            schema.get("enum").and(general.find('`')).map(|at| format!(" {}", &general[at..])).unwrap_or_default();
        let mut description = Value::from(if here.contains('`') { here.to_owned() } else { format!("{here}{words}") });
        plain(&mut description);
        schema["description"] = description;
    }
    schema
}

/// The chart's templates would run what stands between double braces.
fn plain(description: &mut Value) {
    if let Some(text) = description.as_str().filter(|text| text.contains("{{")) {
        let text = text.replace("{{ ", "").replace(" }}", "");
        *description = format!("{text} Write them between double braces.").into();
    }
}

fn fields(out: &mut Map<String, Value>, object: &Map<String, Value>, root: &Value, depth: usize) -> Outcome<()> {
    out.insert("type".into(), "object".into());
    if let Some(properties) = object.get("properties").and_then(Value::as_object) {
        let mut converted = Map::new();
        for (name, schema) in properties {
            converted.insert(name.clone(), convert(schema, root, depth + 1)?);
        }
        out.insert("properties".into(), converted.into());
    } else if let Some(each) = object.get("additionalProperties").filter(|each| each.is_object()) {
        out.insert("additionalProperties".into(), convert(each, root, depth + 1)?);
    } else {
        out.extend(free().as_object().cloned().unwrap_or_default());
    }
    if let Some(required) = object.get("required") {
        out.insert("required".into(), required.clone());
    }
    Ok(())
}

fn items(out: &mut Map<String, Value>, object: &Map<String, Value>, root: &Value, depth: usize) -> Outcome<()> {
    let each = convert(object.get("items").unwrap_or(&Value::Null), root, depth + 1)?;
    let required = |key: &&str| each["required"].as_array().is_some_and(|all| all.iter().any(|field| field == *key));
    let key = KEYS.into_iter().filter(required).find(|key| each["properties"][*key]["type"] == "string");
    if let Some(key) = key {
        out.insert("x-kubernetes-list-type".into(), "map".into());
        out.insert("x-kubernetes-list-map-keys".into(), json!([key]));
    }
    out.insert("type".into(), "array".into());
    out.insert("items".into(), each);
    Ok(())
}

/// What the API server would refuse, by the rules of structural schemas.
#[cfg(test)]
pub fn faults(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, "", &mut found);
    found
}

#[cfg(test)]
fn walk(schema: &Value, path: &str, found: &mut Vec<String>) {
    const KNOWN: [&str; 8] =
        ["type", "format", "enum", "properties", "additionalProperties", "required", "items", "x-kubernetes-list-type"];
    const MORE: [&str; 5] = [
        "default",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    ];
    let Some(object) = schema.as_object() else { return found.push(format!("{path}: not an object")) };
    for key in object.keys().filter(|key| ![&KNOWN[..], &MORE, &KEPT].concat().contains(&key.as_str())) {
        found.push(format!("{path}: `{key}` is not structural"));
    }
    let open = schema["x-kubernetes-preserve-unknown-fields"] == true;
    if !schema["type"].is_string() && !open {
        found.push(format!("{path}: no type"));
    }
    if object.contains_key("properties") && object.contains_key("additionalProperties") {
        found.push(format!("{path}: fields and a map at once"));
    }
    let properties = schema["properties"].as_object();
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if properties.is_none_or(|all| !all.contains_key(required)) {
            found.push(format!("{path}: `{required}` is required and unknown"));
        }
    }
    if schema["type"] == "array" && !schema["items"].is_object() {
        found.push(format!("{path}: a list of nothing"));
    }
    for (name, inner) in properties.into_iter().flatten() {
        walk(inner, &format!("{path}.{name}"), found);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = object.get(key) {
            walk(inner, &format!("{path}[]"), found);
        }
    }
}
