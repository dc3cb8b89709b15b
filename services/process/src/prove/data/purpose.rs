//! What a registry told about health, belief, convictions and the like leaves the case only where an act says so: neither to an
//! agency's own system nor to another registry. Messages need no rule of their own: they are given nothing of the data.

use std::collections::{BTreeMap, BTreeSet};

use api::{Call, Emit, Form, Sensitivity, ServiceDefinition, StepKind};

use crate::{
    check::{Findings, Options},
    expr::{TypeEnv, compile},
    prove::tree::{overlap, paths},
};

/// Registry and operation.
type Source<'a> = (&'a str, &'a str);

struct Flow<'a> {
    env: &'a TypeEnv,
    /// Paths that hold what a registry told, and which.
    told: BTreeMap<String, Source<'a>>,
}

/// Judges where it goes.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, env: &TypeEnv, findings: &mut Findings) {
    let mut flow = Flow { env, told: sources(definition, options) };
    if flow.told.is_empty() {
        return;
    }
    flow.spread(definition);
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        match step.kind() {
            Some(StepKind::Emit(emit)) => flow.emitted(emit, &format!("{path}.emit"), findings),
            Some(StepKind::Call(call)) => flow.asked(call, &format!("{path}.call"), findings),
            _ => {}
        }
    }
}

/// Facts, prefilled answers and offered lists of operations whose answers are special.
fn sources<'a>(definition: &'a ServiceDefinition, options: &Options<'_>) -> BTreeMap<String, Source<'a>> {
    let is_special = |registry: &str, operation: &str| {
        let registry = options.registries.iter().find(|known| known.metadata.name == registry);
        let operation = registry.and_then(|registry| registry.operation(operation));
        operation.is_some_and(|operation| operation.sensitivity == Sensitivity::Special)
    };
    let calls = definition.steps().iter().filter_map(|step| step.call.as_ref());
    let facts = calls.map(|call| (format!("facts.{}", call.fact()), (call.registry.as_str(), call.operation.as_str())));
    let fields = || definition.spec.forms.iter().flat_map(Form::fields).map(|(_, field)| field);
    let prefilled = fields().filter_map(|field| {
        let prefill = field.prefill.as_ref()?;
        Some((format!("data.{}", field.at), (prefill.registry.as_str(), prefill.operation.as_str())))
    });
    let offered = fields().filter_map(|field| {
        let list = definition.spec.lists.iter().find(|list| field.options_from.as_ref() == Some(&list.name))?;
        Some((format!("data.{}", field.at), (list.registry.as_str(), list.operation.as_str())))
    });
    let all = facts.chain(prefilled).chain(offered);
    all.filter(|(_, (registry, operation))| is_special(registry, operation)).collect()
}

impl<'a> Flow<'a> {
    /// What is computed from it is it, too.
    fn spread(&mut self, definition: &ServiceDefinition) {
        let mut sets: Vec<(&str, &str)> = Vec::new();
        for step in definition.steps() {
            let values = step.set.iter().flatten();
            let rules = step.decide.iter().flat_map(|decide| decide.rules());
            let of_rules = rules.flat_map(|rule| &rule.set);
            sets.extend(values.chain(of_rules).map(|set| (set.at.as_str(), set.to.as_str())));
            let table = step.decide.iter().filter_map(|decide| decide.table.as_ref());
            for (table, collect) in table.filter_map(|table| Some((table, table.collect.as_ref()?))) {
                let given = table.rules.iter().filter_map(|rule| rule.gives.as_deref());
                sets.extend(given.map(|gives| (collect.at.as_str(), gives)));
            }
        }
        loop {
            let before = self.told.len();
            for (at, to) in &sets {
                if let Some((_, source)) = self.source(to) {
                    self.told.entry(format!("data.{at}")).or_insert(source);
                }
            }
            if self.told.len() == before {
                return;
            }
        }
    }

    /// The first thing of a registry that an expression reads.
    fn source(&self, expression: &str) -> Option<(String, Source<'a>)> {
        let expr = compile(expression, self.env).ok()?;
        let mut read = BTreeSet::new();
        paths(expr.tree(), &mut read);
        read.into_iter().find_map(|path| {
            let (_, source) = self.told.iter().find(|(told, _)| overlap(told, &path))?;
            Some((path, *source))
        })
    }

    fn emitted(&self, emit: &Emit, path: &str, findings: &mut Findings) {
        if emit.legal_basis.is_some() {
            return;
        }
        for (name, attribute) in &emit.attributes {
            let Some((read, (registry, operation))) = self.source(attribute) else { continue };
            findings.error(
                "data.purpose",
                &format!("{path}.attributes.{name}"),
                format!("`{read}` comes from `{registry}/{operation}`, which tells it for this case alone, and goes out with the event `{}`", emit.event),
                "leave it out, or say under `legalBasis` which act allows it",
            );
        }
    }

    fn asked(&self, call: &Call, path: &str, findings: &mut Findings) {
        if call.legal_basis.is_some() {
            return;
        }
        for (name, input) in &call.input {
            let told = self.source(input).filter(|(_, (registry, _))| *registry != call.registry);
            let Some((read, (registry, operation))) = told else { continue };
            findings.error(
                "data.purpose",
                &format!("{path}.input.{name}"),
                format!("`{read}` comes from `{registry}/{operation}`, which tells it for this case alone, and goes to the registry `{}`", call.registry),
                "leave it out, or say under `legalBasis` which act allows it",
            );
        }
    }
}
