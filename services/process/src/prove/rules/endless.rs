//! No case goes round in a circle in which nobody does anything and no time passes.

use std::collections::{BTreeSet, HashMap};

use api::{Step, StepKind};

use super::circles::components;
use crate::{
    check::{Findings, StoryStep},
    expr::{TypeEnv, compile},
    prove::{
        model::{Model, overlaps},
        story,
    },
    reference::Reference,
};

pub fn check(model: &Model<'_>, findings: &mut Findings) {
    let steps = model.definition.steps();
    let index: HashMap<&str, usize> = steps.iter().enumerate().map(|(at, step)| (step.name.as_str(), at)).collect();
    let next = |step: usize| -> Vec<usize> {
        at_once(&steps[step]).into_iter().filter_map(|to| index.get(to).copied()).collect()
    };
    for circle in components(steps.len(), next) {
        let first = circle[0];
        if circle.len() == 1 && !next(first).contains(&first) {
            continue;
        }
        let told = |step: &usize| StoryStep { step: model.name(*step).to_owned(), how: String::new() };
        let way: Vec<StoryStep> = circle.iter().chain([&first]).map(told).collect();
        let path = Model::path(first);
        let short = story::short(&way);
        findings.along(way);
        if may_change(model, &circle) {
            findings.warn(
                "proof.endless",
                &path,
                format!(
                    "the steps go round without waiting, and it cannot be told that what they set ends it: {short}"
                ),
                "let the case wait for somebody, a message or a time in between",
            );
        } else {
            findings.error(
                "proof.endless",
                &path,
                format!("the steps go round without end: nobody acts in between, and nothing changes: {short}"),
                "let the case wait for somebody, a message or a time in between",
            );
        }
    }
}

/// Where a step goes by itself. Once its time has come, a `wait` until a day lets everything through.
fn at_once(step: &Step) -> Vec<&str> {
    match step.kind() {
        Some(StepKind::Decide(_)) => {
            step.outgoing().into_iter().filter(|way| way.field != "compensate").map(|way| way.to).collect()
        }
        Some(StepKind::Set(_) | StepKind::Emit(_)) => {
            step.next.as_deref().into_iter().chain(step.on_error.as_deref()).collect()
        }
        Some(StepKind::Call(_)) => {
            let ways = [step.next.as_deref(), step.on_not_found.as_deref(), step.on_error.as_deref()];
            ways.into_iter().flatten().collect()
        }
        Some(StepKind::Notify(_) | StepKind::Document(_) | StepKind::Refund(_)) => {
            step.next.as_deref().into_iter().collect()
        }
        Some(StepKind::Wait(wait)) if wait.until.is_some() => step.next.as_deref().into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether something in the circle may change what decides in it.
fn may_change(model: &Model<'_>, circle: &[usize]) -> bool {
    let steps = || circle.iter().map(|step| model.step(*step));
    if steps().any(|step| step.call.is_some() && (step.on_not_found.is_some() || step.on_error.is_some())) {
        return true;
    }
    let set = steps().flat_map(Step::sets).map(|at| format!("data.{at}"));
    let facts = steps().filter_map(|step| step.call.as_ref()).map(|call| format!("facts.{}", call.fact()));
    let written: BTreeSet<String> = set.chain(facts).collect();
    let standard = Reference::standard();
    let env = TypeEnv::of_definition(model.definition, &standard.names());
    let decisions = || steps().filter_map(|step| step.decide.as_ref());
    let cases = decisions().flat_map(|decide| &decide.cases).map(|case| &case.when);
    let tables = decisions().filter_map(|decide| decide.table.as_ref());
    let inputs = tables.flat_map(|table| &table.inputs).map(|input| &input.is);
    cases.chain(inputs).any(|source| {
        compile(source, &env)
            .is_ok_and(|when| when.reads().iter().any(|read| written.iter().any(|written| overlaps(written, read))))
    })
}
