//! Compares a resource with the JSON Schema of its kind and names every field that is unknown, missing or of the wrong type.

use std::sync::LazyLock;

use api::{Kind, Percent, Span};
use serde_json::{Map, Value};

use super::{findings::Findings, names::instead, source::join};

static SCHEMAS: LazyLock<Vec<(Kind, Value)>> =
    LazyLock::new(|| Kind::ALL.into_iter().map(|kind| (kind, kind.schema().to_value())).collect());

/// What the walk saw besides problems.
#[derive(Debug, Default)]
pub struct Shape {
    /// JSON pointers of unknown fields.
    pub unknown: Vec<String>,
    /// Paths of texts, with their values.
    pub texts: Vec<(String, Map<String, Value>)>,
    /// Something else than an unknown field is wrong, so that the resource cannot be read.
    pub broken: bool,
}

struct Walk<'a> {
    definitions: &'a Value,
    findings: &'a mut Findings,
    shape: Shape,
}

/// Where the walk stands: as people read it, and as a JSON pointer.
#[derive(Clone)]
struct At {
    path: String,
    pointer: String,
}

impl At {
    fn field(&self, name: &str) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { path: join(&self.path, name), pointer: format!("{}/{escaped}", self.pointer) }
    }

    fn item(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), pointer: format!("{}/{index}", self.pointer) }
    }
}

/// Compares a resource with the schema of its kind.
pub fn walk(kind: Kind, value: &Value, findings: &mut Findings) -> Shape {
    let schema = SCHEMAS.iter().find(|(of, _)| *of == kind).map_or(&Value::Null, |(_, schema)| schema);
    let mut walk = Walk { definitions: &schema["$defs"], findings, shape: Shape::default() };
    walk.value(schema, value, &At { path: String::new(), pointer: String::new() });
    walk.shape
}

/// Takes an unknown field away, so that the rest can still be judged.
pub fn remove(value: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Object(fields)) = value.pointer_mut(parent) {
        fields.shift_remove(&name.replace("~1", "/").replace("~0", "~"));
    }
}

impl<'a> Walk<'a> {
    fn wrong(&mut self, code: &'static str, at: &At, message: String, help: String) {
        self.shape.broken = true;
        self.findings.error(code, &at.path, message, help);
    }

    /// Follows references, and of a choice what fits the value; tells whether it is a text in languages.
    fn resolve(&self, mut schema: &'a Value, value: &Value) -> (&'a Value, Option<&'a str>) {
        let mut name = None;
        for _ in 0..8 {
            if let Some(options) = schema["anyOf"].as_array() {
                let mut some = options.iter().filter(|option| option["type"] != "null");
                let list = some.clone().find(|option| value.is_array() && option["type"] == "array");
                match list.or_else(|| some.next()) {
                    Some(option) => schema = option,
                    None => break,
                }
            } else if let Some(reference) = schema["$ref"].as_str() {
                name = reference.rsplit('/').next();
                schema = name.map_or(&Value::Null, |name| &self.definitions[name]);
            } else {
                break;
            }
        }
        (schema, name)
    }

    fn value(&mut self, schema: &'a Value, value: &Value, at: &At) {
        let (schema, name) = self.resolve(schema, value);
        if schema.is_boolean()
            || schema.as_object().is_some_and(|fields| {
                !fields.contains_key("type") && !fields.contains_key("oneOf") && !fields.contains_key("enum")
            })
        {
            return;
        }
        if value.is_null() {
            let help = "fill it in, or leave the field out".to_owned();
            return self.wrong("definition.empty-field", at, format!("`{}` is empty", last(&at.path)), help);
        }
        if name == Some("Text")
            && let Some(fields) = value.as_object()
        {
            self.shape.texts.push((at.path.clone(), fields.clone()));
        }
        if let Some(words) = words(schema) {
            return self.word(&words, value, at);
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => {
                kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
            }
            kind => kind.as_str().unwrap_or_default(),
        };
        match (kind, value) {
            ("object", Value::Object(fields)) => self.object(schema, fields, at),
            ("array", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&schema["items"], item, &at.item(index));
                }
            }
            ("string", Value::String(text)) => self.text(schema, text, at),
            ("integer", Value::Number(number)) => {
                let max = if schema["format"] == "uint64" { u64::MAX } else { u64::from(u32::MAX) };
                if number.as_u64().is_none_or(|number| number > max) {
                    self.wrong(
                        "definition.wrong-type",
                        at,
                        format!("`{number}` is not a whole number from 0 to {max}"),
                        String::new(),
                    );
                }
            }
            ("boolean", Value::Bool(_)) => {}
            _ => {
                let help = if kind == "string" && !value.is_object() && !value.is_array() {
                    format!("put it in quotes: `\"{value}\"`")
                } else {
                    String::new()
                };
                self.wrong(
                    "definition.wrong-type",
                    at,
                    format!("`{}` must be {}, not {}", last(&at.path), said(kind), found(value)),
                    help,
                );
            }
        }
    }

    fn object(&mut self, schema: &'a Value, fields: &Map<String, Value>, at: &At) {
        let Some(properties) = schema["properties"].as_object() else {
            for (name, value) in fields {
                self.value(&schema["additionalProperties"], value, &at.field(name));
            }
            return;
        };
        for (name, value) in fields {
            let inside = at.field(name);
            match properties.get(name) {
                Some(property) => self.value(property, value, &inside),
                None => {
                    let help = instead(name, properties.keys().map(String::as_str));
                    self.shape.unknown.push(inside.pointer.clone());
                    self.findings.key_error(
                        "definition.unknown-field",
                        &inside.path,
                        format!("`{name}` is not a field here"),
                        help,
                    );
                }
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                let help = properties[name]["description"].as_str().unwrap_or_default().to_owned();
                self.wrong("definition.missing-field", at, format!("`{name}` is missing"), help);
            }
        }
    }

    fn text(&mut self, schema: &Value, text: &str, at: &At) {
        if schema["format"] == "span"
            && let Err(error) = text.parse::<Span>()
        {
            self.wrong("definition.span", at, error.to_string(), String::new());
        }
        if schema["format"] == "percent"
            && let Err(error) = text.parse::<Percent>()
        {
            self.wrong("definition.percent", at, error.to_string(), String::new());
        }
    }

    fn word(&mut self, words: &[&str], value: &Value, at: &At) {
        match value.as_str() {
            Some(word) if words.contains(&word) => {}
            Some(word) => self.wrong(
                "definition.wrong-value",
                at,
                format!("`{word}` is not possible here"),
                instead(word, words.iter().copied()),
            ),
            None => self.wrong(
                "definition.wrong-type",
                at,
                format!("`{}` must be a word, not {}", last(&at.path), found(value)),
                instead("", words.iter().copied()),
            ),
        }
    }
}

/// The words of an enumeration, however schemars writes it.
fn words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(words) = schema["enum"].as_array() {
        return Some(words.iter().filter_map(Value::as_str).collect());
    }
    let options = schema["oneOf"].as_array()?;
    let mut words = Vec::new();
    for option in options {
        match (option["const"].as_str(), option["enum"].as_array()) {
            (Some(word), _) => words.push(word),
            (None, Some(more)) => words.extend(more.iter().filter_map(Value::as_str)),
            (None, None) => return None,
        }
    }
    Some(words)
}

fn last(path: &str) -> &str {
    if path.is_empty() { "the resource" } else { path.rsplit('.').next().unwrap_or(path) }
}

fn said(kind: &str) -> &'static str {
    match kind {
        "object" => "a group of fields",
        "array" => "a list",
        "string" => "a text",
        "integer" => "a whole number",
        "boolean" => "true or false",
        _ => "something else",
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a group of fields",
    }
}
