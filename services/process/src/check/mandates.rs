//! A mandate is proved: by a registry whose operation is asked about the representative and answers what a mandate needs, or, of
//! a company's director, by the identity provider.

use api::{Audience, Mandate, MandateKind, Operation, OperationKind, ServiceDefinition};
use serde_json::Value;

use super::{Options, findings::Findings, names::instead};

/// What the platform asks with, beside the representative's own number.
const NUMBER: &str = "number";
/// What the answer about a power of attorney must always tell, with its JSON type.
const RECORD: [(&str, &str); 7] = [
    ("attorney", "string"),
    ("principal", "string"),
    ("familyName", "string"),
    ("givenName", "string"),
    ("services", "array"),
    ("until", "string"),
    ("state", "string"),
];
/// What the answer about a parent tells.
const CHILDREN: (&str, &str) = ("children", "array");
/// What it must always tell of each child.
const CHILD: [(&str, &str); 5] = [
    ("number", "string"),
    ("pinfl", "string"),
    ("familyName", "string"),
    ("givenName", "string"),
    ("birthDate", "string"),
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
        match mandate.kind {
            MandateKind::Director => director(definition, mandate, &path, findings),
            MandateKind::Attorney | MandateKind::Parent => recorded(mandate, options, &path, findings),
        }
    }
}

/// A company applies where companies are meant, and no registry is asked.
fn director(definition: &ServiceDefinition, mandate: &Mandate, path: &str, findings: &mut Findings) {
    if !definition.spec.audience.contains(&Audience::Business) {
        findings.error(
            "mandate.audience",
            &format!("{path}.kind"),
            "a director applies for a company, and the service is not for business",
            "add `business` to `spec.audience`, or take the mandate out",
        );
    }
    if !mandate.registry.is_empty() || !mandate.operation.is_empty() {
        findings.error(
            "mandate.registry",
            path,
            "no registry proves a director: the identity provider says at the sign-in which companies somebody directs",
            "leave `registry` and `operation` out",
        );
    }
}

fn recorded(mandate: &Mandate, options: &Options<'_>, path: &str, findings: &mut Findings) {
    if mandate.registry.is_empty() || mandate.operation.is_empty() {
        findings.error(
            "mandate.registry",
            path,
            format!("nothing proves the mandate `{}`", mandate.kind.name()),
            "name the `registry` that holds the record and its `operation`",
        );
        return;
    }
    let registry = options.registries.iter().find(|registry| registry.metadata.name == mandate.registry);
    let Some(registry) = registry else { return };
    match registry.operation(&mandate.operation) {
        Some(operation) => contract(mandate, operation, path, findings),
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
    let numbered = mandate.kind == MandateKind::Attorney;
    let fits = |name: &&str| *name == subject || (numbered && *name == NUMBER);
    let asked = operation.input["required"].as_array().into_iter().flatten().filter_map(|name| name.as_str());
    let others = asked.filter(|name| !fits(name)).count();
    if numbered && (operation.input["properties"].get(NUMBER).is_none() || others > 0) {
        unfit(
            format!("it is not asked with `{subject}` and `{NUMBER}` alone"),
            "the number of the record is its `number`",
        );
    } else if others > 0 {
        unfit(format!("it is not asked with `{subject}` alone"), "a parent is all that is known when it is asked");
    }
    if numbered {
        tells(&operation.output, &RECORD, &mut unfit);
    } else {
        tells(&operation.output, &[CHILDREN], &mut unfit);
        tells(&operation.output["properties"][CHILDREN.0]["items"], &CHILD, &mut unfit);
    }
}

/// Whether an object of this schema always has these fields.
fn tells(schema: &Value, fields: &[(&str, &str)], unfit: &mut dyn FnMut(String, &str)) {
    let told: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, kind) in fields {
        if schema["properties"][name]["type"] != *kind || !told.contains(name) {
            unfit(
                format!("its answer does not always have `{name}` ({kind})"),
                "the registry's owner adds it to the contract",
            );
        }
    }
}
