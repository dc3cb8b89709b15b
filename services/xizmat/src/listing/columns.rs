//! What a column of the spreadsheet says in a definition, and the other way round.

use std::collections::BTreeMap;

use api::Text;
use serde_json::{Map, Value, json};

/// Cells of one row that hold something, by the names of their columns.
pub type Row = BTreeMap<String, String>;

/// Names of all columns, in the order in which they are written.
pub fn all() -> Vec<String> {
    let spoken = |part: &str| Text::LANGUAGES.map(|tag| format!("{part}.{tag}"));
    let mut names = vec!["name".to_owned()];
    names.extend(spoken("title"));
    names.extend(spoken("summary"));
    names.extend(["lifeEvents", "audience"].map(str::to_owned));
    names.extend(spoken("legalBasis.title"));
    names.push("legalBasis.uri".to_owned());
    names.extend(spoken("needs"));
    names.extend(["promised", "effectiveFrom"].map(str::to_owned));
    names
}

/// The definition that a row describes. Whether it is a good one is judged by those who judge every definition.
pub fn definition(row: &Row, agency: &str) -> Value {
    let cell = |name: &str| row.get(name).map(|cell| cell.trim()).unwrap_or_default();
    let mut spec = Map::new();
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            spec.insert(field.to_owned(), value);
        }
    };
    put("title", Some(text(row, "title").unwrap_or_else(|| json!({}))));
    put("summary", text(row, "summary"));
    put("agency", Some(json!(agency)));
    put("level", Some(json!("listed")));
    put("lifeEvents", listed(cell("lifeEvents")));
    put("audience", listed(cell("audience")));
    put("legalBasis", acts(row));
    put("needs", some(texts(row, "needs")));
    put("effectiveFrom", filled(cell("effectiveFrom")).map(|date| json!({ "date": date })));
    put("serviceLevel", filled(cell("promised")).map(|promised| json!({ "promised": promised })));
    json!({
        "apiVersion": api::API_VERSION, "kind": "ServiceDefinition",
        "metadata": { "name": cell("name"), "namespace": agency },
        "spec": spec,
    })
}

fn filled(cell: &str) -> Option<&str> {
    Some(cell).filter(|cell| !cell.is_empty())
}

fn some(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then_some(Value::Array(values))
}

fn listed(cell: &str) -> Option<Value> {
    some(lines(cell).into_iter().filter(|line| !line.is_empty()).map(Value::from).collect())
}

/// Items of a cell stand in lines of it.
fn lines(cell: &str) -> Vec<&str> {
    if cell.is_empty() { Vec::new() } else { cell.split('\n').map(str::trim).collect() }
}

fn text(row: &Row, part: &str) -> Option<Value> {
    let languages = Text::LANGUAGES.into_iter();
    let there = languages.filter_map(|tag| Some((tag.to_owned(), json!(row.get(&format!("{part}.{tag}"))?.trim()))));
    let text: Map<String, Value> = there.collect();
    (!text.is_empty()).then_some(Value::Object(text))
}

/// The first lines of all languages are one text, the second ones the next.
fn texts(row: &Row, part: &str) -> Vec<Value> {
    let columns = Text::LANGUAGES.map(|tag| (tag, row.get(&format!("{part}.{tag}"))));
    let columns = columns.map(|(tag, cell)| (tag, cell.map(|cell| lines(cell)).unwrap_or_default()));
    let count = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
    let one = |place: usize| {
        let there = columns.iter().filter_map(|(tag, lines)| {
            let line = lines.get(place).filter(|line| !line.is_empty())?;
            Some(((*tag).to_owned(), json!(line)))
        });
        Value::Object(there.collect())
    };
    (0..count).map(one).collect()
}

fn acts(row: &Row) -> Option<Value> {
    let mut acts = texts(row, "legalBasis.title");
    let uris = row.get("legalBasis.uri").map(|cell| lines(cell)).unwrap_or_default();
    acts.resize_with(acts.len().max(uris.len()), || json!({}));
    let act = |(place, title): (usize, Value)| match uris.get(place).filter(|uri| !uri.is_empty()) {
        Some(uri) => json!({ "title": title, "uri": uri }),
        None => json!({ "title": title }),
    };
    some(acts.into_iter().enumerate().map(act).collect())
}

/// The row of a definition. What no column holds is not in it: whoever writes it compares.
pub fn row(definition: &Value) -> Row {
    let mut row = Row::new();
    let spec = &definition["spec"];
    let mut put = |name: &str, cell: String| {
        if !cell.trim().is_empty() {
            row.insert(name.to_owned(), cell);
        }
    };
    put("name", said(&definition["metadata"]["name"]));
    for tag in Text::LANGUAGES {
        put(&format!("title.{tag}"), said(&spec["title"][tag]));
        put(&format!("summary.{tag}"), said(&spec["summary"][tag]));
        let acts = items(&spec["legalBasis"]).map(|act| said(&act["title"][tag]));
        put(&format!("legalBasis.title.{tag}"), joined(acts));
        put(&format!("needs.{tag}"), joined(items(&spec["needs"]).map(|need| said(&need[tag]))));
    }
    put("lifeEvents", joined(items(&spec["lifeEvents"]).map(said)));
    put("audience", joined(items(&spec["audience"]).map(said)));
    put("legalBasis.uri", joined(items(&spec["legalBasis"]).map(|act| said(&act["uri"]))));
    put("promised", said(&spec["serviceLevel"]["promised"]));
    put("effectiveFrom", said(&spec["effectiveFrom"]["date"]));
    row
}

fn said(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// The beginning of the columns that a problem of a definition is about; empty: of none.
pub fn of_problem(code: &str, path: &str) -> &'static str {
    match code {
        "text.no-summary" => return "summary",
        "definition.no-life-event" => return "lifeEvents",
        "definition.no-legal-basis" => return "legalBasis.title",
        _ => {}
    }
    let places = [
        ("metadata.name", "name"),
        ("spec.title", "title"),
        ("spec.summary", "summary"),
        ("spec.lifeEvents", "lifeEvents"),
        ("spec.audience", "audience"),
        ("spec.legalBasis", if path.ends_with(".uri") { "legalBasis.uri" } else { "legalBasis.title" }),
        ("spec.needs", "needs"),
        ("spec.serviceLevel", "promised"),
        ("spec.effectiveFrom", "effectiveFrom"),
    ];
    // `metadata.namespace` begins like no column.
    let begins = |place: &str| path.strip_prefix(place).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    places.into_iter().find(|(place, _)| begins(place)).map_or("", |(_, column)| column)
}
