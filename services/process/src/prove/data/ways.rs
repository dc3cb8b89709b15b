//! What each step reads, and what is known once it is left by each of its ways.

use std::collections::{BTreeMap, BTreeSet};

use api::{Decide, Fee, Form, ServiceDefinition, Step, StepKind};

use super::reads::{Known, Read, conditions, holds, reads};
use crate::{
    expr::{Expr, TypeEnv, compile},
    table,
};

/// A read, and where it is written.
pub struct Place {
    pub at: String,
    pub read: Read,
}

/// A way out of a step.
pub struct Way {
    pub to: String,
    /// As the definition names it: `next`, `onTimeout`, `task.outcomes[0].next`.
    pub field: String,
    /// Paths that are there then, and conditions that hold.
    pub gives: Known,
    /// Paths that may be gone.
    pub takes: BTreeSet<String>,
    /// Values were changed: no condition is known to hold any more.
    pub changes: bool,
}

impl Way {
    fn new(field: &str, to: &str) -> Self {
        let (to, field) = (to.to_owned(), field.to_owned());
        Self { to, field, gives: Known::new(), takes: BTreeSet::new(), changes: false }
    }
}

/// Reads definitions with the types of their expressions.
pub struct Reader<'a> {
    pub definition: &'a ServiceDefinition,
    pub env: &'a TypeEnv,
}

impl Reader<'_> {
    /// What is wrong with an expression is told already.
    fn compile(&self, source: &str) -> Option<Expr> {
        compile(source, self.env).ok()
    }

    fn read(&self, at: &str, source: &str, known: &Known, places: &mut Vec<Place>) {
        let Some(expr) = self.compile(source) else { return };
        let mut found = Vec::new();
        reads(expr.tree(), known, &mut found);
        places.extend(found.into_iter().map(|read| Place { at: at.to_owned(), read }));
    }

    fn hold(&self, source: &str, truth: bool, known: &mut Known) {
        if let Some(expr) = self.compile(source) {
            holds(expr.tree(), truth, true, known);
        }
    }

    /// What the step reads that it cannot do without. A task's terms can: one that cannot be judged does not hold.
    pub fn places(&self, step: &Step, path: &str) -> Vec<Place> {
        let mut places = Vec::new();
        let nothing = Known::new();
        match step.kind() {
            Some(StepKind::Task(task)) => {
                if let Some(office) = &task.office {
                    self.read(&format!("{path}.task.office"), office, &nothing, &mut places);
                }
            }
            Some(StepKind::Payment(name)) => {
                if let Some(fee) = self.definition.fee(name) {
                    self.of_fee(fee, &format!("{path}.payment"), &mut places);
                }
            }
            Some(StepKind::Call(call)) => {
                for (name, source) in &call.input {
                    self.read(&format!("{path}.call.input.{name}"), source, &nothing, &mut places);
                }
            }
            Some(StepKind::Decide(decide)) => self.of_decide(decide, &format!("{path}.decide"), &mut places),
            Some(StepKind::Wait(wait)) => {
                if let Some(until) = &wait.until {
                    self.read(&format!("{path}.wait.until"), until, &nothing, &mut places);
                }
            }
            Some(StepKind::Emit(emit)) => {
                for (name, source) in &emit.attributes {
                    self.read(&format!("{path}.emit.attributes.{name}"), source, &nothing, &mut places);
                }
            }
            Some(StepKind::Set(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.read(&format!("{path}.set[{index}].to"), &value.to, &nothing, &mut places);
                }
            }
            _ => {}
        }
        places
    }

    /// Payments reckons the fee from what the case knows then. A waiver that cannot be judged does not apply.
    fn of_fee(&self, fee: &Fee, at: &str, places: &mut Vec<Place>) {
        self.read(at, &fee.amount, &Known::new(), places);
        for waiver in &fee.waivers {
            let mut known = Known::new();
            self.hold(&waiver.when, true, &mut known);
            if let Some(amount) = &waiver.amount {
                self.read(at, amount, &known, places);
            }
        }
    }

    fn of_decide(&self, decide: &Decide, path: &str, places: &mut Vec<Place>) {
        let mut known = Known::new();
        for (index, case) in decide.cases.iter().enumerate() {
            self.read(&format!("{path}.cases[{index}].when"), &case.when, &known, places);
            self.hold(&case.when, false, &mut known);
        }
        let Some(table) = &decide.table else { return };
        for (index, input) in table.inputs.iter().enumerate() {
            self.read(&format!("{path}.table.inputs[{index}].is"), &input.is, &known, places);
        }
        for (index, rule) in table.rules.iter().enumerate() {
            let path = format!("{path}.table.rules[{index}]");
            for (index, value) in rule.set.iter().enumerate() {
                self.read(&format!("{path}.set[{index}].to"), &value.to, &known, places);
            }
            if let Some(gives) = &rule.gives {
                self.read(&format!("{path}.gives"), gives, &known, places);
            }
        }
    }

    /// Every way on which the token itself goes on; branches and what undoes the step are followed apart.
    pub fn ways(&self, step: &Step) -> Vec<Way> {
        if let Some(StepKind::Decide(decide)) = step.kind() {
            let mut ways = self.decided(decide);
            ways.extend(step.on_error.as_ref().map(|to| Way::new("onError", to)));
            return ways;
        }
        let forks = step.parallel.is_some();
        let followed =
            |field: &str| field != "compensate" && !(forks && (field == "next" || field.starts_with("parallel")));
        let outgoing = step.outgoing().into_iter().filter(|way| followed(&way.field));
        outgoing
            .map(|outgoing| {
                let mut way = Way::new(&outgoing.field, outgoing.to);
                self.outcome(step, &mut way);
                way
            })
            .collect()
    }

    fn outcome(&self, step: &Step, way: &mut Way) {
        match (step.kind(), way.field.as_str()) {
            (Some(StepKind::Form(name)), "next") => {
                for (field, certain) in self.definition.form(name).into_iter().flat_map(answers) {
                    let path = format!("data.{}", field.at);
                    if certain {
                        way.gives.insert(path);
                    } else {
                        way.takes.insert(path);
                    }
                }
                way.changes = true;
            }
            // What another agency says is an opinion, not the decision.
            (Some(StepKind::Task(task)), field)
                if field.starts_with("task.outcomes")
                    && task.agency.as_ref().is_none_or(|agency| *agency == self.definition.spec.agency) =>
            {
                way.gives.insert("case.decision".to_owned());
            }
            (Some(StepKind::Call(call)), "next") => {
                way.gives.insert(format!("facts.{}", call.fact()));
            }
            (Some(StepKind::Call(call)), "onNotFound" | "onUnavailable" | "onTimeout" | "onError") => {
                way.takes.insert(format!("facts.{}", call.fact()));
            }
            (Some(StepKind::Set(values)), "next") => {
                way.gives.extend(values.iter().map(|value| format!("data.{}", value.at)));
                way.changes = true;
            }
            _ => {}
        }
    }

    fn decided(&self, decide: &Decide) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut known = Known::new();
        for (index, case) in decide.cases.iter().enumerate() {
            let mut way = Way::new(&format!("decide.cases[{index}].next"), &case.next);
            way.gives.clone_from(&known);
            self.hold(&case.when, true, &mut way.gives);
            ways.push(way);
            self.hold(&case.when, false, &mut known);
        }
        if let Some(table) = &decide.table {
            ways.extend(self.by_table(table, &mut known));
        }
        if let Some(to) = &decide.otherwise {
            let mut way = Way::new("decide.otherwise", to);
            way.gives = known;
            ways.push(way);
        }
        ways
    }

    /// Whatever follows, the inputs were read.
    fn by_table(&self, table: &api::Table, known: &mut Known) -> Vec<Way> {
        for input in &table.inputs {
            self.hold(&input.is, true, known);
        }
        let types = table::types(table, self.env).unwrap_or_default();
        let mut ways = Vec::new();
        for (index, rule) in table.rules.iter().enumerate() {
            let Some(next) = &rule.next else { continue };
            let mut way = Way::new(&format!("decide.table.rules[{index}].next"), next);
            way.gives.clone_from(known);
            for condition in table::conditions(table, rule, &types).unwrap_or_default() {
                self.hold(&condition, true, &mut way.gives);
            }
            way.gives.extend(rule.set.iter().map(|value| format!("data.{}", value.at)));
            way.changes = !rule.set.is_empty();
            ways.push(way);
        }
        if let Some(collect) = &table.collect {
            let mut way = Way::new("decide.table.collect.next", &collect.next);
            way.gives.clone_from(known);
            way.gives.insert(format!("data.{}", collect.at));
            way.changes = true;
            ways.push(way);
        }
        ways
    }

    /// Of each path that is only asked where conditions hold, the conditions of each question.
    pub fn conditional(&self) -> BTreeMap<String, Vec<Known>> {
        let mut found: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        for (page, field) in
            self.definition.spec.forms.iter().flat_map(Form::fields).filter(|(_, field)| !field.optional)
        {
            let mut known = Known::new();
            for source in page.when.iter().chain(&field.when) {
                if let Some(expr) = self.compile(source) {
                    conditions(expr.tree(), &mut known);
                }
            }
            if !known.is_empty() {
                found.entry(format!("data.{}", field.at)).or_default().push(known);
            }
        }
        found
    }
}

/// Each field of a form, and whether whoever sends the form has certainly answered it.
fn answers(form: &Form) -> impl Iterator<Item = (&api::Field, bool)> {
    form.fields().map(|(page, field)| {
        let asked = page.when.is_none() && field.when.is_none() && !field.optional;
        let filled = field.repeat.as_ref().is_none_or(|repeat| repeat.min > 0);
        (field, asked && filled)
    })
}
