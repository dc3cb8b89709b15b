//! Finding one's way in a definition: parts by name, and where a step can go.

use std::collections::BTreeSet;

use crate::{
    Agency, Document, Fee, Field, Form, Mandate, Notification, Outcome, Page, Party, ServiceDefinition, StartKind,
    Step, StepKind, Text,
};

/// One way out of a step: the field that names it, and the step it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// Path of the field inside the step, for example `task.outcomes[1].next`.
    pub field: String,
    /// Name of the step it goes to.
    pub to: &'a str,
}

impl ServiceDefinition {
    /// Steps of the process; none for a service that is only listed.
    pub fn steps(&self) -> &[Step] {
        self.spec.process.as_ref().map(|process| process.steps.as_slice()).unwrap_or_default()
    }

    /// The step of this name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps().iter().find(|step| step.name == name)
    }

    /// Forms that people meet who have no other case before: all but those with which only a case begins that follows another.
    pub fn own_forms(&self) -> impl Iterator<Item = &Form> {
        let first = self.spec.process.as_ref().map(|process| process.start.as_str());
        // Whoever applies anew after another case may begin where everybody does.
        let follows = move |step: &Step| {
            let mut starts = self.spec.starts.iter().filter(|start| start.step == step.name).peekable();
            first != Some(step.name.as_str())
                && starts.peek().is_some()
                && starts.all(|start| start.kind == StartKind::Case)
        };
        self.spec.forms.iter().filter(move |form| {
            let mut steps = self.steps().iter().filter(|step| step.form.as_ref() == Some(&form.name)).peekable();
            steps.peek().is_none() || steps.any(|step| !follows(step))
        })
    }

    /// The form of this name.
    pub fn form(&self, name: &str) -> Option<&Form> {
        self.spec.forms.iter().find(|form| form.name == name)
    }

    /// The fee of this name.
    pub fn fee(&self, name: &str) -> Option<&Fee> {
        self.spec.fees.iter().find(|fee| fee.name == name)
    }

    /// The document of this name.
    pub fn document(&self, name: &str) -> Option<&Document> {
        self.spec.documents.iter().find(|document| document.name == name)
    }

    /// The notification of this name.
    pub fn notification(&self, name: &str) -> Option<&Notification> {
        self.spec.notifications.iter().find(|notification| notification.name == name)
    }

    /// The mandate of this kind, when the service takes it.
    pub fn mandate(&self, kind: &str) -> Option<&Mandate> {
        self.spec.access.mandates.iter().find(|mandate| mandate.kind.name() == kind)
    }

    /// Agency that owns a registry the definition names.
    pub fn registry_owner<'a>(&'a self, registry: &'a str) -> &'a str {
        self.spec.integration.registries.iter().find(|used| used.name == registry).map_or(registry, |used| &used.agency)
    }

    /// Every question that it asks registries, as owner, registry and operation: in steps, prefills, lists, mandates and waivers.
    pub fn questions(&self) -> BTreeSet<(&str, &str, &str)> {
        let calls = self.steps().iter().filter_map(|step| step.call.as_ref());
        let calls = calls.map(|call| (call.registry.as_str(), call.operation.as_str()));
        let prefills = self.spec.forms.iter().flat_map(Form::fields).filter_map(|(_, field)| field.prefill.as_ref());
        let prefills = prefills.map(|prefill| (prefill.registry.as_str(), prefill.operation.as_str()));
        let mandates = self.spec.access.mandates.iter().filter(|mandate| !mandate.registry.is_empty());
        let mandates = mandates.map(|mandate| (mandate.registry.as_str(), mandate.operation.as_str()));
        let waivers = self.spec.fees.iter().flat_map(|fee| &fee.waivers).filter_map(|waiver| waiver.from.as_deref());
        let waivers = waivers.filter_map(|from| from.split_once('/'));
        let lists = self.spec.lists.iter().map(|list| (list.registry.as_str(), list.operation.as_str()));
        let asked = calls.chain(prefills).chain(lists).chain(mandates).chain(waivers);
        asked.map(|(registry, operation)| (self.registry_owner(registry), registry, operation)).collect()
    }

    /// Agencies besides the service's own whose officers it asks, each with the role.
    pub fn opinions(&self) -> BTreeSet<(&str, &str)> {
        let tasks = self.steps().iter().filter_map(|step| step.task.as_ref());
        let asked = tasks.filter_map(|task| Some((task.agency.as_deref()?, task.role.as_str())));
        asked.filter(|(agency, _)| *agency != self.spec.agency).collect()
    }

    /// Agencies besides the service's own that get a share of its fees.
    pub fn beneficiaries(&self) -> BTreeSet<&str> {
        let shares = self.spec.fees.iter().flat_map(|fee| &fee.to);
        shares.map(|share| share.agency.as_str()).filter(|agency| *agency != self.spec.agency).collect()
    }

    /// Events of agencies besides the service's own that begin its cases: whose, and their names.
    pub fn events(&self) -> BTreeSet<(&str, &str)> {
        let events = self.spec.starts.iter().filter_map(|start| start.event.as_ref());
        let named = events.filter_map(|event| Some((event.agency.as_deref()?, event.name.as_str())));
        named.filter(|(agency, _)| *agency != self.spec.agency).collect()
    }

    /// Parties whom no step asks and whose number is known: the case is about them.
    pub fn subjects(&self) -> impl Iterator<Item = &Party> {
        let is_asked = move |party: &Party| self.steps().iter().any(|step| step.asks() == Some(party.name.as_str()));
        let is_found = |party: &Party| party.identified_by.contains(&party.kind.found_by());
        let another = |party: &Party| party.from.as_deref().is_some_and(|from| from != "applicant");
        self.spec.parties.iter().filter(move |party| another(party) && is_found(party) && !is_asked(party))
    }

    /// The party of this name; `applicant` need not be declared.
    pub fn party(&self, name: &str) -> Option<&Party> {
        self.spec.parties.iter().find(|party| party.name == name)
    }

    /// An outcome returns the application when it goes to a form of the applicant's.
    pub fn returns(&self, outcome: &Outcome) -> bool {
        self.step(&outcome.next).is_some_and(|step| step.form.is_some() && step.asks().is_none())
    }

    /// What a form says beside the value that templates find here: `data.marriage.date`.
    pub fn label_of(&self, at: &str) -> Option<&Text> {
        let path = at.strip_prefix("data.")?;
        self.spec.forms.iter().find_map(|form| form.field(path)).map(|field| &field.label)
    }

    /// Title of the service in a language.
    pub fn title(&self, language: &str) -> &str {
        self.spec.title.in_language(language)
    }
}

impl Form {
    /// The page of this key.
    pub fn page(&self, key: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.key() == key)
    }

    /// Every field with its page, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&Page, &Field)> {
        self.pages.iter().flat_map(|page| page.fields.iter().map(move |field| (page, field)))
    }

    /// The field at this path of the data.
    pub fn field(&self, at: &str) -> Option<&Field> {
        self.fields().map(|(_, field)| field).find(|field| field.at == at)
    }
}

impl Step {
    /// The party besides the applicant who is asked.
    pub fn asks(&self) -> Option<&str> {
        self.who.as_deref().filter(|who| *who != "applicant")
    }

    /// Paths of the data that it sets: by `set`, by the rules of a table, or by what a table collects.
    pub fn sets(&self) -> impl Iterator<Item = &str> {
        let table = self.decide.as_ref().and_then(|decide| decide.table.as_ref());
        let by_rules = table.into_iter().flat_map(|table| &table.rules).flat_map(|rule| &rule.set);
        let own = self.set.iter().flatten().chain(by_rules).map(|set| set.at.as_str());
        own.chain(table.and_then(|table| table.collect.as_ref()).map(|collect| collect.at.as_str()))
    }

    /// Every way out of the step.
    pub fn outgoing(&self) -> Vec<Outgoing<'_>> {
        let named = [
            ("next", &self.next),
            ("onTimeout", &self.on_timeout),
            ("onDeclined", &self.on_declined),
            ("onNotFound", &self.on_not_found),
            ("onUnavailable", &self.on_unavailable),
            ("onError", &self.on_error),
            ("compensate", &self.compensate),
        ];
        let mut ways: Vec<_> = named
            .into_iter()
            .filter_map(|(field, to)| to.as_deref().map(|to| Outgoing { field: field.into(), to }))
            .collect();
        for kind in self.kinds() {
            match kind {
                StepKind::Task(task) => ways.extend(task.outcomes.iter().enumerate().map(|(index, outcome)| {
                    Outgoing { field: format!("task.outcomes[{index}].next"), to: &outcome.next }
                })),
                StepKind::Decide(decide) => {
                    ways.extend(decide.cases.iter().enumerate().map(|(index, case)| Outgoing {
                        field: format!("decide.cases[{index}].next"),
                        to: &case.next,
                    }));
                    for (index, rule) in decide.rules().iter().enumerate() {
                        let field = format!("decide.table.rules[{index}].next");
                        ways.extend(rule.next.as_deref().map(|to| Outgoing { field, to }));
                    }
                    if let Some(collect) = decide.table.as_ref().and_then(|table| table.collect.as_ref()) {
                        ways.push(Outgoing { field: "decide.table.collect.next".into(), to: &collect.next });
                    }
                    if let Some(otherwise) = &decide.otherwise {
                        ways.push(Outgoing { field: "decide.otherwise".into(), to: otherwise });
                    }
                }
                StepKind::Parallel(parallel) => {
                    ways.extend(parallel.branches.iter().enumerate().map(|(index, branch)| Outgoing {
                        field: format!("parallel.branches[{index}].start"),
                        to: &branch.start,
                    }));
                }
                StepKind::ForEach(each) => ways.push(Outgoing { field: "forEach.start".into(), to: &each.start }),
                _ => {}
            }
        }
        ways
    }
}

impl Agency {
    /// Title of an event of life, when this agency names it.
    pub fn life_event(&self, name: &str) -> Option<&Text> {
        self.spec.life_events.iter().find(|event| event.name == name).map(|event| &event.title)
    }
}
