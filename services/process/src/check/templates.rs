//! Templates compile in every language, with all that a case can hold and with the least, judged by whoever owns the typesetter.

use api::{Document, ServiceDefinition, StepKind, Text};
use serde_json::{Map, Value, json};

use super::{
    Options,
    findings::{Findings, Place},
    folder::is_path,
    schema,
};

/// Largest template in bytes.
const TEMPLATE_MAX: usize = 200_000;
/// How deep sample data goes.
const DEPTH_MAX: usize = 12;
/// Any text of a case.
const SAMPLE: &str = "Sample";
/// The same where people read it, in whatever language: a line to be filled in.
const BLANK: &str = "______";

/// Compiles a template without running anything else.
pub trait TemplateChecker: Send + Sync {
    /// Every problem of the template when it is set with these inputs, or nothing.
    fn check(&self, template: &str, inputs: &Value) -> Result<(), Vec<TemplateProblem>>;

    /// What it says with these inputs, as plain elements of HTML; nothing where HTML cannot say it. The same arguments give the same.
    ///
    /// # Errors
    /// Why that could not be found out just now.
    fn read(&self, template: &str, inputs: &Value) -> Result<Option<String>, String>;
}

/// Something wrong in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateProblem {
    /// Line from 1.
    pub line: u32,
    /// Column from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// Compiles every template and says in which file each problem is.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    for (index, document) in definition.spec.documents.iter().enumerate() {
        let path = format!("spec.documents[{index}].template");
        if document.template.len() > TEMPLATE_MAX {
            findings.error(
                "document.template-too-large",
                &path,
                format!("the template has more than {TEMPLATE_MAX} bytes"),
                "shorten it",
            );
            continue;
        }
        if document.template.trim().is_empty() {
            findings.error("document.empty-template", &path, "the template is empty", "write what the document says");
            continue;
        }
        let Some(checker) = options.templates.filter(|_| !is_path(&document.template)) else { continue };
        let Some((language, problems)) = first_problems(checker, &document.template, definition, options) else {
            continue;
        };
        let file = options.files.iter().find(|file| file.text == document.template);
        for problem in problems {
            let message = format!("{} (in {language})", problem.message);
            match file {
                Some(file) => {
                    let place = Place { line: problem.line, column: problem.column };
                    findings.error_in(&file.path, "document.template", &path, place, message);
                }
                None => findings.error(
                    "document.template",
                    &path,
                    format!("line {} of the template: {message}", problem.line),
                    "",
                ),
            }
        }
    }
}

/// Problems of the first language in which there are any.
fn first_problems(
    checker: &dyn TemplateChecker,
    template: &str,
    definition: &ServiceDefinition,
    options: &Options<'_>,
) -> Option<(&'static str, Vec<TemplateProblem>)> {
    let full = Text::LANGUAGES.into_iter().map(|language| (language, false));
    let mut rounds = full.chain([("uz", true)]);
    rounds.find_map(|(language, least)| {
        let inputs = sample(definition, options, language, least);
        checker.check(template, &inputs).err().map(|problems| (language, problems))
    })
}

/// What a letter is read with by those who approve it: all that a case can hold and nobody's, the same wherever they read it.
/// `agency`: the title of the one whose seal it bears.
pub fn specimen(definition: &ServiceDefinition, document: &Document, agency: &str, language: &str) -> Value {
    let mut inputs = sample(definition, &Options::default(), language, false);
    leave_blank(&mut inputs);
    inputs["agency"]["title"] = agency.into();
    if let Some(title) = &document.title {
        inputs["document"]["title"] = title.in_language(language).into();
    }
    inputs
}

fn leave_blank(value: &mut Value) {
    match value {
        Value::String(text) if text == SAMPLE => BLANK.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(leave_blank),
        Value::Object(fields) => fields.values_mut().for_each(leave_blank),
        _ => {}
    }
}

/// What a template is set with on trial: all that a case can hold, or only what it must.
fn sample(definition: &ServiceDefinition, options: &Options<'_>, language: &str, least: bool) -> Value {
    let data = definition.spec.data.as_ref().map(|data| value_of(&data.schema, &data.schema, least, 0));
    let facts = if least { Map::new() } else { facts(definition, options) };
    let reasons = if least { json!([]) } else { json!([{"code": "sample", "text": SAMPLE, "article": "1"}]) };
    json!({
        "data": data.unwrap_or_else(|| json!({})),
        "facts": facts,
        "applicant": {"name": "Karimova Dilnoza Rustamovna", "family_name": "Karimova", "given_name": "Dilnoza", "patronymic": "Rustamovna"},
        "decision": {"outcome": "sample", "label": SAMPLE, "reasons": reasons, "note": if least { "" } else { SAMPLE }, "date": "2026-01-01"},
        "case": {"number": "sample-2026-1", "submitted": "2026-01-01", "outcome": "sample"},
        "document": {
            "number": "sample-2026-1", "code": "0000-0000-0000-0000", "title": SAMPLE, "issued": "2026-01-01",
            "verify_url": "https://example.invalid/verify", "valid_until": if least { "" } else { "2027-01-01" },
        },
        "language": language,
        "agency": {"title": SAMPLE},
        "texts": {},
    })
}

fn facts(definition: &ServiceDefinition, options: &Options<'_>) -> Map<String, Value> {
    let calls = definition.steps().iter().filter_map(|step| match step.kind() {
        Some(StepKind::Call(call)) => Some(call),
        _ => None,
    });
    let fact = |call: &api::Call| {
        let registry = options.registries.iter().find(|registry| registry.metadata.name == call.registry);
        let output =
            registry.and_then(|registry| registry.operation(&call.operation)).map(|operation| &operation.output);
        (call.fact(), output.map_or_else(|| json!({}), |output| value_of(output, output, false, 0)))
    };
    calls.map(fact).collect()
}

/// A value that fits a schema.
fn value_of(root: &Value, schema: &Value, least: bool, depth: usize) -> Value {
    let schema = schema::resolve(root, schema);
    if let Some(first) = schema["enum"].get(0).or_else(|| schema.get("const")) {
        return first.clone();
    }
    match schema::kind(schema) {
        Some("object") if depth < DEPTH_MAX => {
            let required =
                |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
            let properties = schema["properties"].as_object().into_iter().flatten();
            let kept = properties.filter(|(name, _)| !least || required(name));
            Value::Object(kept.map(|(name, of)| (name.clone(), value_of(root, of, least, depth + 1))).collect())
        }
        Some("array") if least || depth >= DEPTH_MAX => json!([]),
        Some("array") => json!([value_of(root, &schema["items"], least, depth + 1)]),
        Some("boolean") => Value::Bool(true),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("string") if schema["format"] == "date" => json!("2026-01-01"),
        Some("string") => json!(SAMPLE),
        _ => Value::Null,
    }
}
