//! What can be written but does not run yet is refused by name, never ignored.

use api::{Assurance, Backtest, GrantSpec, Identified, Level, PartyKind, ServiceDefinition, StartKind, Step};

use super::findings::Findings;

const CODE: &str = "definition.not-built";

fn refuse(path: &str, what: &str, findings: &mut Findings) {
    findings.error(CODE, path, format!("{what} cannot be run by this version"), "do without it for now");
}

/// Names every part that this version does not run.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    let spec = &definition.spec;
    if spec.level == Level::External {
        refuse("spec.level", "`level: external`", findings);
    }
    if spec.access.submission.as_ref().is_some_and(|asked| asked.assurance == Assurance::High) {
        refuse("spec.access.submission.assurance", "`assurance: high`", findings);
    }
    if let Some(intake) = &spec.access.intake {
        if !intake.one_per.is_empty() {
            refuse("spec.access.intake.onePer", "`onePer`", findings);
        }
        if intake.opens.is_some() || intake.closes.is_some() {
            refuse("spec.access.intake", "an intake with dates", findings);
        }
    }
    parties(definition, findings);
    starts(definition, findings);
    for (index, document) in spec.documents.iter().enumerate() {
        if document.seal != spec.agency {
            refuse(&format!("spec.documents[{index}].seal"), "the seal of another agency", findings);
        }
    }
    if spec.rollout.as_ref().is_some_and(|rollout| rollout.backtest == Backtest::Required) {
        refuse("spec.rollout.backtest", "`backtest: required`", findings);
    }
    if spec.service_level.as_ref().is_some_and(|level| level.calendar.is_some()) {
        refuse("spec.serviceLevel.calendar", "a calendar of its own", findings);
    }
    forms(definition, findings);
    steps(definition, findings);
}

/// Names what agencies could ask of each other and give, and nothing would use.
pub(super) fn grant(spec: &GrantSpec, findings: &mut Findings) {
    if spec.seal {
        findings.error(
            CODE,
            "spec.seal",
            "no version lets an agency use another's seal yet: asking for one or giving it would change nothing",
            "leave out `seal`: a document bears the seal of the agency whose service issues it",
        );
    }
}

/// A service begins with one form, from its own ended cases, from agencies' events, and in one way with an officer.
fn starts(definition: &ServiceDefinition, findings: &mut Findings) {
    let starts = &definition.spec.starts;
    for (index, start) in starts.iter().enumerate() {
        let path = format!("spec.starts[{index}].kind");
        match start.kind {
            StartKind::Form if starts[..index].iter().any(|other| other.kind == StartKind::Form) => {
                refuse(&path, "a second form to begin with", findings);
            }
            StartKind::Officer if starts[..index].iter().any(|other| other.kind == StartKind::Officer) => {
                refuse(&path, "a second start by an officer", findings);
            }
            StartKind::Form | StartKind::Case | StartKind::Officer | StartKind::Event => {}
            StartKind::Schedule => refuse(&path, "a start by a date", findings),
        }
    }
    for (index, start) in starts.iter().enumerate() {
        if start.identified_by.contains(&Identified::Tin) {
            let what = "an applicant on paper who is known by a TIN";
            refuse(&format!("spec.starts[{index}].identifiedBy"), what, findings);
        }
    }
    if !starts.is_empty() && starts.iter().all(|start| start.kind != StartKind::Form) {
        refuse("spec.starts", "a service that does not begin with a form", findings);
    }
}

/// A party is a person, known by their PINFL, or a company, known by its TIN.
fn parties(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, party) in definition.spec.parties.iter().enumerate() {
        let path = format!("spec.parties[{index}]");
        if party.identified_by.iter().any(|by| *by != party.kind.found_by()) {
            let what = match party.kind {
                PartyKind::Person => "a person who is known by something else than a PINFL",
                PartyKind::Company => "a company that is known by something else than a TIN",
            };
            refuse(&format!("{path}.identifiedBy"), what, findings);
        }
        if party.kind == PartyKind::Company && party.from.as_deref() == Some("applicant") {
            refuse(&format!("{path}.from"), "the company that applies as a party besides it", findings);
        }
    }
}

/// What a party is asked is asked without files, lists and registries.
fn forms(definition: &ServiceDefinition, findings: &mut Findings) {
    for (form_index, form) in definition.spec.forms.iter().enumerate() {
        let asked = |step: &Step| step.asks().is_some() && step.form.as_ref() == Some(&form.name);
        if !definition.steps().iter().any(asked) {
            continue;
        }
        for (page_index, page) in form.pages.iter().enumerate() {
            for (index, field) in page.fields.iter().enumerate() {
                let path = format!("spec.forms[{form_index}].pages[{page_index}].fields[{index}]");
                for (is_there, part, what) in [
                    (field.evidence.is_some(), "evidence", "a file of a party"),
                    (field.prefill.is_some(), "prefill", "filling in a party's form beforehand"),
                    (field.repeat.is_some(), "repeat", "a list of a party"),
                    (
                        field.options_from.as_ref().is_some_and(|from| from != "offices"),
                        "optionsFrom",
                        "a registry's list in a party's form",
                    ),
                ] {
                    if is_there {
                        refuse(&format!("{path}.{part}"), what, findings);
                    }
                }
            }
        }
    }
}

fn steps(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        if step.for_each.is_some() {
            refuse(&format!("{path}.forEach"), "`forEach`", findings);
        }
        if step.subprocess.is_some() {
            refuse(&format!("{path}.subprocess"), "`subprocess`", findings);
        }
        if step.signature.is_some() {
            refuse(&format!("{path}.signature"), "`signature`", findings);
        }
        if step.asks().is_some() && step.form.is_none() {
            refuse(&format!("{path}.who"), "asking a party for anything but a form", findings);
        }
        // No service hands an event or a message to a case: it would wait for ever.
        if let Some(wait) = &step.wait {
            for (part, is_there) in [("event", wait.event.is_some()), ("message", wait.message.is_some())] {
                if is_there {
                    refuse(&format!("{path}.wait.{part}"), &format!("waiting for {part}s from outside"), findings);
                }
            }
        }
        if step.call.as_ref().is_some_and(|call| call.consent) {
            refuse(&format!("{path}.call.consent"), "asking for consent before a call", findings);
        }
    }
}
