//! No step is dead, and from every step the case can come to an end.

use std::collections::HashMap;

use api::ServiceDefinition;

use super::findings::Findings;

/// Walks the process from its starts forward and from its ends backward.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
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
    let any_reached = reached.iter().any(|reached| *reached);
    for (index, step) in steps.iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        if any_reached && !reached[index] {
            findings.error(
                "process.unreachable-step",
                &path,
                format!("no way leads to the step `{}`", step.name),
                "let a step go there, or remove it",
            );
        } else if !ending[index] {
            findings.error(
                "process.no-way-to-end",
                &path,
                format!("from the step `{}` no way leads to an end", step.name),
                "let it go to a step with `end`",
            );
        }
    }
}

fn walk(ways: &[Vec<usize>], mut open: Vec<usize>) -> Vec<bool> {
    let mut seen = vec![false; ways.len()];
    for step in &open {
        seen[*step] = true;
    }
    while let Some(step) = open.pop() {
        for next in &ways[step] {
            if !seen[*next] {
                seen[*next] = true;
                open.push(*next);
            }
        }
    }
    seen
}
