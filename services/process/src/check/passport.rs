//! What every resource says about itself: version, name, owner, dates and links.

use api::{
    API_VERSION, Channel, GrantSpec, GrantedTo, LegalBasis, Level, MessageClass, Metadata, Notification, Resource,
    RevisionState, ServiceDefinition, Text,
};
use jiff::civil::Date;
use kernel::segments::Segments;

use super::{
    Options, engineers,
    findings::Findings,
    names::{instead, is_name},
    not_built, offices,
    source::join,
};

/// What a notification's text may hold.
const PLACEHOLDERS: [&str; 3] = ["case.number", "service.title", "agency.title"];
/// An SMS is paid for by its parts: 306 letters of plain Latin, 134 where one of them is not.
const SMS_PARTS_MAX: u32 = 2;

/// Judges a resource that is not a definition.
pub fn check(resource: &Resource, findings: &mut Findings) {
    let (version, metadata, owner) = match resource {
        Resource::Agency(agency) => {
            offices::check(agency, findings);
            engineers::check(agency, findings);
            (&agency.api_version, &agency.metadata, None)
        }
        Resource::Registry(registry) => {
            operations(registry, findings);
            named_act(registry.spec.legal_basis.as_ref(), "spec.legalBasis", findings);
            (&registry.api_version, &registry.metadata, Some((&registry.spec.agency, "spec.agency")))
        }
        Resource::GrantRequest(request) => {
            date(&request.spec.until, "spec.until", findings);
            link(&request.spec.legal_basis, "spec.legalBasis", findings);
            not_built::grant(&request.spec, findings);
            (&request.api_version, &request.metadata, Some((&request.spec.to, "spec.to")))
        }
        Resource::Grant(grant) => {
            date(&grant.spec.until, "spec.until", findings);
            link(&grant.spec.legal_basis, "spec.legalBasis", findings);
            rate(&grant.spec, findings);
            not_built::grant(&grant.spec, findings);
            (&grant.api_version, &grant.metadata, Some((&grant.spec.from, "spec.from")))
        }
        Resource::ServiceDefinition(definition) => (&definition.api_version, &definition.metadata, None),
    };
    named(version, metadata, findings);
    if let (Some((owner, path)), Some(namespace)) = (owner, &metadata.namespace)
        && owner != namespace
    {
        findings.error(
            "definition.not-the-owner",
            path,
            format!("`{owner}` does not own the namespace `{namespace}`"),
            format!("write `{namespace}`"),
        );
    }
}

/// Whoever may ask about anyone is held by a number that the giving agency chose.
fn rate(spec: &GrantSpec, findings: &mut Findings) {
    if spec.about == GrantedTo::Anyone && spec.per_minute.is_none() {
        findings.error(
            "definition.missing-field",
            "spec",
            "`about: anyone` needs `perMinute`",
            "write the most questions that may be asked in a minute",
        );
    }
}

fn operations(registry: &api::Registry, findings: &mut Findings) {
    for (index, operation) in registry.spec.operations.iter().enumerate() {
        let path = format!("spec.operations[{index}]");
        for (field, schema) in [("input", &operation.input), ("output", &operation.output)] {
            if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
                findings.error(
                    "data.schema",
                    &join(&path, field),
                    format!("this is not JSON Schema 2020-12: {error}"),
                    "",
                );
            }
        }
        named_act(operation.legal_basis.as_ref(), &join(&path, "legalBasis"), findings);
        answer_fields(operation, &path, findings);
        match &operation.data_subject {
            Some(subject) if operation.input["properties"].get(subject).is_none() => {
                findings.error(
                    "registry.no-data-subject",
                    &format!("{path}.dataSubject"),
                    format!("the input has no `{subject}`"),
                    "name the field of the input that holds the person's number",
                );
            }
            None if operation.sensitivity != api::Sensitivity::Public => {
                findings.error(
                    "registry.no-data-subject",
                    &path,
                    format!("the operation `{}` does not say whom it is about", operation.name),
                    "add `dataSubject`, or write `sensitivity: public`",
                );
            }
            _ => {}
        }
    }
}

/// A field that is there in some languages only is told by its text.
fn answer_fields(operation: &api::Operation, path: &str, findings: &mut Findings) {
    let untitled = operation.untitled().into_iter().filter(|name| operation.title_of(name).is_none());
    for name in untitled {
        findings.publish(
            "registry.no-title",
            &format!("{path}.fields"),
            format!("the answer's field `{name}` has no title"),
            format!("add `- name: {name}` with a `title` in five languages: applicants and officers read it"),
        );
    }
    for (index, field) in operation.fields.iter().enumerate() {
        if operation.output["properties"].get(&field.name).is_none() {
            findings.error(
                "registry.unknown-field",
                &format!("{path}.fields[{index}].name"),
                format!("the answer has no `{}`", field.name),
                "name a field of `output.properties`",
            );
        }
    }
}

fn named(version: &str, metadata: &Metadata, findings: &mut Findings) {
    if version != API_VERSION {
        findings.error(
            "definition.version",
            "apiVersion",
            format!("`{version}` is not a version that can be read"),
            format!("write `{API_VERSION}`"),
        );
    }
    for (field, name) in [("name", Some(&metadata.name)), ("namespace", metadata.namespace.as_ref())] {
        if name.is_some_and(|name| !is_name(name)) {
            findings.error(
                "definition.name",
                &format!("metadata.{field}"),
                "a name has small letters, digits and dashes, and begins with a letter",
                "for example `marriage-certificate-copy`",
            );
        }
    }
}

/// Judges what a definition says about the service as a whole.
pub fn check_service(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    named(&definition.api_version, &definition.metadata, findings);
    let spec = &definition.spec;
    let namespace = options.agency.map(|agency| &agency.metadata.name).or(definition.metadata.namespace.as_ref());
    if let Some(owner) = namespace.filter(|owner| **owner != spec.agency) {
        findings.error(
            "definition.not-the-owner",
            "spec.agency",
            format!("`{}` does not own the namespace `{owner}`", spec.agency),
            format!("write `{owner}`"),
        );
    }
    if let (Some(namespace), Some(agency)) = (&definition.metadata.namespace, options.agency)
        && *namespace != agency.metadata.name
    {
        findings.error(
            "definition.not-the-owner",
            "metadata.namespace",
            format!("the folder belongs to `{}`", agency.metadata.name),
            format!("write `{}`", agency.metadata.name),
        );
    }
    if spec.level == Level::Hosted {
        for (field, there) in
            [("data", spec.data.is_some()), ("forms", !spec.forms.is_empty()), ("process", spec.process.is_some())]
        {
            if !there {
                findings.error(
                    "definition.missing-field",
                    "spec",
                    format!("a hosted service needs `{field}`"),
                    "add it, or write `level: listed`",
                );
            }
        }
    }
    findable(definition, options, findings);
    if let Some(effective) = &spec.effective_from {
        date(&effective.date, "spec.effectiveFrom.date", findings);
    }
    if spec.state == RevisionState::Draft {
        findings.publish(
            "definition.draft",
            "spec.state",
            "the revision is a draft",
            "write `state: published` when it is ready",
        );
    }
    links(definition, findings);
    for (index, notification) in spec.notifications.iter().enumerate() {
        message(notification, &format!("spec.notifications[{index}]"), findings);
    }
}

/// What lets people find the service and know that it is the right one.
fn findable(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let spec = &definition.spec;
    if spec.summary.is_none() {
        findings.publish(
            "text.no-summary",
            "spec",
            "there is no `summary`",
            "say in a sentence what one gets and who can ask for it",
        );
    }
    if spec.level == Level::Listed && spec.legal_basis.is_empty() {
        findings.publish(
            "definition.no-legal-basis",
            "spec",
            "there is no `legalBasis`",
            "name the act on which the service rests: of a service that is only listed, people learn little else",
        );
    }
    if spec.life_events.is_empty() {
        findings.warn(
            "definition.no-life-event",
            "spec",
            "there is no `lifeEvents`",
            "people look for services by events of life",
        );
    }
    if let Some(agency) = options.agency {
        for (index, event) in
            spec.life_events.iter().enumerate().filter(|(_, event)| agency.life_event(event).is_none())
        {
            let known = agency.spec.life_events.iter().map(|event| event.name.as_str());
            findings.publish(
                "definition.unknown-life-event",
                &format!("spec.lifeEvents[{index}]"),
                format!("the agency gives the event of life `{event}` no title"),
                instead(event, known),
            );
        }
    }
}

pub(super) fn date(written: &str, path: &str, findings: &mut Findings) {
    if written.len() != 10 || written.parse::<Date>().is_err() {
        findings.error(
            "definition.date",
            path,
            format!("`{written}` is not a date"),
            "write year, month and day: `\"2026-01-31\"`",
        );
    }
}

/// Wherever an act is named: people and machines are led there.
fn links(definition: &ServiceDefinition, findings: &mut Findings) {
    let spec = &definition.spec;
    for (index, act) in spec.legal_basis.iter().enumerate() {
        link(act, &format!("spec.legalBasis[{index}]"), findings);
    }
    for (index, form) in spec.prescribed_forms.iter().enumerate() {
        let path = format!("spec.prescribedForms[{index}]");
        link(&form.legal_basis, &join(&path, "legalBasis"), findings);
        address(form.uri.as_ref(), &path, "give the address at which the form can be read", findings);
    }
    for (index, fee) in spec.fees.iter().enumerate() {
        let path = format!("spec.fees[{index}]");
        named_act(fee.legal_basis.as_ref(), &format!("{path}.legalBasis"), findings);
        for (index, waiver) in fee.waivers.iter().enumerate() {
            named_act(waiver.legal_basis.as_ref(), &format!("{path}.waivers[{index}].legalBasis"), findings);
        }
    }
    let retention = spec.data.as_ref().and_then(|data| data.retention.as_ref());
    for (index, rule) in spec.eligibility.iter().flat_map(|check| &check.rules).enumerate() {
        named_act(rule.legal_basis.as_ref(), &format!("spec.eligibility.rules[{index}].legalBasis"), findings);
    }
    for (index, start) in spec.starts.iter().enumerate() {
        named_act(start.legal_basis.as_ref(), &format!("spec.starts[{index}].legalBasis"), findings);
    }
    let keeps = retention.and_then(|retention| retention.legal_basis.as_ref());
    named_act(keeps, "spec.data.retention.legalBasis", findings);
    let from = spec.effective_from.as_ref().and_then(|from| from.act.as_ref());
    named_act(from, "spec.effectiveFrom.act", findings);
    for (index, step) in definition.steps().iter().enumerate() {
        let allows = step.call.as_ref().and_then(|call| call.legal_basis.as_ref());
        named_act(allows, &format!("spec.process.steps[{index}].call.legalBasis"), findings);
    }
}

fn named_act(act: Option<&LegalBasis>, path: &str, findings: &mut Findings) {
    if let Some(act) = act {
        link(act, path, findings);
    }
}

/// Links lead to https only.
fn link(act: &LegalBasis, path: &str, findings: &mut Findings) {
    address(act.uri.as_ref(), path, "give the address of the act's official text", findings);
}

fn address(uri: Option<&String>, path: &str, help: &str, findings: &mut Findings) {
    if uri.is_some_and(|uri| !uri.starts_with("https://")) {
        findings.error("definition.link", &join(path, "uri"), "a link must begin with `https://`", help);
    }
}

fn message(notification: &Notification, path: &str, findings: &mut Findings) {
    if notification.channels.is_empty() {
        findings.error(
            "notification.no-channel",
            &format!("{path}.channels"),
            "the message goes nowhere",
            "write `channels: [inbox, sms, email]`",
        );
    }
    let mut texts = vec![("text", &notification.text)];
    texts.extend(notification.title.as_ref().map(|title| ("title", title)));
    texts.extend(notification.short.as_ref().map(|short| ("short", short)));
    texts.extend(notification.why.as_ref().map(|why| ("why", why)));
    for (field, text) in texts {
        placeholders(text, &join(path, field), findings);
    }
    if notification.urgent && notification.class == MessageClass::Informative {
        findings.error(
            "notification.urgent-informative",
            &format!("{path}.urgent"),
            "what a person may switch off cannot be so urgent that it wakes them",
            "leave out `urgent`, or `class: informative`",
        );
    }
    let sms = notification.short.as_ref().unwrap_or(&notification.text);
    let long = sms.iter().any(|(_, text)| Segments::of(text).count > SMS_PARTS_MAX);
    if notification.channels.contains(&Channel::Sms) && long {
        findings.warn(
            "notification.long-sms",
            path,
            format!("the SMS takes more than {SMS_PARTS_MAX} parts in some language, and each is paid for"),
            "add a `short` text: two parts are 306 plain Latin letters, or 134 where one letter is not (ʻ, Cyrillic)",
        );
    }
}

fn placeholders(text: &Text, path: &str, findings: &mut Findings) {
    for (tag, written) in text.iter() {
        let at = join(path, tag);
        if written.contains("{%") || written.contains("{#") {
            findings.error("text.placeholder", &at, "a message holds no instructions", "only `{{ … }}` is replaced");
        }
        for part in written.split("{{").skip(1) {
            match part.split_once("}}") {
                Some((name, _)) if PLACEHOLDERS.contains(&name.trim()) => {}
                Some((name, _)) => findings.error(
                    "text.placeholder",
                    &at,
                    format!("`{}` is not known here", name.trim()),
                    instead(name.trim(), PLACEHOLDERS),
                ),
                None => findings.error("text.placeholder", &at, "`{{` is not closed", "write `{{ case.number }}`"),
            }
        }
    }
}
