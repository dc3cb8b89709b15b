//! Forms ask for values that the data schema has, in a way that fits them, and ask for all that it requires.

use std::collections::BTreeSet;

use api::{Field, Form, Input, Layout, Page, ServiceDefinition};
use serde_json::Value;

use super::{
    Options, entries, evidence,
    findings::Findings,
    names::instead,
    schema::{self, Found},
};

/// Judges every form against the data schema.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let Some(data) = &definition.spec.data else {
        if !definition.spec.forms.is_empty() {
            findings.error(
                "data.missing",
                "spec",
                "there are forms but no data schema",
                "describe the answers under `data.schema`",
            );
        }
        return;
    };
    for (index, form) in definition.spec.forms.iter().enumerate() {
        let path = format!("spec.forms[{index}]");
        if form.pages.is_empty() {
            findings.error(
                "form.empty",
                &format!("{path}.pages"),
                format!("the form `{}` has no page", form.name),
                "add a page with a field",
            );
        }
        parts(form, &path, findings);
        pages(form, &path, &data.schema, options, findings);
    }
    all_asked(definition, &data.schema, findings);
}

/// A form in parts has a page in each of them; elsewhere nobody would see their titles.
fn parts(form: &Form, path: &str, findings: &mut Findings) {
    if form.layout == Some(Layout::TaskList) {
        if form.pages.first().is_some_and(|page| page.section.is_none()) {
            findings.error(
                "form.no-section",
                &format!("{path}.pages[0]"),
                "the first page of a form in parts belongs to none",
                "say with `section` which part begins here",
            );
        }
        return;
    }
    for (index, _) in form.pages.iter().enumerate().filter(|(_, page)| page.section.is_some()) {
        findings.error(
            "form.section",
            &format!("{path}.pages[{index}].section"),
            "only a form in parts shows the titles of its parts",
            "write `layout: taskList` in the form, or leave `section` out",
        );
    }
}

fn pages(form: &Form, path: &str, root: &Value, options: &Options<'_>, findings: &mut Findings) {
    let mut asked = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for (index, page) in form.pages.iter().enumerate() {
        let path = format!("{path}.pages[{index}]");
        if !keys.insert(page.key()) {
            findings.error(
                "form.duplicate-page",
                &path,
                format!("two pages are named `{}`", page.key()),
                "give one of them another `name`",
            );
        }
        if page.name.as_ref().is_some_and(|name| !super::names::is_name(name)) {
            findings.error(
                "definition.name",
                &format!("{path}.name"),
                "the name of a page becomes part of its address",
                "use small letters, digits and dashes",
            );
        }
        if page.fields.is_empty() {
            findings.error(
                "form.empty-page",
                &format!("{path}.fields"),
                "the page asks nothing",
                "add a field or remove the page",
            );
        }
        for (index, field) in page.fields.iter().enumerate() {
            let path = format!("{path}.fields[{index}]");
            if !asked.insert(field.at.as_str()) {
                findings.error(
                    "form.duplicate-field",
                    &format!("{path}.at"),
                    format!("`{}` is asked twice", field.at),
                    "ask once",
                );
            }
            one(page, field, &path, root, options, findings);
        }
    }
}

fn one(_page: &Page, field: &Field, path: &str, root: &Value, options: &Options<'_>, findings: &mut Findings) {
    let schema = match schema::at(root, &field.at) {
        Found::Schema(schema) => schema,
        Found::Unknown { name, known } => {
            findings.error(
                "form.unknown-field",
                &format!("{path}.at"),
                format!("`{name}` of `{}` is not in the data schema", field.at),
                instead(&name, known),
            );
            return;
        }
    };
    if schema::kind(schema) == Some("object") {
        findings.error(
            "form.not-a-value",
            &format!("{path}.at"),
            format!("`{}` is a group of values", field.at),
            "name one value in it",
        );
        return;
    }
    if let Some(evidence) = &field.evidence {
        return evidence::check(field, evidence, path, (root, schema), findings);
    }
    if let Some(repeat) = &field.repeat {
        return entries::check(field, repeat, path, (root, schema), findings);
    }
    asks_well(field, path, schema, findings);
    listed(field, path, schema, findings);
    if field.options_from.as_deref() == Some("offices")
        && options.agency.is_some_and(|agency| agency.spec.offices.is_empty())
    {
        findings.error(
            "form.no-offices",
            &format!("{path}.optionsFrom"),
            "the agency has no offices to choose from",
            "list them in agency.yaml",
        );
    }
    if let Some(prefill) = &field.prefill {
        let registry = options.registries.iter().find(|registry| registry.metadata.name == prefill.registry);
        if let Some(registry) = registry {
            match registry.operation(&prefill.operation) {
                None => {
                    let known = registry.spec.operations.iter().map(|operation| operation.name.as_str());
                    let help = instead(&prefill.operation, known);
                    findings.error(
                        "registry.unknown-operation",
                        &format!("{path}.prefill.operation"),
                        format!("the registry has no operation `{}`", prefill.operation),
                        help,
                    );
                }
                Some(operation) => {
                    if let Found::Unknown { name, known } = schema::at(&operation.output, &prefill.result) {
                        findings.error(
                            "registry.unknown-result",
                            &format!("{path}.prefill.result"),
                            format!("the answer has no `{name}`"),
                            instead(&name, known),
                        );
                    }
                }
            }
        }
    }
}

/// Whether the way in which it is asked fits the value.
pub fn asks_well(field: &Field, path: &str, schema: &Value, findings: &mut Findings) {
    fits(field, path, schema, findings);
    choices(field, path, schema, findings);
}

fn fits(field: &Field, path: &str, schema: &Value, findings: &mut Findings) {
    let Some(input) = field.input else { return };
    let kind = schema::kind(schema).unwrap_or("string");
    let date = schema["format"] == "date";
    let fits = match input {
        Input::Checkbox | Input::YesNo => kind == "boolean",
        Input::Number => matches!(kind, "integer" | "number"),
        Input::Date => kind == "string" && date,
        Input::Text | Input::Textarea | Input::Phone | Input::Email => kind == "string" && !date,
        Input::Radios | Input::Select => matches!(kind, "string" | "boolean"),
    };
    if !fits {
        let help = "change `input`, or the type in the data schema";
        findings.error(
            "form.input",
            &format!("{path}.input"),
            format!("this input cannot ask for a value of type {kind}{}", if date { " (date)" } else { "" }),
            help,
        );
    }
}

/// What a registry offers is a text, chosen from what it offers and nothing else.
fn listed(field: &Field, path: &str, schema: &Value, findings: &mut Findings) {
    if field.options_from.as_deref().is_none_or(|name| name == "offices") {
        return;
    }
    let chosen = matches!(field.input, None | Some(Input::Radios | Input::Select));
    let plain = schema::kind(schema) == Some("string") && schema["format"] != "date" && schema.get("enum").is_none();
    if !chosen || !plain || !field.options.is_empty() || field.prefill.is_some() {
        findings.error(
            "form.list-field",
            &format!("{path}.optionsFrom"),
            format!("`{}` cannot be chosen from what a registry offers", field.at),
            "let it be a text without `enum`, `options` or `prefill`; leave `input` out",
        );
    }
}

fn choices(field: &Field, path: &str, schema: &Value, findings: &mut Findings) {
    let values: Option<Vec<&str>> =
        schema["enum"].as_array().map(|values| values.iter().filter_map(Value::as_str).collect());
    if field.options.is_empty() {
        let chosen = matches!(field.input, Some(Input::Radios | Input::Select));
        if chosen && field.options_from.is_none() && schema::kind(schema) != Some("boolean") {
            findings.error(
                "form.no-options",
                path,
                format!("`{}` has nothing to choose from", field.at),
                "list `options`, or write `optionsFrom: offices` or the name of a list",
            );
        }
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, option) in field.options.iter().enumerate() {
        let path = format!("{path}.options[{index}].value");
        if !seen.insert(option.value.as_str()) {
            findings.error("form.duplicate-option", &path, format!("`{}` is offered twice", option.value), "keep one");
        }
        if let Some(values) = &values
            && !values.contains(&option.value.as_str())
        {
            findings.error(
                "form.unknown-option",
                &path,
                format!("the data schema does not allow `{}`", option.value),
                instead(&option.value, values.iter().copied()),
            );
        }
    }
    for value in values.into_iter().flatten().filter(|value| !seen.contains(value)) {
        findings.warn(
            "form.option-not-offered",
            &format!("{path}.options"),
            format!("the data schema allows `{value}`, which nobody can choose"),
            "offer it, or take it out of the schema",
        );
    }
}

/// A required value that nobody is asked for makes every submission fail.
fn all_asked(definition: &ServiceDefinition, root: &Value, findings: &mut Findings) {
    let set = definition.steps().iter().filter_map(|step| step.set.as_ref()).flatten().map(|set| set.at.as_str());
    let asked: BTreeSet<&str> =
        definition.spec.forms.iter().flat_map(Form::fields).map(|(_, field)| field.at.as_str()).chain(set).collect();
    if asked.is_empty() {
        return;
    }
    for path in schema::required(root) {
        let covered = asked.contains(path.as_str()) || asked.iter().any(|at| at.starts_with(&format!("{path}.")));
        if !covered {
            findings.error(
                "form.required-not-asked",
                "spec.data.schema",
                format!("`{path}` is required, but no form asks for it and no step sets it"),
                "add a field, or take it out of `required`",
            );
        }
    }
}
