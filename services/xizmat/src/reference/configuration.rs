//! The configuration reference, from the documented settings themselves: `docs/configuration.md`.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::settings::Settings;

const HEADING: &str = "# Configuration

One TOML file with a section for each service. Stronger than the file is the environment, stronger than the environment
is `--set KEY=VALUE`; an unknown key is an error that names the nearest known one. `--dump-config` prints what is in force.

- `xizmat up` decides paths, ports and keys inside its data folder itself; what is said here overrides it.
- **Secrets are never values.** A key that ends in `_file` (or `_files`) names a file, readable by its owner only (mode 0600),
  that holds the secret or key; one that ends in `_dir` names a folder of them.
- The variable of `payments.judge_after_s` is `XIZMAT_PAYMENTS__JUDGE_AFTER_S`: two underscores between the parts. Its text
  is read as a TOML value when it is one (`60`, `true`, `[\"a\", \"b\"]`), else as it stands.
- An item of a list (`[]`) is set in the file, or with the whole list.
- Read before any configuration: `XIZMAT_CONFIG` (the file), `XIZMAT_DATA` (the folder of `up`), `XIZMAT_LOG` (levels,
  such as `info,sqlx=warn`), `XIZMAT_LOG_JSON` (logs of `up` as JSON), `XIZMAT_NATS_SERVER` (the NATS server that `up` starts).

This page is generated (`make gen`); do not edit it.
";

/// The page as it should be.
pub fn page() -> String {
    let schema = serde_json::to_value(schemars::schema_for!(Settings)).expect("a schema is JSON");
    let defaults = serde_json::to_value(Settings::default()).expect("settings are JSON");
    let mut page = HEADING.to_owned();
    let mut general = Vec::new();
    let mut sections = Vec::new();
    for (name, field) in fields(&schema) {
        let target = resolved(field, &schema);
        let mut rows = Vec::new();
        let place = Place { path: name.clone(), settable: true };
        describe(&place, field, defaults.get(name), &schema, &mut rows);
        if fields(target).next().is_some() {
            sections.push((name.clone(), text_of(target), rows));
        } else {
            general.extend(rows);
        }
    }
    section(&mut page, "General", "What all services share.", &general);
    for (name, about, rows) in &sections {
        section(&mut page, name, about, rows);
    }
    page
}

/// Where a value stands, and whether one variable or flag can set it.
struct Place {
    path: String,
    settable: bool,
}

struct Row {
    place: Place,
    kind: String,
    default: String,
    about: String,
}

fn section(page: &mut String, name: &str, about: &str, rows: &[Row]) {
    let table = "| key | type | default | meaning |\n|---|---|---|---|";
    write!(page, "\n## {name}\n\n{about}\n\n{table}\n").expect("writing to a string does not fail");
    for Row { place, kind, default, about } in rows {
        let variable = if place.settable { format!("<br>`{}`", variable(&place.path)) } else { String::new() };
        let line = format!("| `{}`{variable} | {kind} | {default} | {about} |\n", place.path);
        page.push_str(&line);
    }
}

fn variable(path: &str) -> String {
    format!("XIZMAT_{}", path.replace('.', "__").to_uppercase())
}

fn describe(place: &Place, field: &Value, default: Option<&Value>, root: &Value, rows: &mut Vec<Row>) {
    let target = resolved(field, root);
    let inner = |path: String, settable| Place { path, settable };
    if fields(target).next().is_some() {
        if default.is_none_or(Value::is_null) && optional(field) {
            let (kind, default, about) = ("section".into(), "left out".into(), text(field, target));
            rows.push(Row { place: inner(place.path.clone(), false), kind, default, about });
        }
        for (name, inside) in fields(target) {
            let known = default.and_then(|value| value.get(name)).or(inside.get("default"));
            let next = inner(format!("{}.{name}", place.path), place.settable);
            describe(&next, inside, known, root, rows);
        }
        return;
    }
    rows.push(Row {
        place: inner(place.path.clone(), place.settable),
        kind: kind(field, root),
        default: shown(default),
        about: text(field, target),
    });
    let item = target.get("items").map(|item| resolved(item, root));
    for (name, inside) in item.into_iter().flat_map(fields) {
        let next = inner(format!("{}[].{name}", place.path), false);
        describe(&next, inside, inside.get("default"), root, rows);
    }
}

fn fields(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// Follows `$ref` and the `anyOf` that an `Option` becomes.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
        return root.pointer(pointer.trim_start_matches('#')).map_or(schema, |found| resolved(found, root));
    }
    let options = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let mut some = options.filter(|option| option.get("type").is_none_or(|kind| kind != "null"));
    some.next().map_or(schema, |option| resolved(option, root))
}

fn optional(schema: &Value) -> bool {
    let null = |kind: &Value| kind == "null" || kind.as_array().is_some_and(|all| all.iter().any(|one| one == "null"));
    let options = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    schema.get("type").is_some_and(null) || options.into_iter().any(|option| option.get("type").is_some_and(null))
}

fn kind(field: &Value, root: &Value) -> String {
    let target = resolved(field, root);
    let words: Vec<String> = words(target).iter().map(|word| format!("`{word}`")).collect();
    let named = target.get("type").map(|kind| match kind {
        Value::Array(several) => several.iter().find(|one| *one != "null").unwrap_or(kind),
        one => one,
    });
    let kind = match named.and_then(Value::as_str) {
        _ if !words.is_empty() => words.join(" or "),
        Some("array") => {
            format!("list of {}", target.get("items").map_or("anything".into(), |item| kind_of_item(item, root)))
        }
        Some("integer") => "whole number".into(),
        Some("boolean") => "`true` or `false`".into(),
        Some("string") => "text".into(),
        Some("object") => "table".into(),
        other => other.unwrap_or("anything").to_owned(),
    };
    if optional(field) { format!("{kind}, may be left out") } else { kind }
}

fn kind_of_item(item: &Value, root: &Value) -> String {
    if fields(resolved(item, root)).next().is_some() { "tables".into() } else { kind(item, root) }
}

fn words(schema: &Value) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let options = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let own = options.flat_map(|option| option.get("const").into_iter().chain(words_in(option)));
    listed.chain(own).filter_map(Value::as_str).collect()
}

fn words_in(option: &Value) -> impl Iterator<Item = &Value> {
    option.get("enum").and_then(Value::as_array).into_iter().flatten()
}

fn shown(default: Option<&Value>) -> String {
    match default {
        None | Some(Value::Null) => "–".into(),
        Some(Value::String(text)) if text.is_empty() => "–".into(),
        Some(value) => format!("`{value}`"),
    }
}

fn text(field: &Value, target: &Value) -> String {
    let own = text_of(field);
    if own.is_empty() { text_of(target) } else { own }
}

/// One line, safe in a table.
fn text_of(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_says_what_it_is_for() {
        let page = page();
        let silent: Vec<&str> = page.lines().filter(|line| line.starts_with("| `") && line.ends_with("|  |")).collect();
        assert_eq!(silent, Vec::<&str>::new());
    }
}
