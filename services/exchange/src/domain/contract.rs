//! Checks what goes to a registry and what comes from it against the contract its owner published.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// What one question or answer may weigh.
pub const BYTES_MAX: usize = 256 * 1024;
const DEPTH_MAX: usize = 32;

/// Compiles a contract: JSON Schema 2020-12, local references only, patterns that take linear time.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    if schema.to_string().len() > BYTES_MAX || depth(schema) > DEPTH_MAX {
        return Err("the schema is too large or too deep".into());
    }
    if let Some(reference) = foreign_reference(schema) {
        return Err(format!("`$ref: {reference}` points outside of the schema"));
    }
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| error.to_string())
}

fn foreign_reference(schema: &Value) -> Option<String> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::String(target) if (name == "$ref" || name == "$dynamicRef") && !target.starts_with('#') => {
                Some(target.clone())
            }
            _ => foreign_reference(value),
        }),
        Value::Array(items) => items.iter().find_map(foreign_reference),
        _ => None,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 1,
    }
}

/// Reads bytes as JSON that fits the schema. The refusal names the place, never the value: it may be personal.
pub fn read(schema: &Value, bytes: &[u8]) -> Result<Value, String> {
    if bytes.len() > BYTES_MAX {
        return Err(format!("it has more than {BYTES_MAX} bytes"));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|_| "it is not JSON".to_owned())?;
    let validator = compile(schema)?;
    let misfit = validator.iter_errors(&value).next().map(|error| error.instance_path().to_string());
    match misfit {
        None => Ok(value),
        Some(place) => Err(format!("it does not fit the contract at `{place}`")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_beyond_its_contract_is_refused_without_naming_its_value() {
        let schema = json!({"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}},
            "required": ["name"], "additionalProperties": false});
        assert!(read(&schema, br#"{"name": "Aygul"}"#).is_ok());
        let refusal = read(&schema, br#"{"name": "Dilnoza"}"#).unwrap_err();
        assert!(refusal.contains("/name") && !refusal.contains("Dilnoza"), "{refusal}");
        assert!(read(&schema, br#"{"name": "A", "more": 1}"#).is_err());
        assert!(read(&schema, b"{").is_err());
        assert!(read(&schema, &vec![b' '; BYTES_MAX + 1]).is_err());
    }

    #[test]
    fn a_schema_may_not_reach_outside() {
        assert!(compile(&json!({"$ref": "https://example.org/schema"})).is_err());
        assert!(compile(&json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}})).is_ok());
    }

    #[test]
    fn a_pattern_that_could_take_for_ever_is_no_contract() {
        let with = |pattern: &str| compile(&json!({"type": "string", "pattern": pattern})).is_ok();
        assert!(with("^[0-9]{14}$") && with("^(a+)+$"), "what would backtrack elsewhere takes linear time here");
        for backtracking in ["(a)\\1", "(?=a)b", "(?<!a)b"] {
            assert!(!with(backtracking), "{backtracking}");
        }
    }
}
