//! Whoever a step asks can be found before it is reached, is told, may decline, and is not waited for without end.

use std::collections::{HashMap, HashSet};

use api::{Form, MessageClass, Party, PartyKind, ServiceDefinition, Step};

use super::{
    findings::Findings,
    names::instead,
    schema::{self, Found},
};

const APPLICANT: &str = "applicant";

/// Judges every party, and every step that asks one.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, party) in definition.spec.parties.iter().enumerate() {
        let path = format!("spec.parties[{index}]");
        if let Some(from) = &party.from {
            source(definition, from, &format!("{path}.from"), findings);
        }
        let is_asked = definition.steps().iter().any(|step| step.asks() == Some(party.name.as_str()));
        // The applicant may be declared, too: who they are is known.
        if party.name != APPLICANT && !is_asked && definition.subjects().all(|subject| subject.name != party.name) {
            findings.warn(
                "party.useless",
                &path,
                format!("no step asks `{}`, and nothing says who they are", party.name),
                "say how they are identified and `from` where their number comes: then they read who opened a case about them",
            );
        }
    }
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        match step.asks() {
            Some(name) => asking(definition, step, name, &path, findings),
            None => alone(step, &path, findings),
        }
    }
    for (index, form) in definition.spec.forms.iter().enumerate() {
        one_form(definition, form, &format!("spec.forms[{index}]"), findings);
    }
}

/// The place of a party's number exists.
fn source(definition: &ServiceDefinition, from: &str, path: &str, findings: &mut Findings) {
    if from == APPLICANT {
        return;
    }
    if let Some(fact) = from.strip_prefix("facts.") {
        let name = fact.split('.').next().unwrap_or_default();
        let facts: Vec<String> =
            definition.steps().iter().filter_map(|step| Some(step.call.as_ref()?.fact())).collect();
        if !facts.iter().any(|known| known == name) {
            let help = instead(name, facts.iter().map(String::as_str));
            findings.error("party.unknown-source", path, format!("no `call` gives the fact `{name}`"), help);
        }
        return;
    }
    let Some(data) = &definition.spec.data else { return };
    if let Found::Unknown { name, known } = schema::at(&data.schema, from) {
        let help = instead(&name, known);
        findings.error("party.unknown-source", path, format!("`{name}` is not in the data schema"), help);
    }
}

/// What only belongs to a step that asks a party.
fn alone(step: &Step, path: &str, findings: &mut Findings) {
    for (field, set) in [("invite", step.invite.is_some()), ("onDeclined", step.on_declined.is_some())] {
        if set {
            findings.error(
                "party.useless",
                &format!("{path}.{field}"),
                format!("`{field}` is never followed: the step asks nobody besides the applicant"),
                "remove it, or say `who` is asked",
            );
        }
    }
}

fn asking(definition: &ServiceDefinition, step: &Step, name: &str, path: &str, findings: &mut Findings) {
    let who = format!("{path}.who");
    let Some(party) = definition.party(name) else {
        let known = definition.spec.parties.iter().map(|party| party.name.as_str()).chain([APPLICANT]);
        return findings.error("party.unknown", &who, format!("there is no party `{name}`"), instead(name, known));
    };
    if step.form.is_none() {
        // Told by what is not built.
        return;
    }
    if party.title.is_none() {
        findings.error(
            "party.no-title",
            &who,
            format!("people have no word for `{name}`"),
            "give the party a `title`: they and the applicant read it",
        );
    }
    if definition.spec.process.as_ref().is_some_and(|process| process.start == step.name) {
        findings.error("party.asked-first", &who, "the first step is the applicant's", "ask the party in a later step");
    }
    identified(definition, step, party, &who, findings);
    answering(definition, step, path, findings);
}

/// On every way to the step somebody has said, or a registry has told, who the party is.
fn identified(definition: &ServiceDefinition, step: &Step, party: &Party, who: &str, findings: &mut Findings) {
    let from = party.from.as_deref().filter(|_| party.identified_by.contains(&party.kind.found_by()));
    let Some(from) = from else {
        let help = match party.kind {
            PartyKind::Person => {
                "give the party `identifiedBy: [pinfl]` and say `from` where its number comes: a path in the data, `facts.…` or \
                 `applicant`"
            }
            PartyKind::Company => {
                "give the party `identifiedBy: [tin]` and say `from` where its number comes: a path in the data or `facts.…`"
            }
        };
        return findings.error("party.unidentified", who, format!("nothing says who `{}` is", party.name), help);
    };
    if from != APPLICANT && is_reached_without(definition, &step.name, from) {
        findings.error(
            "party.not-identified-before",
            who,
            format!("the step `{}` can be reached before `{from}` is known", step.name),
            "ask for it in a form on every way here, not optional and without `when`, or call the registry that tells it",
        );
    }
}

/// Whether a way from a start leads to the step past everything that tells the number.
fn is_reached_without(definition: &ServiceDefinition, step: &str, from: &str) -> bool {
    let steps: HashMap<&str, &Step> = definition.steps().iter().map(|step| (step.name.as_str(), step)).collect();
    let start = definition.spec.process.iter().map(|process| process.start.as_str());
    let mut open: Vec<&str> = start.chain(definition.spec.starts.iter().map(|start| start.step.as_str())).collect();
    let mut seen: HashSet<&str> = open.iter().copied().collect();
    while let Some(name) = open.pop() {
        if name == step {
            return true;
        }
        let Some(at) = steps.get(name) else { continue };
        let tells = tells(definition, at, from);
        // A registry that found nothing leaves by another way.
        for way in at.outgoing().into_iter().filter(|way| !(tells && way.field == "next")) {
            if seen.insert(way.to) {
                open.push(way.to);
            }
        }
    }
    false
}

fn tells(definition: &ServiceDefinition, step: &Step, from: &str) -> bool {
    if let Some(fact) = from.strip_prefix("facts.") {
        let name = fact.split('.').next().unwrap_or_default();
        return step.call.as_ref().is_some_and(|call| call.fact() == name);
    }
    let form = step.form.as_deref().and_then(|name| definition.form(name)).filter(|_| step.asks().is_none());
    let mut fields = form.into_iter().flat_map(Form::fields);
    fields.any(|(page, field)| field.at == from && !field.optional && field.when.is_none() && page.when.is_none())
}

/// They are told, may say no, and time ends.
fn answering(definition: &ServiceDefinition, step: &Step, path: &str, findings: &mut Findings) {
    match &step.invite {
        None => findings.error(
            "party.no-invitation",
            path,
            "nothing tells the party that they are asked",
            "write `invite: NAME` with a notification",
        ),
        Some(name) => match definition.notification(name) {
            None => {
                let known = definition.spec.notifications.iter().map(|sent| sent.name.as_str());
                findings.error(
                    "definition.unknown-name",
                    &format!("{path}.invite"),
                    format!("there is no notification `{name}`"),
                    instead(name, known),
                );
            }
            Some(sent) if sent.class != MessageClass::Mandatory => findings.error(
                "party.optional-invitation",
                &format!("{path}.invite"),
                format!("the party may have switched `{name}` off"),
                "leave `class` out: who is asked must be told",
            ),
            Some(_) => {}
        },
    }
    if step.on_declined.is_none() {
        findings.error(
            "party.no-way-declined",
            path,
            "the party may decline, and nothing says what then",
            "add `onDeclined`",
        );
    }
    if step.timeout.is_none() {
        findings.error(
            "party.no-timeout",
            path,
            "the case could wait for the party for ever",
            "add `timeout` and `onTimeout`",
        );
    }
}

/// A form is one person's: what it asks, no other form asks.
fn one_form(definition: &ServiceDefinition, form: &Form, path: &str, findings: &mut Findings) {
    let uses = definition.steps().iter().filter(|step| step.form.as_ref() == Some(&form.name));
    let askers: HashSet<Option<&str>> = uses.map(Step::asks).collect();
    if askers.iter().all(Option::is_none) {
        if form.shared || !form.tells.is_empty() {
            findings.error(
                "party.useless",
                path,
                "`shared` and `tells` belong to a form that a party fills in",
                "remove them, or say in the step `who` fills the form in",
            );
        }
        return;
    }
    if askers.len() > 1 {
        findings.error(
            "party.shared-form",
            path,
            format!("the form `{}` is asked of different people", form.name),
            "write a form for each of them",
        );
    }
    let others = definition.spec.forms.iter().filter(|other| other.name != form.name);
    let asked: HashSet<&str> = others.flat_map(Form::fields).map(|(_, field)| field.at.as_str()).collect();
    for (_, field) in form.fields().filter(|(_, field)| asked.contains(field.at.as_str())) {
        findings.error(
            "party.shared-field",
            path,
            format!("another form asks for `{}`, too", field.at),
            "give each person values of their own",
        );
    }
    for (index, at) in form.tells.iter().enumerate().filter(|(_, at)| !asked.contains(at.as_str())) {
        findings.error(
            "party.unknown-told",
            &format!("{path}.tells[{index}]"),
            format!("no other form asks for `{at}`"),
            instead(at, asked.iter().copied()),
        );
    }
}
