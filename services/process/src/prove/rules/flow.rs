//! No step is dead, and from every step the case can come to an end: as far as the ways alone tell, whatever else is wrong.

use std::collections::{HashMap, VecDeque};

use api::{ServiceDefinition, Step};

use crate::check::Findings;

/// Steps of a way that are told.
const TOLD_MAX: usize = 8;

/// Walks the process from its starts forward and from its ends backward. Gives whether every step that is reached leads to an end.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) -> bool {
    let steps = definition.steps();
    let index: HashMap<&str, usize> =
        steps.iter().enumerate().map(|(index, step)| (step.name.as_str(), index)).collect();
    let forward: Vec<Vec<usize>> = steps
        .iter()
        .map(|step| step.outgoing().iter().filter_map(|way| index.get(way.to).copied()).collect())
        .collect();
    let mut backward = vec![Vec::new(); steps.len()];
    for (from, targets) in forward.iter().enumerate() {
        for to in targets {
            backward[*to].push(from);
        }
    }
    let start = definition.spec.process.iter().map(|process| process.start.as_str());
    let starts = start.chain(definition.spec.starts.iter().map(|start| start.step.as_str()));
    let reached = walk(&forward, starts.filter_map(|name| index.get(name).copied()).collect());
    let ends = steps.iter().enumerate().filter(|(_, step)| step.end.is_some()).map(|(index, _)| index).collect();
    let ending = walk(&backward, ends);
    let any_reached = reached.iter().any(Option::is_some);
    let mut can_end = true;
    for (index, step) in steps.iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        if any_reached && reached[index].is_none() {
            findings.error(
                "process.unreachable-step",
                &path,
                format!("no way leads to the step `{}`", step.name),
                "let a step go there, or remove it",
            );
        } else if ending[index].is_none() {
            can_end = false;
            findings.error(
                "process.no-way-to-end",
                &path,
                format!("from the step `{}` no way leads to an end{}", step.name, story(steps, &reached, index)),
                "let it go to a step with `end`",
            );
        }
    }
    can_end
}

/// From where each step is reached by the shortest way; where one begins, from itself.
fn walk(ways: &[Vec<usize>], begins: Vec<usize>) -> Vec<Option<usize>> {
    let mut from = vec![None; ways.len()];
    let mut open = VecDeque::new();
    for step in begins {
        from[step] = Some(step);
        open.push_back(step);
    }
    while let Some(step) = open.pop_front() {
        for next in &ways[step] {
            if from[*next].is_none() {
                from[*next] = Some(step);
                open.push_back(*next);
            }
        }
    }
    from
}

/// How a case comes there, in its last steps; nothing of where it begins.
fn story(steps: &[Step], reached: &[Option<usize>], to: usize) -> String {
    let before = |step: &usize| reached[*step].filter(|before| before != step);
    let mut told: Vec<&str> =
        std::iter::successors(Some(to), before).take(TOLD_MAX).map(|step| steps[step].name.as_str()).collect();
    if told.len() < 2 {
        return String::new();
    }
    told.reverse();
    format!("; a case comes there by `{}`", told.join("` \u{2192} `"))
}
