//! What the schema and the definition's own checks say about typed data, told at the field it concerns.

use api::Form;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::{assess::VisiblePage, page_id};
use crate::{
    Problem,
    expr::{Expr, Scope},
    paths,
    process::Process,
};

pub fn problem(page: &str, at: &str, code: &str, parameters: impl IntoIterator<Item = (String, String)>) -> Problem {
    Problem {
        page: page.to_owned(),
        at: at.to_owned(),
        code: code.to_owned(),
        parameters: parameters.into_iter().collect(),
        text: std::collections::BTreeMap::new(),
    }
}

pub fn against_schema(
    process: &Process,
    form: &Form,
    pages: &[VisiblePage<'_>],
    data: &mut Value,
    problems: &mut Vec<Problem>,
) {
    for field in pages.iter().flat_map(|page| &page.fields) {
        if parents_required(process, &field.at) {
            paths::make_parents(data, &field.at);
        }
    }
    let mut found = Vec::new();
    for error in process.validator().iter_errors(data) {
        let at = dotted(error.instance_path().as_str());
        let at = match error.kind() {
            Kind::Required { property } => join(&at, property.as_str().unwrap_or_default()),
            _ => at,
        };
        let (code, parameters) = code_of(error.kind());
        found.push((at, code, parameters));
    }
    for (at, code, parameters) in found {
        // A field that is already wrong, or has fields beneath it that are told by themselves, is told once.
        let told = problems.iter().any(|known| known.at == at || known.at.starts_with(&format!("{at}.")));
        if !told {
            let page = page_of(form, pages, &at);
            problems.push(problem(&page, &at, &code, parameters));
        }
    }
    tell_lists(form, pages, problems);
    for wrong in problems.iter() {
        paths::remove(data, &wrong.at);
    }
}

/// What is wrong in an entry is told at its list too, by the entry's number; such a list is no answer.
fn tell_lists(form: &Form, pages: &[VisiblePage<'_>], problems: &mut Vec<Problem>) {
    for page in pages {
        let id = page_id(&form.name, &page.key);
        for field in page.fields.iter().filter(|field| field.repeat.is_some()) {
            let beneath = format!("{}.", field.at);
            let place = |known: &Problem| known.at.strip_prefix(&beneath)?.split('.').next()?.parse::<usize>().ok();
            let Some(first) = problems.iter().filter_map(place).min() else { continue };
            if !problems.iter().any(|known| known.at == field.at) {
                let item = ("item".to_owned(), (first + 1).to_string());
                problems.push(problem(&id, &field.at, "field.entry", [item]));
            }
        }
    }
}

/// `check` rules count once the field itself is right; one that cannot be judged yet is silent.
pub fn against_checks(
    scope: &Scope<'_>,
    process: &Process,
    form: &Form,
    pages: &[VisiblePage<'_>],
    problems: &mut Vec<Problem>,
) {
    for page in pages {
        let id = page_id(&form.name, &page.key);
        for field in &page.fields {
            if problems.iter().any(|known| known.at == field.at) || paths::get(scope.data, &field.at).is_none() {
                continue;
            }
            let broken = field
                .check
                .iter()
                .find(|check| process.expression(&check.that).is_some_and(|rule| is_broken(rule, scope)));
            if let Some(check) = broken {
                let mut told = problem(&id, &field.at, "field.check", []);
                told.text = check.message.iter().map(|(tag, text)| (tag.to_owned(), text.to_owned())).collect();
                problems.push(told);
            }
        }
    }
}

/// Of a text that is no PINFL nobody was born on any day: a rule about that day does not hold.
pub fn is_broken(rule: &Expr, scope: &Scope<'_>) -> bool {
    rule.holds(scope).map_or_else(|fault| fault.code == "expr.no-pinfl", |holds| !holds)
}

/// Whether the schema demands every object above this field.
fn parents_required(process: &Process, at: &str) -> bool {
    let mut above = String::new();
    let segments: Vec<&str> = at.split('.').collect();
    segments.iter().take(segments.len() - 1).all(|segment| {
        let schema = if above.is_empty() { Some(process.schema()) } else { process.field_schema(&above) };
        let required = schema.and_then(|schema| schema["required"].as_array());
        let demanded = required.is_some_and(|names| names.iter().any(|name| name == segment));
        above = join(&above, segment);
        demanded
    })
}

fn join(parent: &str, child: &str) -> String {
    if parent.is_empty() { child.to_owned() } else { format!("{parent}.{child}") }
}

/// `/marriage/date` → `marriage.date`
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~")
}

/// The page of the field, or of the first field beneath the path; none for a rule about the whole.
fn page_of(form: &Form, pages: &[VisiblePage<'_>], at: &str) -> String {
    let beneath = format!("{at}.");
    let page = pages.iter().find(|page| {
        page.fields
            .iter()
            .any(|field| field.at == at || field.at.starts_with(&beneath) || at.starts_with(&format!("{}.", field.at)))
    });
    page.map(|page| page_id(&form.name, &page.key)).unwrap_or_default()
}

/// `maxLength` → `field.max-length` with its limit.
fn code_of(kind: &Kind) -> (String, Vec<(String, String)>) {
    let limit = |limit: String| vec![("limit".to_owned(), limit)];
    let parameters = match kind {
        Kind::MaxLength { limit: max } | Kind::MaxItems { limit: max } => limit(max.to_string()),
        Kind::MinLength { limit: min } | Kind::MinItems { limit: min } => limit(min.to_string()),
        Kind::Maximum { limit: max } | Kind::ExclusiveMaximum { limit: max } => limit(max.to_string()),
        Kind::Minimum { limit: min } | Kind::ExclusiveMinimum { limit: min } => limit(min.to_string()),
        Kind::MultipleOf { multiple_of } => limit(multiple_of.to_string()),
        Kind::Format { format } => vec![("format".to_owned(), format.clone())],
        _ => Vec::new(),
    };
    let mut code = String::from("field.");
    for c in kind.keyword().chars() {
        if c.is_ascii_uppercase() {
            code.push('-');
        }
        code.push(c.to_ascii_lowercase());
    }
    (code, parameters)
}
