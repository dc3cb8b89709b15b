//! A list that a registry offers: its operation answers with one, and its entries have what is kept and what people read.

use std::collections::BTreeSet;

use api::{OfferedList, ServiceDefinition};
use serde_json::Value;

use super::{
    Options,
    findings::Findings,
    names::instead,
    schema::{self, Found},
};

/// Judges every list, and that fields name only lists that are there.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let spec = &definition.spec;
    let mut used = BTreeSet::new();
    for (form_index, form) in spec.forms.iter().enumerate() {
        for (page_index, page) in form.pages.iter().enumerate() {
            for (index, field) in page.fields.iter().enumerate() {
                let Some(name) = field.options_from.as_ref().filter(|name| *name != "offices") else { continue };
                used.insert(name);
                if spec.lists.iter().any(|list| list.name == *name) {
                    continue;
                }
                let known = spec.lists.iter().map(|list| list.name.as_str()).chain(["offices"]);
                findings.error(
                    "form.unknown-list",
                    &format!("spec.forms[{form_index}].pages[{page_index}].fields[{index}].optionsFrom"),
                    format!("there is no list `{name}`"),
                    instead(name, known),
                );
            }
        }
    }
    for (index, list) in spec.lists.iter().enumerate() {
        let path = format!("spec.lists[{index}]");
        if list.name == "offices" {
            let help = "`offices` are those of the agency: give the list another name";
            findings.error("form.list-name", &format!("{path}.name"), "the name is taken", help);
        }
        if list.label.is_empty() {
            let help = "name what people know an entry by, for example `[familyName, givenName]`";
            findings.error("form.list-label", &format!("{path}.label"), "an entry would have no name", help);
        }
        if !used.contains(&list.name) {
            let message = format!("no field uses the list `{}`", list.name);
            findings.warn("definition.unused", &path, message, "use it or remove it");
        }
        contract(list, &path, options, findings);
    }
}

fn contract(list: &OfferedList, path: &str, options: &Options<'_>, findings: &mut Findings) {
    let registry = options.registries.iter().find(|registry| registry.metadata.name == list.registry);
    let Some(registry) = registry else { return };
    let Some(operation) = registry.operation(&list.operation) else {
        let known = registry.spec.operations.iter().map(|operation| operation.name.as_str());
        findings.error(
            "registry.unknown-operation",
            &format!("{path}.operation"),
            format!("the registry has no operation `{}`", list.operation),
            instead(&list.operation, known),
        );
        return;
    };
    let Some(result) = part(&operation.output, &list.result, &format!("{path}.result"), findings) else { return };
    if schema::kind(result) != Some("array") {
        findings.error(
            "form.not-a-list",
            &format!("{path}.result"),
            format!("`{}` of the answer is no list", list.result),
            "name an array of the operation's output",
        );
        return;
    }
    let entry = schema::resolve(&operation.output, &result["items"]);
    part(entry, &list.value, &format!("{path}.value"), findings);
    for (index, label) in list.label.iter().enumerate() {
        part(entry, label, &format!("{path}.label[{index}]"), findings);
    }
}

fn part<'a>(root: &'a Value, name: &str, path: &str, findings: &mut Findings) -> Option<&'a Value> {
    match schema::at(root, name) {
        Found::Schema(schema) => Some(schema),
        Found::Unknown { name, known } => {
            let message = format!("the answer has no `{name}`");
            findings.error("registry.unknown-result", path, message, instead(&name, known));
            None
        }
    }
}
