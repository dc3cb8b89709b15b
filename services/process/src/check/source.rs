//! Reads YAML into JSON with the place of every value, and refuses what is hostile or ambiguous before anything is built.

use std::borrow::Cow;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span};
use serde_json::{Map, Number, Value};

use super::findings::{Findings, Place};

/// Largest source in bytes.
pub const BYTES_MAX: usize = 1_000_000;
/// Above this, client-side `kubectl apply` soon fails (it keeps a copy in an annotation of at most 256 KiB).
pub const BYTES_ADVISED: usize = 200_000;
const DEPTH_MAX: usize = 48;

/// A source that was read.
#[derive(Debug)]
pub struct Read {
    pub value: Option<Value>,
    pub findings: Findings,
}

/// Reads one YAML document.
pub fn read(source: &str, file: &str) -> Read {
    let mut findings = Findings::new(file);
    let start = Place { line: 1, column: 1 };
    if source.len() > BYTES_MAX {
        let message = format!("the file has {} bytes; at most {BYTES_MAX} are read", source.len());
        findings.error_at("source.too-large", "", start, message, "split the service, or take large texts out of it");
        return Read { value: None, findings };
    }
    if let Some(bad) = source.find('\0') {
        let line = u32::try_from(source[..bad].matches('\n').count() + 1).unwrap_or(u32::MAX);
        findings.error_at(
            "source.control-character",
            "",
            Place { line, column: 1 },
            "the file holds a NUL character",
            "save it as UTF-8 text",
        );
        return Read { value: None, findings };
    }
    let value = Builder { findings: &mut findings, stack: Vec::new(), root: None, documents: 0 }.run(source);
    if source.len() > BYTES_ADVISED {
        findings.warn(
            "source.large",
            "",
            format!("the definition has {} bytes", source.len()),
            "above 200 kB use server-side apply, or shorten texts and templates",
        );
    }
    Read { value, findings }
}

/// Reads a definition that comes as JSON.
pub fn read_json(bytes: &[u8]) -> Read {
    let mut findings = Findings::new("");
    if bytes.len() > BYTES_MAX {
        findings.error(
            "source.too-large",
            "",
            format!("the definition has {} bytes; at most {BYTES_MAX} are read", bytes.len()),
            "",
        );
        return Read { value: None, findings };
    }
    match serde_json::from_slice(bytes) {
        Ok(value) => Read { value: Some(value), findings },
        Err(error) => {
            findings.error("source.syntax", "", format!("the definition is not JSON: {error}"), "");
            Read { value: None, findings }
        }
    }
}

enum Frame {
    List { items: Vec<Value>, path: String },
    Object { fields: Map<String, Value>, key: Option<String>, path: String },
}

struct Builder<'f> {
    findings: &'f mut Findings,
    stack: Vec<Frame>,
    root: Option<Value>,
    documents: usize,
}

/// What goes wrong so badly that reading stops.
struct Stop;

impl Builder<'_> {
    fn run(mut self, source: &str) -> Option<Value> {
        for next in Parser::new_from_str(source) {
            let (event, span) = match next {
                Ok(next) => next,
                Err(error) => {
                    let place = place_of(*error.marker());
                    self.findings.error_at(
                        "source.syntax",
                        "",
                        place,
                        format!("the YAML cannot be read: {}", error.info()),
                        "look at indentation, quotes and colons here",
                    );
                    return None;
                }
            };
            if self.take(event, span).is_err() {
                return None;
            }
        }
        if self.root.is_none() && !self.findings.has_errors() {
            self.findings.error_at(
                "source.empty",
                "",
                Place { line: 1, column: 1 },
                "the file says nothing",
                "begin with `apiVersion: xizmat.dev/v1alpha1`",
            );
        }
        self.root
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Stop> {
        let place = place_of(span.start);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.findings.error_at(
                        "source.several-documents",
                        "",
                        place,
                        "the file holds more than one document",
                        "put each resource in its own file",
                    );
                    return Err(Stop);
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => return self.refuse_anchor(place),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), place)?;
                self.scalar(text, style, place)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), place)?;
                let path = self.enter(place)?;
                self.stack.push(Frame::List { items: Vec::new(), path });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), place)?;
                let path = self.enter(place)?;
                self.stack.push(Frame::Object { fields: Map::new(), key: None, path });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let done = match self.stack.pop() {
                    Some(Frame::List { items, .. }) => Value::Array(items),
                    Some(Frame::Object { fields, .. }) => Value::Object(fields),
                    None => return Err(Stop),
                };
                self.put(done);
            }
            _ => {}
        }
        Ok(())
    }

    fn refuse_anchor(&mut self, place: Place) -> Result<(), Stop> {
        self.findings.error_at(
            "source.alias",
            "",
            place,
            "anchors and aliases (`&`, `*`) are not read",
            "write the value out where it is needed",
        );
        Err(Stop)
    }

    fn refuse_extras(&mut self, anchor: usize, tagged: bool, place: Place) -> Result<(), Stop> {
        if anchor != 0 {
            return self.refuse_anchor(place);
        }
        if tagged {
            self.findings.error_at(
                "source.tag",
                "",
                place,
                "tags (`!…`) are not read",
                "leave the tag out; put text in quotes",
            );
            return Err(Stop);
        }
        Ok(())
    }

    /// Opens a list or an object: gives its path, and refuses what is too deep or stands where a name must.
    fn enter(&mut self, place: Place) -> Result<String, Stop> {
        if let Some(Frame::Object { key: None, path, .. }) = self.stack.last() {
            let path = path.clone();
            self.findings.error_at(
                "source.key",
                &path,
                place,
                "the name of a field must be a word",
                "write `name: value`",
            );
            return Err(Stop);
        }
        let path = self.path();
        if self.stack.len() >= DEPTH_MAX {
            self.findings.error_at(
                "source.too-deep",
                &path,
                place,
                format!("values are nested more than {DEPTH_MAX} deep"),
                "make it flatter",
            );
            return Err(Stop);
        }
        self.findings.places.add_value(&path, place);
        Ok(path)
    }

    fn path(&self) -> String {
        match self.stack.last() {
            None => String::new(),
            Some(Frame::List { items, path }) => format!("{path}[{}]", items.len()),
            Some(Frame::Object { key, path, .. }) => join(path, key.as_deref().unwrap_or_default()),
        }
    }

    fn scalar(&mut self, text: Cow<'_, str>, style: ScalarStyle, place: Place) -> Result<(), Stop> {
        let plain = style == ScalarStyle::Plain;
        if let Some(Frame::Object { fields, key: key @ None, path }) = self.stack.last_mut() {
            let at = join(path, &text);
            if plain && is_ambiguous(&text) {
                ambiguous(self.findings, &at, place, &text);
            }
            if fields.contains_key(text.as_ref()) {
                self.findings.error_at(
                    "source.duplicate-field",
                    &at,
                    place,
                    format!("`{text}` is written twice"),
                    "keep one of them",
                );
            }
            self.findings.places.add_key(&at, place);
            *key = Some(text.into_owned());
            return Ok(());
        }
        let path = self.path();
        self.findings.places.add_value(&path, place);
        if plain && is_ambiguous(&text) {
            ambiguous(self.findings, &path, place, &text);
        }
        let value = if plain { resolve(&text) } else { Value::String(text.into_owned()) };
        self.put(value);
        Ok(())
    }

    fn put(&mut self, value: Value) {
        match self.stack.last_mut() {
            None => self.root = Some(value),
            Some(Frame::List { items, .. }) => items.push(value),
            Some(Frame::Object { fields, key, .. }) => {
                if let Some(key) = key.take() {
                    fields.entry(key).or_insert(value);
                }
            }
        }
    }
}

fn ambiguous(findings: &mut Findings, path: &str, place: Place, text: &str) {
    let message = format!("`{text}` is read differently by YAML 1.1 (kubectl) and YAML 1.2");
    let help = match text.to_lowercase().as_str() {
        "yes" | "on" | "y" => format!("write `true`, or `\"{text}\"` for the word"),
        "no" | "off" | "n" => format!("write `false`, or `\"{text}\"` for the word"),
        _ => format!("write `\"{text}\"`"),
    };
    findings.error_at("source.ambiguous-scalar", path, place, message, help);
}

fn place_of(marker: Marker) -> Place {
    let whole = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: whole(marker.line()), column: whole(marker.col()).saturating_add(1) }
}

pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Words and numbers on which YAML 1.1 and 1.2 disagree.
fn is_ambiguous(text: &str) -> bool {
    if ["yes", "no", "on", "off", "y", "n"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return true;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = digits.starts_with(|first: char| first.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    let sexagesimal = digits.contains(':') && digits.chars().all(|c| c.is_ascii_digit() || c == ':');
    let underscored = digits.contains('_') && digits.chars().all(|c| c.is_ascii_digit() || c == '_' || c == '.');
    let prefixed = digits.starts_with("0o") || digits.starts_with("0x") || digits.starts_with("0b");
    numeric && (leading_zero || sexagesimal || underscored || prefixed)
}

/// The core schema of YAML 1.2, without what JSON cannot say.
fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Value::Number(whole.into());
    }
    let numeric = text.trim_start_matches(['-', '+', '.']).starts_with(|first: char| first.is_ascii_digit());
    let number = text.parse::<f64>().ok().filter(|_| numeric).and_then(Number::from_f64);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}
