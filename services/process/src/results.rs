//! What rules gave and officers decided in a case until now, each with the facts as they were at that moment: read from its events.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Money, Time, id::CaseId};
use serde_json::{Map, Value};

use crate::{
    action::Request,
    apply::apply_to,
    case::{CaseState, OfficerDecision},
    event::{Chosen, Event, What},
    expr::Expr,
    fees::Charge,
    paths,
    process::{Process, Surroundings},
    reference::Reference,
};

/// One result.
#[derive(Clone, PartialEq)]
pub struct Given {
    pub at: Time,
    /// The step, as the definition names it.
    pub step: String,
    pub by: By,
    /// What the rule read; of a person's decision nothing.
    pub used: Vec<Used>,
}

#[derive(Clone, PartialEq)]
pub enum By {
    /// Which case of a `decide` step held, or which rules of its table by name, and where it led. None of both: no rule did.
    Way {
        case: Option<usize>,
        fired: Vec<String>,
        next: String,
    },
    /// What was put there, and the expression of a `set` step that gave it; of a table's rules that is empty.
    Value {
        at: String,
        rule: String,
        value: Value,
    },
    /// What payments asks for a fee, with its arithmetic where that can be read.
    Fee {
        fee: String,
        amount: Money,
        charge: Option<Box<Charge>>,
    },
    Decision(Box<OfficerDecision>),
}

/// A value that a rule read.
#[derive(Clone, PartialEq)]
pub struct Used {
    /// `data.marriage.date`, `facts.record.state`, `ref.bhm`
    pub path: String,
    /// None: there was none.
    pub value: Option<Value>,
    pub whence: Whence,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whence {
    /// Somebody answered it in a form.
    Answer,
    /// A `set` step of the case put it there.
    Computed,
    /// `registry/operation`, and when it was read; it was not where the registry gave no answer.
    Registry { source: String, read: Option<Time> },
    /// An officer's decision.
    Decision,
    /// What identity says of the applicant.
    Person,
    /// What the case is: its number, its day, its office.
    Case,
    /// The law sets it, from this day on (ISO 8601).
    Law { from: String },
}

/// In the order in which it happened.
pub fn of_case(process: &Process, case: CaseId, events: &[Event], reference: &Reference) -> Vec<Given> {
    let mut reading = Reading {
        process,
        reference,
        state: CaseState::absent(case),
        computed: BTreeSet::new(),
        asked: BTreeMap::new(),
        given: Vec::new(),
    };
    events.iter().for_each(|event| reading.read(event));
    reading.given
}

struct Reading<'a> {
    process: &'a Process,
    reference: &'a Reference,
    /// As it was before the event that is read.
    state: CaseState,
    /// Paths of the data that `set` steps wrote.
    computed: BTreeSet<String>,
    /// The case as it was when payments were asked, by step and activation: the answer comes later.
    asked: BTreeMap<(String, u32), CaseState>,
    given: Vec<Given>,
}

impl Reading<'_> {
    fn read(&mut self, event: &Event) {
        match &event.what {
            What::Chosen(chosen) => self.chosen(event.at, chosen),
            What::ValuesSet { step, values } => self.set(event.at, step, values),
            What::ActionRequested { action } if matches!(action.request, Request::CreateIntent { .. }) => {
                self.asked.insert((action.step.clone(), action.activation), self.state.clone());
            }
            What::IntentOpened { step, activation, fee, amount, arithmetic, .. } => {
                let known = self.asked.remove(&(step.clone(), *activation));
                let charge: Option<Charge> = serde_json::from_value(arithmetic.clone()).ok();
                let used = self.used(known.as_ref().unwrap_or(&self.state), &rules_of(charge.as_ref()));
                let by = By::Fee { fee: fee.clone(), amount: *amount, charge: charge.map(Box::new) };
                self.given.push(Given { at: event.at, step: step.clone(), by, used });
            }
            _ => {}
        }
        apply_to(&mut self.state, event);
        if let (What::TaskDecided { .. }, Some(decision)) = (&event.what, self.state.decisions.last()) {
            let (step, by) = (decision.step.clone(), By::Decision(Box::new(decision.clone())));
            self.given.push(Given { at: event.at, step, by, used: Vec::new() });
        }
    }

    /// Of a case that held its own condition; where none did, all of them. A table looks at all its inputs.
    fn chosen(&mut self, at: Time, Chosen { step, rule, next, fired, .. }: &Chosen) {
        let declared = self.process.step(step).and_then(|step| step.decide.as_ref());
        let cases = declared.map(|decide| decide.cases.as_slice()).unwrap_or_default();
        let case = rule.strip_prefix("cases[").and_then(|rest| rest.strip_suffix(']')?.parse::<usize>().ok());
        let judged = case.map_or(cases, |case| cases.get(case..=case).unwrap_or_default());
        let inputs = declared.and_then(|decide| decide.table.as_ref()).into_iter().flat_map(|table| &table.inputs);
        let rules = judged.iter().map(|case| case.when.as_str()).chain(inputs.map(|input| input.is.as_str()));
        let used = self.used(&self.state, &rules.collect::<Vec<_>>());
        let by = By::Way { case, fired: fired.clone(), next: next.clone() };
        self.given.push(Given { at, step: step.clone(), by, used });
    }

    /// Each value by itself, in the order of the definition.
    fn set(&mut self, at: Time, step: &str, values: &Map<String, Value>) {
        let Some(declared) = self.process.step(step) else { return };
        for path in declared.sets().collect::<BTreeSet<_>>() {
            let Some(value) = values.get(path) else { continue };
            let set = declared.set.iter().flatten().find(|set| set.at == path);
            let rule = set.map(|set| set.to.clone()).unwrap_or_default();
            let used = self.used(&self.state, &[rule.as_str()]);
            let by = By::Value { at: path.to_owned(), rule, value: value.clone() };
            self.given.push(Given { at, step: step.to_owned(), by, used });
        }
        self.computed.extend(values.keys().cloned());
    }

    /// What these expressions read, each value once.
    fn used(&self, state: &CaseState, rules: &[&str]) -> Vec<Used> {
        let expressions = rules.iter().filter_map(|rule| self.process.expression(rule));
        let paths: BTreeSet<&str> = expressions.flat_map(leaves).collect();
        let surroundings = Surroundings::of(state);
        paths.into_iter().map(|path| self.value(state, &surroundings, path)).collect()
    }

    fn value(&self, state: &CaseState, surroundings: &Surroundings, path: &str) -> Used {
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        let (value, whence) = match root {
            "data" => (paths::get(&state.data, rest).cloned(), self.whence_of_data(state, rest)),
            "facts" => (paths::get(&state.facts, rest).cloned(), self.whence_of_fact(state, rest)),
            "applicant" => (paths::get(surroundings.applicant(), rest).cloned(), Whence::Person),
            "ref" => {
                let known = self.reference.value(rest, state.submitted.unwrap_or(state.changed));
                let from = known.map(|known| known.from.to_string()).unwrap_or_default();
                (known.map(|known| Value::String(known.amount.to_string())), Whence::Law { from })
            }
            _ => {
                let decided = rest == "decision" || rest.starts_with("decision.");
                let whence = if decided { Whence::Decision } else { Whence::Case };
                (paths::get(surroundings.case(), rest).cloned(), whence)
            }
        };
        Used { path: path.to_owned(), value, whence }
    }

    fn whence_of_data(&self, state: &CaseState, at: &str) -> Whence {
        if self.computed.contains(at) {
            return Whence::Computed;
        }
        match state.prefill.get(at).filter(|_| !state.disputed.contains(at)) {
            Some(held) => Whence::Registry { source: held.source.clone(), read: Some(held.read) },
            None => Whence::Answer,
        }
    }

    /// Where no answer came, of whom it was asked.
    fn whence_of_fact(&self, state: &CaseState, path: &str) -> Whence {
        let name = path.split('.').next().unwrap_or_default();
        if let Some(source) = state.sources.get(name) {
            return Whence::Registry { source: source.source.clone(), read: Some(source.read) };
        }
        let mut calls = self.process.definition().steps().iter().filter_map(|step| step.call.as_ref());
        let call = calls.find(|call| call.fact() == name);
        let source = call.map(|call| format!("{}/{}", call.registry, call.operation)).unwrap_or_default();
        Whence::Registry { source, read: None }
    }
}

/// What gave an amount: its expression, and the condition of what spares somebody.
fn rules_of(charge: Option<&Charge>) -> Vec<&str> {
    let Some(charge) = charge else { return Vec::new() };
    let waiver = charge.waiver.as_ref().map(|waiver| waiver.when.as_str());
    [charge.formula.as_str()].into_iter().chain(waiver).collect()
}

/// Values, without the objects on the way to them.
fn leaves(expression: &Expr) -> impl Iterator<Item = &str> {
    let reads = expression.reads();
    let is_leaf = move |path: &&String| {
        let beneath = format!("{path}.");
        !reads.iter().any(|other| other.starts_with(&beneath))
    };
    reads.iter().filter(is_leaf).map(String::as_str)
}
