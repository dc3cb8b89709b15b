//! A definition as YAML in which nothing can be read in two ways: every text stands in quotation marks.

use std::fmt::Write as _;

use serde_json::Value;

/// The value as a document of its own.
pub fn yaml(value: &Value) -> String {
    let mut out = String::new();
    put(value, 0, &mut out);
    out
}

fn put(value: &Value, depth: usize, out: &mut String) {
    let margin = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let _ = write!(out, "{margin}{name}:");
                after(field, depth, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                let _ = write!(out, "{margin}-");
                after(item, depth, out);
            }
        }
        plain => {
            let _ = writeln!(out, "{margin}{plain}");
        }
    }
}

/// What follows a name or a dash: in the same line, or below it.
fn after(value: &Value, depth: usize, out: &mut String) {
    let nested = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested {
        out.push('\n');
        put(value, depth + 1, out);
    } else {
        let _ = writeln!(out, " {value}");
    }
}
