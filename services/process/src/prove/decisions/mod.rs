//! Decisions leave nothing open, contradict themselves nowhere and have no branch that nothing reaches; where one does, an example
//! input shows it.
//!
//! Each condition is a combination of tests on variables, and each variable is cut into classes that no test tells apart. So one
//! example of each class stands for all values, and trying every combination is a proof. What cannot be read may be so or not: it is
//! only spoken of where it makes no difference.

mod asked;
mod domain;
mod judge;
mod logic;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use api::{Form, ServiceDefinition, StartKind};
use cel::IdedExpr;
use serde_json::Value;

use super::tree::overlap;
use crate::{
    check::{
        Findings, Options,
        schema::{self, Found as Place},
    },
    expr::{Expr, TypeEnv, compile},
    reference::Reference,
    table::Constant,
};
use asked::{Asked, Rest, Rule};
use domain::{Class, Origin, Sample, classes};
use judge::{Found, Order, Question, Verdict};
use logic::{Logic, Reader, Variable};

/// Judges every decision of the definition.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let standard = Reference::standard();
    let names = if options.reference_names.is_empty() { standard.names() } else { options.reference_names.to_vec() };
    let env = TypeEnv::of_definition(definition, &names);
    let draft = env.of_draft();
    // What follows another case has only what it took over.
    let follows = definition.spec.starts.iter().any(|start| start.kind == StartKind::Case);
    let data = definition.spec.data.as_ref().filter(|_| !follows);
    let required = data.map(|data| schema::required(&data.schema)).unwrap_or_default();
    let room = Room { definition, options, required };
    for asked in asked::of_definition(definition, &env) {
        room.judge(&asked, if asked.draft { &draft } else { &env }, findings);
    }
}

struct Room<'a> {
    definition: &'a ServiceDefinition,
    options: &'a Options<'a>,
    /// Paths of the data that every application has.
    required: Vec<String>,
}

impl Room<'_> {
    fn judge(&self, asked: &Asked, env: &TypeEnv, findings: &mut Findings) {
        let each = |rule: &Rule| rule.when.iter().map(|when| compile(when, env)).collect::<Result<Vec<Expr>, _>>();
        let compiled = asked.rules.iter().map(each);
        // What is wrong with an expression is told already.
        let Ok(compiled) = compiled.collect::<Result<Vec<_>, _>>() else { return };
        if compiled.is_empty() {
            return;
        }
        let trees: Vec<Vec<&IdedExpr>> = compiled.iter().map(|parts| parts.iter().map(Expr::tree).collect()).collect();
        let (mut reader, mut rules) = Reader::read(env, &trees);
        for (place, rule) in asked.rules.iter().enumerate().filter(|(_, rule)| rule.and_more) {
            let besides = reader.open(format!("what else {} needs", rule.name), BTreeSet::new());
            let condition = std::mem::replace(&mut rules[place], Logic::Always(true));
            rules[place] = Logic::All(vec![condition, besides]);
        }
        let known = self.known(&mut reader, env);
        let unsure = known.is_none();
        let known = known.unwrap_or_default();
        let variables = reader.variables;
        let all: Vec<Vec<Class>> =
            variables.iter().map(|variable| classes(variable, self.origin(variable, asked.draft))).collect();
        let opaque: Vec<bool> = variables.iter().map(|variable| variable.opaque).collect();
        let question = Question {
            rules: &rules,
            known: &known,
            classes: &all,
            opaque: &opaque,
            order: asked.order,
            entangled: unsure || entangled(&variables),
        };
        match question.judge() {
            Some(verdict) => tell(asked, &verdict, &|at: &[usize]| example(&variables, &all, at), findings),
            None => too_many(asked, findings),
        }
    }

    /// What the checks of forms say of the values that are decided by: whoever applies has passed them. Nothing where one of them
    /// cannot be read, or also speaks of something else.
    fn known(&self, reader: &mut Reader<'_>, env: &TypeEnv) -> Option<Vec<Logic>> {
        let names: BTreeSet<String> = reader.variables.iter().map(|variable| variable.name.clone()).collect();
        let fields = self.definition.spec.forms.iter().flat_map(Form::fields).map(|(_, field)| field);
        let looked_at = fields.filter(|field| names.contains(&format!("data.{}", field.at)));
        let mut known = Vec::new();
        for check in looked_at.flat_map(|field| &field.check) {
            let expr = compile(&check.that, env).ok()?;
            let (alone, _) = Reader::read(env, &[vec![expr.tree()]]);
            if alone.variables.iter().any(|variable| variable.opaque || !names.contains(&variable.name)) {
                return None;
            }
            known.push(reader.logic(expr.tree()));
        }
        Some(known)
    }

    fn origin(&self, variable: &Variable, draft: bool) -> Origin<'_> {
        if !variable.is_path {
            return Origin::default();
        }
        if let Some(path) = variable.name.strip_prefix("data.") {
            let data = self.definition.spec.data.as_ref();
            let found = data.map(|data| schema::at(&data.schema, path));
            let schema = found.and_then(|found| match found {
                Place::Schema(schema) => Some(schema),
                Place::Unknown { .. } => None,
            });
            let always = !draft && self.required.iter().any(|required| overlap(required, path));
            let mut asked = self.definition.spec.forms.iter().filter_map(|form| form.field(path));
            let offered = asked.any(|field| !field.options.is_empty() || field.options_from.is_some());
            return Origin { schema, always, offered };
        }
        Origin { schema: self.of_fact(&variable.name), ..Origin::default() }
    }

    /// What the contract of the registry says about a value of its answer.
    fn of_fact(&self, name: &str) -> Option<&Value> {
        let (fact, path) = name.strip_prefix("facts.")?.split_once('.')?;
        let mut calls = self.definition.steps().iter().filter_map(|step| step.call.as_ref());
        let call = calls.find(|call| call.fact() == fact)?;
        let registry = self.options.registries.iter().find(|registry| registry.metadata.name == call.registry)?;
        match schema::at(&registry.operation(&call.operation)?.output, path) {
            Place::Schema(schema) => Some(schema),
            Place::Unknown { .. } => None,
        }
    }
}

/// Whether one value is looked at in two ways, so that not every combination of them can come.
fn entangled(variables: &[Variable]) -> bool {
    let used = |variable: &&Variable| !variable.opaque && (variable.has || variable.null || !variable.kinds.is_empty());
    let plain: Vec<&Variable> = variables.iter().filter(used).collect();
    let hang_together = |one: &Variable, other: &Variable| {
        one.reads.iter().any(|path| other.reads.iter().any(|read| overlap(path, read)))
    };
    plain.iter().enumerate().any(|(place, one)| plain[place + 1..].iter().any(|other| hang_together(one, other)))
}

fn too_many(asked: &Asked, findings: &mut Findings) {
    let message = "what is decided here has too many combinations to try all of them".to_owned();
    if matches!(asked.rest, Rest::Open) {
        findings.error("decision.gap", &asked.at, message, "add `otherwise`, or decide in several steps");
    } else {
        findings.warn("decision.not-judged", &asked.at, message, "decide in several steps, or by fewer inputs");
    }
}

fn tell(asked: &Asked, verdict: &Verdict, example: &dyn Fn(&[usize]) -> String, findings: &mut Findings) {
    unreached(asked, verdict, findings);
    gap(asked, verdict, example, findings);
    if asked.order == Order::Unique {
        overlapping(asked, verdict, example, findings);
    }
}

fn unreached(asked: &Asked, verdict: &Verdict, findings: &mut Findings) {
    for (place, rule) in asked.rules.iter().enumerate().filter(|(place, _)| !verdict.reached[*place]) {
        let before: Vec<&str> = verdict.taken_by[place].iter().map(|other| asked.rules[*other].name.as_str()).collect();
        let (message, help) = if before.is_empty() {
            (
                format!("the condition of {} never counts, whatever comes", rule.name),
                "correct the condition, or take it out",
            )
        } else {
            (
                format!("nothing reaches {}: wherever it holds, {} decides before it", rule.name, before.join(" or ")),
                "put it first, narrow what stands before it, or take it out",
            )
        };
        findings.error("decision.unreachable", &rule.at, message, help);
    }
    if let (Rest::Otherwise(at), Found::Never) = (&asked.rest, &verdict.gap) {
        findings.error(
            "decision.unreachable",
            at,
            "nothing reaches `otherwise`: what stands before it covers everything",
            "leave `otherwise` out",
        );
    }
}

fn gap(asked: &Asked, verdict: &Verdict, example: &dyn Fn(&[usize]) -> String, findings: &mut Findings) {
    let message = match (&asked.rest, &verdict.gap) {
        (Rest::Open, Found::Surely(at)) => format!("nothing says what follows where {}", example(at)),
        (Rest::Open, Found::Perhaps) => "whether something always follows here cannot be told".to_owned(),
        _ => return,
    };
    findings.error("decision.gap", &asked.at, message, "add what is missing, or `otherwise`");
}

fn overlapping(asked: &Asked, verdict: &Verdict, example: &dyn Fn(&[usize]) -> String, findings: &mut Findings) {
    let Some((one, other)) = verdict.both else { return };
    let (one, other) = (&asked.rules[one].name, &asked.rules[other].name);
    match &verdict.overlap {
        Found::Surely(at) => findings.error(
            "decision.overlap",
            &asked.at,
            format!("more than one rule holds where {}", example(at)),
            format!("narrow {one} or {other}, or write `hit: first`"),
        ),
        Found::Perhaps => findings.warn(
            "decision.not-judged",
            &asked.at,
            format!("whether {one} and {other} can hold at once cannot be told"),
            "write `hit: first`, or conditions that exclude each other",
        ),
        Found::Never => {}
    }
}

/// The combination in words; what cannot be read makes no difference there.
fn example(variables: &[Variable], classes: &[Vec<Class>], at: &[usize]) -> String {
    let each = variables.iter().zip(classes).zip(at).filter(|((variable, _), _)| !variable.opaque);
    let told = each.filter_map(|((variable, classes), class)| {
        Some(format!("`{}` is {}", variable.name, said(&classes.get(*class)?.sample)))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "anything comes".to_owned() } else { told.join(" and ") }
}

fn said(sample: &Sample) -> String {
    match sample {
        Sample::Known(Constant::Bool(yes)) => yes.to_string(),
        Sample::Known(Constant::Number(number)) => number.to_string(),
        Sample::Known(Constant::Text(text)) => format!("\"{text}\""),
        Sample::Known(Constant::Date(day)) => day.to_string(),
        Sample::OtherText => "any other text".to_owned(),
        Sample::Present => "there".to_owned(),
        Sample::Absent => "not there".to_owned(),
        Sample::Null => "empty".to_owned(),
        Sample::Foreign => "of another kind".to_owned(),
    }
}
