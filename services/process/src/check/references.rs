//! Everything that is named exists: steps, forms, fees, documents, notifications, payments, events, accounts.

use std::collections::{HashMap, HashSet};

use api::{ServiceDefinition, StepKind};

use super::{Options, findings::Findings, names::instead};

/// How many known names are compared with a wrong one.
const NEAR_MAX: usize = 200;

struct Names<'a> {
    steps: HashMap<&'a str, &'a api::Step>,
    forms: HashSet<&'a str>,
    fees: HashSet<&'a str>,
    documents: HashSet<&'a str>,
    notifications: HashSet<&'a str>,
    events: HashSet<&'a str>,
    pages: HashSet<String>,
    definition: &'a ServiceDefinition,
}

/// Looks every reference up.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let spec = &definition.spec;
    let names = Names {
        steps: definition.steps().iter().map(|step| (step.name.as_str(), step)).collect(),
        forms: spec.forms.iter().map(|form| form.name.as_str()).collect(),
        fees: spec.fees.iter().map(|fee| fee.name.as_str()).collect(),
        documents: spec.documents.iter().map(|document| document.name.as_str()).collect(),
        notifications: spec.notifications.iter().map(|notification| notification.name.as_str()).collect(),
        events: spec.integration.events.iter().map(|event| event.name.as_str()).collect(),
        pages: spec.forms.iter().flat_map(|form| form.pages.iter().map(api::Page::key)).collect(),
        definition,
    };
    names.starts(findings);
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        for way in step.outgoing() {
            names.step(way.to, &format!("{path}.{}", way.field), findings);
        }
        if let Some(kind) = step.kind() {
            names.parts(&kind, &path, options, findings);
        }
    }
    if let Some(level) = &definition.spec.service_level
        && let Some(breach) = &level.on_breach
    {
        known("notification", breach, "spec.serviceLevel.onBreach", &names.notifications, findings);
    }
    for (index, document) in definition.spec.documents.iter().enumerate() {
        if let Some(name) = document.recall.as_ref().and_then(|recall| recall.notify.as_ref()) {
            let path = format!("spec.documents[{index}].recall.notify");
            known("notification", name, &path, &names.notifications, findings);
        }
    }
    for (index, start) in definition.spec.starts.iter().enumerate() {
        if let Some(name) = &start.notify {
            let path = format!("spec.starts[{index}].notify");
            known("notification", name, &path, &names.notifications, findings);
        }
    }
    unused(definition, findings);
    accounts(definition, options, findings);
}

impl Names<'_> {
    fn step(&self, name: &str, path: &str, findings: &mut Findings) {
        if !self.steps.contains_key(name) {
            let known = self.definition.steps().iter().map(|step| step.name.as_str()).take(NEAR_MAX);
            let help = if findings.is_full() { String::new() } else { instead(name, known) };
            findings.error("process.unknown-step", path, format!("there is no step `{name}`"), help);
        }
    }

    fn starts(&self, findings: &mut Findings) {
        if let Some(process) = &self.definition.spec.process {
            self.step(&process.start, "spec.process.start", findings);
            if self.definition.spec.starts.is_empty()
                && self.steps.get(process.start.as_str()).is_some_and(|step| step.form.is_none())
            {
                findings.error(
                    "process.start-asks-nothing",
                    "spec.process.start",
                    format!("the first step `{}` is not a form", process.start),
                    "begin with the form that the applicant fills in",
                );
            }
        }
        for (index, start) in self.definition.spec.starts.iter().enumerate() {
            self.step(&start.step, &format!("spec.starts[{index}].step"), findings);
        }
    }

    fn parts(&self, kind: &StepKind<'_>, path: &str, options: &Options<'_>, findings: &mut Findings) {
        match kind {
            StepKind::Form(name) => known("form", name, &format!("{path}.form"), &self.forms, findings),
            StepKind::Payment(name) => known("fee", name, &format!("{path}.payment"), &self.fees, findings),
            StepKind::Document(name) => known("document", name, &format!("{path}.document"), &self.documents, findings),
            StepKind::Notify(name) => {
                known("notification", name, &format!("{path}.notify"), &self.notifications, findings)
            }
            StepKind::Emit(emit) => known("event", &emit.event, &format!("{path}.emit.event"), &self.events, findings),
            StepKind::Refund(payments) => {
                for (index, payment) in payments.iter().enumerate() {
                    let path = format!("{path}.refund[{index}]");
                    match self.steps.get(payment.as_str()) {
                        None => self.step(payment, &path, findings),
                        Some(step) if step.payment.is_none() => {
                            findings.error(
                                "process.not-a-payment",
                                &path,
                                format!("the step `{payment}` takes no money"),
                                "name a `payment` step",
                            );
                        }
                        Some(_) => {}
                    }
                }
            }
            StepKind::End(end) => {
                for (index, document) in end.delivers.iter().enumerate() {
                    known("document", document, &format!("{path}.end.delivers[{index}]"), &self.documents, findings);
                }
            }
            StepKind::Task(task) => {
                let pages: HashSet<&str> = self.pages.iter().map(String::as_str).collect();
                for (index, page) in task.shows.iter().enumerate() {
                    known("page", page, &format!("{path}.task.shows[{index}]"), &pages, findings);
                }
                for (field, name) in task.questions.iter().flat_map(api::Questions::notifications) {
                    let path = format!("{path}.task.questions.{field}");
                    known("notification", name, &path, &self.notifications, findings);
                }
            }
            StepKind::Call(call) => operation(call, path, options, findings),
            _ => {}
        }
    }
}

fn known(what: &str, name: &str, path: &str, names: &HashSet<&str>, findings: &mut Findings) {
    if !names.contains(name) {
        let help = if findings.is_full() { String::new() } else { instead(name, names.iter().copied().take(NEAR_MAX)) };
        findings.error("definition.unknown-name", path, format!("there is no {what} `{name}`"), help);
    }
}

fn operation(call: &api::Call, path: &str, options: &Options<'_>, findings: &mut Findings) {
    let Some(registry) = options.registries.iter().find(|registry| registry.metadata.name == call.registry) else {
        return;
    };
    let Some(operation) = registry.operation(&call.operation) else {
        let known = registry.spec.operations.iter().map(|operation| operation.name.as_str());
        let help = instead(&call.operation, known);
        findings.error(
            "registry.unknown-operation",
            &format!("{path}.call.operation"),
            format!("the registry has no operation `{}`", call.operation),
            help,
        );
        return;
    };
    let inputs =
        || operation.input["properties"].as_object().into_iter().flat_map(|inputs| inputs.keys().map(String::as_str));
    for name in call.input.keys().filter(|name| !inputs().any(|input| input == name.as_str())) {
        findings.error(
            "registry.unknown-input",
            &format!("{path}.call.input.{name}"),
            format!("the operation asks for no `{name}`"),
            instead(name, inputs()),
        );
    }
    for name in operation.input["required"].as_array().into_iter().flatten().filter_map(|name| name.as_str()) {
        if !call.input.contains_key(name) {
            findings.error(
                "registry.missing-input",
                &format!("{path}.call"),
                format!("the operation needs `{name}`"),
                "add it under `input`",
            );
        }
    }
}

/// What nobody uses is most often a name written wrongly somewhere else.
fn unused(definition: &ServiceDefinition, findings: &mut Findings) {
    let spec = &definition.spec;
    let mut used: HashSet<(&str, &str)> = HashSet::new();
    for step in definition.steps() {
        let parts = [
            ("form", &step.form),
            ("fee", &step.payment),
            ("document", &step.document),
            ("notification", &step.notify),
            ("notification", &step.invite),
        ];
        used.extend(parts.into_iter().filter_map(|(what, name)| name.as_deref().map(|name| (what, name))));
        let questions = step.task.iter().filter_map(|task| task.questions.as_ref());
        used.extend(questions.flat_map(api::Questions::notifications).map(|(_, name)| ("notification", name)));
    }
    used.extend(
        spec.service_level.iter().filter_map(|level| level.on_breach.as_deref()).map(|name| ("notification", name)),
    );
    let recalls = spec.documents.iter().filter_map(|document| document.recall.as_ref());
    used.extend(recalls.filter_map(|recall| recall.notify.as_deref()).map(|name| ("notification", name)));
    used.extend(spec.starts.iter().filter_map(|start| start.notify.as_deref()).map(|name| ("notification", name)));
    let forms =
        spec.forms.iter().map(|form| &form.name).enumerate().map(|(index, name)| ("forms", "form", index, name));
    let fees = spec.fees.iter().map(|fee| &fee.name).enumerate().map(|(index, name)| ("fees", "fee", index, name));
    let documents = spec.documents.iter().map(|document| &document.name).enumerate();
    let documents = documents.map(|(index, name)| ("documents", "document", index, name));
    let notifications = spec.notifications.iter().map(|notification| &notification.name).enumerate();
    let notifications = notifications.map(|(index, name)| ("notifications", "notification", index, name));
    for (list, what, index, name) in forms.chain(fees).chain(documents).chain(notifications) {
        if !used.contains(&(what, name.as_str())) {
            findings.warn(
                "definition.unused",
                &format!("spec.{list}[{index}]"),
                format!("no step uses the {what} `{name}`"),
                "use it or remove it",
            );
        }
    }
}

/// The agency's own shares go to accounts that it has.
fn accounts(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let Some(agency) = options.agency else { return };
    for (fee_index, fee) in definition.spec.fees.iter().enumerate() {
        for (index, share) in fee.to.iter().enumerate().filter(|(_, share)| share.agency == agency.metadata.name) {
            let path = format!("spec.fees[{fee_index}].to[{index}]");
            let accounts: HashSet<&str> = agency.spec.accounts.iter().map(|account| account.name.as_str()).collect();
            match &share.account {
                Some(account) => known("account", account, &format!("{path}.account"), &accounts, findings),
                None if agency.spec.accounts.is_empty() => {
                    findings.error(
                        "fee.no-account",
                        &path,
                        format!("the agency `{}` has no account", share.agency),
                        "list one in agency.yaml",
                    );
                }
                None => {}
            }
        }
    }
}
