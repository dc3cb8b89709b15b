//! Configuration: a documented struct, filled from a file, then the environment, then flags; an unknown key is an error.

use std::path::Path;

use kernel::Failure;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Environment variables of ours: `XIZMAT_PAYMENTS__EXPIRY_S` is `payments.expiry_s`.
const PREFIX: &str = "XIZMAT_";
/// Read elsewhere, before any configuration exists.
const RESERVED: [&str; 5] = ["XIZMAT_LOG", "XIZMAT_LOG_JSON", "XIZMAT_CONFIG", "XIZMAT_DATA", "XIZMAT_NATS_SERVER"];

/// A documented configuration struct.
pub trait Settings: Serialize + DeserializeOwned + JsonSchema + Default {}
impl<T: Serialize + DeserializeOwned + JsonSchema + Default> Settings for T {}

/// Where values come from, weakest first.
#[derive(Default)]
pub struct Sources<'a> {
    pub file: Option<&'a Path>,
    pub environment: Vec<(String, String)>,
    /// `payments.expiry_s=60`
    pub flags: Vec<String>,
}

pub fn load<T: Settings>(sources: &Sources<'_>) -> Result<T, Failure> {
    load_over(&T::default(), sources)
}

/// Starts from `base` instead of the defaults: what a command has decided itself, such as paths in its data folder.
pub fn load_over<T: Settings>(base: &T, sources: &Sources<'_>) -> Result<T, Failure> {
    let schema = serde_json::to_value(schemars::schema_for!(T)).expect("a schema is JSON");
    let mut merged = serde_json::to_value(base).expect("settings are JSON");
    if let Some(path) = sources.file {
        let from = format!("the file {}", path.display());
        overlay(&mut merged, read_file(path)?, &schema, &from)?;
    }
    for (name, text) in &sources.environment {
        let Some(key) = name.strip_prefix(PREFIX).filter(|_| !RESERVED.contains(&name.as_str())) else { continue };
        let path: Vec<String> = key.split("__").map(str::to_lowercase).collect();
        overlay(&mut merged, nested(&path, text), &schema, &format!("the environment variable {name}"))?;
    }
    for flag in &sources.flags {
        let Some((key, text)) = flag.split_once('=') else {
            return Err(refused(format!("--set takes key=value; it was given \"{flag}\".")));
        };
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        overlay(&mut merged, nested(&path, text), &schema, "--set")?;
    }
    serde_json::from_value(merged).map_err(|error| refused(format!("The configuration does not fit: {error}.")))
}

/// Everything in force, as the file that would give it.
pub fn dump<T: Settings>(settings: &T) -> String {
    toml::to_string_pretty(settings).expect("settings are tables of plain values")
}

fn read_file(path: &Path) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(format!("The configuration file {} cannot be read: {error}.", path.display())))?;
    let table: toml::Value = toml::from_str(&text).map_err(|error| refused(format!("{}: {error}", path.display())))?;
    serde_json::to_value(table).map_err(|error| refused(format!("{}: {error}", path.display())))
}

/// A value from text: numbers, booleans and lists as TOML reads them, anything else as it stands.
fn nested(path: &[String], text: &str) -> Value {
    let parsed =
        toml::from_str::<toml::Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
    let leaf =
        parsed.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_else(|| Value::String(text.to_owned()));
    path.iter().rev().fold(leaf, |value, key| Value::Object(Map::from_iter([(key.clone(), value)])))
}

fn overlay(base: &mut Value, above: Value, schema: &Value, from: &str) -> Result<(), Failure> {
    let root = schema.clone();
    merge(base, above, schema, &root, &mut Vec::new(), from)
}

fn merge(
    base: &mut Value,
    above: Value,
    schema: &Value,
    root: &Value,
    path: &mut Vec<String>,
    from: &str,
) -> Result<(), Failure> {
    let schema = resolved(schema, root);
    let (Value::Object(above), Some(known)) = (&above, schema.get("properties").and_then(Value::as_object)) else {
        *base = above;
        return Ok(());
    };
    if !base.is_object() {
        *base = Value::Object(Map::new());
    }
    for (key, value) in above {
        path.push(key.clone());
        let Some(inner) = known.get(key) else {
            return Err(unknown(&path.join("."), key, known.keys(), from));
        };
        let object = base.as_object_mut().expect("made an object above");
        merge(object.entry(key.clone()).or_insert(Value::Null), value.clone(), inner, root, path, from)?;
        path.pop();
    }
    Ok(())
}

/// Follows `$ref` and the `anyOf` that an `Option` becomes.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
        return root.pointer(pointer.trim_start_matches('#')).map_or(schema, |found| resolved(found, root));
    }
    let options = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let structs = options.map(|option| resolved(option, root)).filter(|option| option.get("properties").is_some());
    structs.into_iter().next().unwrap_or(schema)
}

fn unknown<'a>(path: &str, key: &str, known: impl Iterator<Item = &'a String>, from: &str) -> Failure {
    let nearest = known.max_by(|a, b| strsim::jaro_winkler(key, a).total_cmp(&strsim::jaro_winkler(key, b)));
    let hint = nearest.map(|name| format!(" The nearest known key is \"{name}\".")).unwrap_or_default();
    refused(format!("Unknown key \"{path}\" in {from}.{hint}"))
}

fn refused(message: String) -> Failure {
    Failure::invalid("config.refused", message)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Serialize, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Example {
        payments: Payments,
        data: String,
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Payments {
        expiry_s: u32,
        gateway: Option<Gateway>,
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema, PartialEq, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Gateway {
        url: String,
    }

    impl Default for Example {
        fn default() -> Self {
            Self { payments: Payments { expiry_s: 60, gateway: None }, data: "data".into() }
        }
    }

    #[test]
    fn flags_win_over_the_environment_which_wins_over_the_file() {
        let folder = std::env::temp_dir().join(format!("xizmat-config-{}.toml", std::process::id()));
        std::fs::write(&folder, "data = 'file'\n[payments]\nexpiry_s = 1\n").unwrap();
        let sources = Sources {
            file: Some(&folder),
            environment: vec![("XIZMAT_PAYMENTS__EXPIRY_S".into(), "2".into()), ("PATH".into(), "x".into())],
            flags: vec!["payments.gateway.url=http://localhost".into()],
        };
        let loaded: Example = load(&sources).unwrap();
        std::fs::remove_file(folder).unwrap();
        assert_eq!((loaded.data.as_str(), loaded.payments.expiry_s), ("file", 2));
        assert_eq!(loaded.payments.gateway.unwrap().url, "http://localhost");
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_nearest_is_named() {
        let sources = Sources { flags: vec!["payments.expiri=5".into()], ..Sources::default() };
        let failure = load::<Example>(&sources).unwrap_err();
        assert!(failure.message.contains("payments.expiri") && failure.message.contains("\"expiry_s\""), "{failure:?}");
    }
}
