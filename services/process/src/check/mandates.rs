//! A mandate is proved by a registry: its operation exists, is asked about the representative and answers what a mandate needs.

use api::{Mandate, Operation, OperationKind, ServiceDefinition};

use super::{Options, findings::Findings, names::instead};

/// What the platform asks with, beside the representative's own number.
const NUMBER: &str = "number";
/// What the answer must always tell, with its JSON type.
const ANSWER: [(&str, &str); 7] = [
    ("attorney", "string"),
    ("principal", "string"),
    ("familyName", "string"),
    ("givenName", "string"),
    ("services", "array"),
    ("until", "string"),
    ("state", "string"),
];

/// Judges every mandate that the service takes.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let mandates = &definition.spec.access.mandates;
    for (index, mandate) in mandates.iter().enumerate() {
        let path = format!("spec.access.mandates[{index}]");
        if mandates[..index].iter().any(|other| other.kind == mandate.kind) {
            findings.error(
                "definition.duplicate-name",
                &path,
                format!("`{}` is used twice", mandate.kind.name()),
                "one registry proves a kind of mandate",
            );
        }
        let registry = options.registries.iter().find(|registry| registry.metadata.name == mandate.registry);
        let Some(registry) = registry else { continue };
        match registry.operation(&mandate.operation) {
            Some(operation) => contract(mandate, operation, &path, findings),
            None => {
                let known = registry.spec.operations.iter().map(|operation| operation.name.as_str());
                findings.error(
                    "registry.unknown-operation",
                    &format!("{path}.operation"),
                    format!("the registry has no operation `{}`", mandate.operation),
                    instead(&mandate.operation, known),
                );
            }
        }
    }
}

fn contract(mandate: &Mandate, operation: &Operation, path: &str, findings: &mut Findings) {
    let mut unfit = |why: String, help: &str| {
        let message = format!("`{}` cannot prove a mandate: {why}", mandate.operation);
        findings.error("mandate.contract", &format!("{path}.operation"), message, help);
    };
    if operation.kind != OperationKind::Read {
        unfit("it changes something".into(), "name an operation of `kind: read`");
    }
    let Some(subject) = &operation.data_subject else {
        unfit("it does not say whom it is about".into(), "its `dataSubject` is the representative");
        return;
    };
    let asked = operation.input["required"].as_array().into_iter().flatten().filter_map(|name| name.as_str());
    let others: Vec<&str> = asked.filter(|name| *name != subject && *name != NUMBER).collect();
    if operation.input["properties"].get(NUMBER).is_none() || !others.is_empty() {
        unfit(
            format!("it is not asked with `{subject}` and `{NUMBER}` alone"),
            "the number of the record is its `number`",
        );
    }
    let told: Vec<&str> =
        operation.output["required"].as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    for (name, kind) in ANSWER {
        if operation.output["properties"][name]["type"] != kind || !told.contains(&name) {
            unfit(
                format!("its answer does not always have `{name}` ({kind})"),
                "the registry's owner adds it to the contract",
            );
        }
    }
}
