//! Names are names, and no two things of a kind have the same one.

use std::collections::BTreeSet;

use api::ServiceDefinition;

use super::{findings::Findings, names::is_name};

/// Most steps of a process.
const STEPS_MAX: usize = 10_000;

/// Judges every declared name.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    let spec = &definition.spec;
    named("spec.parties", spec.parties.iter().map(|party| &party.name), findings);
    named("spec.starts", spec.starts.iter().map(|start| &start.name), findings);
    named("spec.lists", spec.lists.iter().map(|list| &list.name), findings);
    named("spec.forms", spec.forms.iter().map(|form| &form.name), findings);
    named("spec.fees", spec.fees.iter().map(|fee| &fee.name), findings);
    named("spec.documents", spec.documents.iter().map(|document| &document.name), findings);
    named("spec.notifications", spec.notifications.iter().map(|notification| &notification.name), findings);
    named("spec.integration.registries", spec.integration.registries.iter().map(|registry| &registry.name), findings);
    named("spec.integration.events", spec.integration.events.iter().map(|event| &event.name), findings);
    named("spec.process.steps", definition.steps().iter().map(|step| &step.name), findings);
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        if let Some(task) = &step.task {
            named(&format!("{path}.task.outcomes"), task.outcomes.iter().map(|outcome| &outcome.name), findings);
        }
        if let Some(decide) = &step.decide {
            named(&format!("{path}.decide.table.rules"), decide.rules().iter().map(|rule| &rule.name), findings);
        }
        if let Some(parallel) = &step.parallel {
            named(&format!("{path}.parallel.branches"), parallel.branches.iter().map(|branch| &branch.name), findings);
        }
    }
    if definition.steps().len() > STEPS_MAX {
        findings.error(
            "process.too-many-steps",
            "spec.process.steps",
            format!("the process has more than {STEPS_MAX} steps"),
            "split the service",
        );
    }
}

fn named<'a>(list: &str, names: impl Iterator<Item = &'a String>, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        if !is_name(name) {
            let path = format!("{list}[{index}].name");
            findings.error(
                "definition.name",
                &path,
                "a name has small letters, digits and dashes, and begins with a letter",
                "for example `tell-refused`",
            );
        }
        if !seen.insert(name) {
            let path = format!("{list}[{index}].name");
            findings.error(
                "definition.duplicate-name",
                &path,
                format!("`{name}` is used twice"),
                "give one of them another name",
            );
        }
    }
}
