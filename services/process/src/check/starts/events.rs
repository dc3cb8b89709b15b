//! A start by an event says which event, what that has to say, whom the case is for and what it takes over.

use std::collections::BTreeSet;

use api::{FromEvent, ServiceDefinition, Start, StartKind};
use serde_json::Value;

use super::{super::data, Findings, Found, instead, schema, untitled};

/// Most values that one start takes over.
const VALUES_MAX: usize = 100;
const CODE: &str = "start.event";

/// Judges the start at this place.
pub fn check(definition: &ServiceDefinition, index: usize, path: &str, findings: &mut Findings) {
    let start = &definition.spec.starts[index];
    match (start.kind, &start.event) {
        (StartKind::Event, Some(event)) => by_event(definition, (start, event), index, path, findings),
        (StartKind::Event, None) => findings.error(
            CODE,
            path,
            format!("the start `{}` does not say which event begins a case", start.name),
            "write `event: {name: EVENT, data: {type: object, …}, applicant: PATH, set: [{at: PATH, from: PATH}]}`",
        ),
        (_, Some(_)) => findings.error(
            CODE,
            &format!("{path}.event"),
            format!("no event begins with `{}`", start.name),
            "take out `event`, or make it `kind: event`",
        ),
        (_, None) => {}
    }
}

fn by_event(
    definition: &ServiceDefinition,
    (start, event): (&Start, &FromEvent),
    index: usize,
    path: &str,
    findings: &mut Findings,
) {
    if start.title.is_none() {
        untitled(start, "“A child was born”", path, findings);
    }
    if definition.step(&start.step).is_some_and(|step| step.form.is_some() && step.asks().is_none()) {
        findings.error(
            "start.step",
            &format!("{path}.step"),
            format!("the step `{}` is a form, and nobody fills one in when an event begins a case", start.step),
            "begin with the step that follows the form",
        );
    }
    name(definition, event, index, path, findings);
    if data::of_object(&event.data, &format!("{path}.event.data"), "what an event says", findings) {
        applicant(event, path, findings);
        values(definition, event, path, findings);
    }
}

/// Events have names that are parts of an address, and one begins one kind of case.
fn name(definition: &ServiceDefinition, event: &FromEvent, index: usize, path: &str, findings: &mut Findings) {
    let place = format!("{path}.event.name");
    let named = |name: &str| {
        name.len() <= 60
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if !named(&event.name) {
        let message = format!("`{}` cannot be the name of an event", event.name);
        findings.error(CODE, &place, message, "use small letters, digits and hyphens: `child-born`");
    }
    if event.agency.as_ref().is_some_and(|agency| !named(agency)) {
        let help = "write the name of an agency, such as `civil-status`";
        findings.error(CODE, &format!("{path}.event.agency"), "this cannot be the name of an agency", help);
    }
    let own = &definition.spec.agency;
    let of = |event: &FromEvent| (event.agency.as_ref().unwrap_or(own).clone(), event.name.clone());
    let before = &definition.spec.starts[..index];
    if before.iter().filter_map(|start| start.event.as_ref()).any(|other| of(other) == of(event)) {
        let message = format!("`{}` begins a case in another way already", event.name);
        findings.error(CODE, &place, message, "let one start take it, and a step decide what follows");
    }
}

/// Without the number of whoever it is for, there is no case.
fn applicant(event: &FromEvent, path: &str, findings: &mut Findings) {
    let place = format!("{path}.event.applicant");
    match schema::at(&event.data, &event.applicant) {
        Found::Unknown { name, known } => {
            let message = format!("the event has no `{name}` in `{}`", event.applicant);
            findings.error(CODE, &place, message, instead(&name, known));
        }
        Found::Schema(found) if schema::kind(found) != Some("string") => {
            let message = format!("`{}` is no text", event.applicant);
            findings.error(CODE, &place, message, "name the value that is the applicant's PINFL");
        }
        Found::Schema(_) if !schema::required(&event.data).contains(&event.applicant) => {
            let message = format!("an event may come without `{}`", event.applicant);
            findings.error(CODE, &place, message, "make it `required` in `event.data`, with everything above it");
        }
        Found::Schema(_) => {}
    }
}

/// Values are taken one by one, each into a place of its own kind; what every case must have, every event gives.
fn values(definition: &ServiceDefinition, event: &FromEvent, path: &str, findings: &mut Findings) {
    if event.set.len() > VALUES_MAX {
        let message = format!("more than {VALUES_MAX} values are taken over");
        findings.error(CODE, &format!("{path}.event.set"), message, "take those that a step or an officer reads");
        return;
    }
    let nothing = Value::Null;
    let root = definition.spec.data.as_ref().map_or(&nothing, |data| &data.schema);
    let mut taken = BTreeSet::new();
    for (index, value) in event.set.iter().enumerate() {
        let place = format!("{path}.event.set[{index}]");
        let target = found(root, &value.at, "the data schema", &format!("{place}.at"), findings);
        let source = found(&event.data, &value.from, "the event", &format!("{place}.from"), findings);
        if !taken.insert(value.at.as_str()) {
            let message = format!("`{}` is taken twice", value.at);
            findings.error(CODE, &format!("{place}.at"), message, "take it once");
        }
        if let (Some(target), Some(source)) = (target, source)
            && target != source
        {
            let message = format!("`{}` is of the kind `{source}`, `{}` of the kind `{target}`", value.from, value.at);
            findings.error(CODE, &place, message, "take a value of the same kind");
        }
    }
    let given = schema::required(&event.data);
    let gives = |at: &String| event.set.iter().any(|value| value.at == *at && given.contains(&value.from));
    for missing in schema::required(root) {
        if gives(&missing) {
            continue;
        }
        findings.error(
            CODE,
            &format!("{path}.event.set"),
            format!("the data of every case has `{missing}`, and this event need not give it"),
            format!("take it from a value that the event requires, or let `{missing}` be missing in the data schema"),
        );
    }
}

/// The kind of the value that a path names; objects are taken value by value.
fn found<'s>(root: &'s Value, at: &str, whose: &str, place: &str, findings: &mut Findings) -> Option<&'s str> {
    match schema::at(root, at) {
        Found::Unknown { name, known } => {
            let message = format!("{whose} has no `{name}` in `{at}`");
            findings.error(CODE, place, message, instead(&name, known));
            None
        }
        Found::Schema(schema) => match schema::kind(schema) {
            Some("object") => {
                let message = format!("`{at}` has parts");
                findings.error(CODE, place, message, "take its values one by one");
                None
            }
            kind => kind,
        },
    }
}
