//! Every wait for somebody has a way out. A draft that nobody touches expires, and whoever applied can withdraw until the application
//! is decided: so only what is asked of them after that needs a time.

use std::collections::{HashMap, VecDeque, hash_map::Entry};

use api::{StepKind, Wait};

use crate::{
    check::{Findings, StoryStep},
    prove::{model::Model, story},
};

pub fn check(model: &Model<'_>, findings: &mut Findings) {
    let decided = decided(model);
    for (at, step) in model.definition.steps().iter().enumerate() {
        let (wrong, help) = match step.kind() {
            Some(StepKind::Payment(_)) if step.timeout.is_none() => {
                ("where nobody pays", "add `timeout` and `onTimeout`, for example `3 days`")
            }
            Some(StepKind::Wait(wait)) if is_for_news(wait) && step.timeout.is_none() => {
                ("where nothing comes", "add `timeout` and `onTimeout`, for example `10 days`")
            }
            Some(StepKind::Task(task)) if task.deadline.is_none() && step.timeout.is_none() => {
                ("where no officer decides", "add `deadline`, for example `2 working days`")
            }
            Some(StepKind::Form(_)) if step.asks().is_none() && step.timeout.is_none() && decided.contains_key(&at) => {
                (
                    "where nobody answers: after a decision it cannot be withdrawn any more",
                    "add `timeout` and `onTimeout`, for example `30 days`",
                )
            }
            _ => continue,
        };
        let way = if step.form.is_some() { way_to(model, &decided, at) } else { Vec::new() };
        let after = if way.is_empty() { String::new() } else { format!("; {}", story::short(&way)) };
        findings.along(way);
        let message = format!("a case stays at `{}` for ever {wrong}{after}", step.name);
        findings.publish("proof.no-way-out", &Model::path(at), message, help);
    }
}

fn is_for_news(wait: &Wait) -> bool {
    wait.message.is_some() || wait.event.is_some()
}

/// From where a case comes to each step once its own agency has decided something.
type Before = HashMap<usize, (usize, Option<usize>)>;

/// Steps to which a case can come after such a decision, each with the step before it and the way out of that.
fn decided(model: &Model<'_>) -> Before {
    let mut before = Before::new();
    let mut open = VecDeque::new();
    for (at, step) in model.definition.steps().iter().enumerate() {
        let own = step
            .task
            .as_ref()
            .is_some_and(|task| task.agency.as_ref().is_none_or(|agency| *agency == model.definition.spec.agency));
        for (way, out) in model.nodes[at].ways.iter().enumerate().filter(|(_, out)| own && out.local.decided) {
            if let Entry::Vacant(place) = before.entry(out.to) {
                place.insert((at, Some(way)));
                open.push_back(out.to);
            }
        }
    }
    while let Some(at) = open.pop_front() {
        let ways = model.nodes[at].ways.iter().enumerate().map(|(way, out)| (out.to, Some(way)));
        let more = model.following(at).into_iter().map(|to| (to, None));
        for (to, way) in ways.chain(more).collect::<Vec<_>>() {
            if let Entry::Vacant(place) = before.entry(to) {
                place.insert((at, way));
                open.push_back(to);
            }
        }
    }
    before
}

fn way_to(model: &Model<'_>, before: &Before, to: usize) -> Vec<StoryStep> {
    let mut told = Vec::new();
    let mut at = to;
    while let Some((from, way)) = before.get(&at) {
        let how = way.map(|way| model.nodes[*from].ways[way].how.clone()).unwrap_or_default();
        let is_decision = way.is_some_and(|way| model.nodes[*from].ways[way].local.decided);
        told.push(StoryStep { step: model.name(*from).to_owned(), how });
        at = *from;
        if is_decision || told.len() > model.nodes.len() {
            break;
        }
    }
    told.reverse();
    told.push(StoryStep { step: model.name(to).to_owned(), how: "nobody answers".to_owned() });
    told
}
