//! No branch sends the application back: the others would go on with what the applicant is typing.

use std::collections::BTreeSet;

use api::{ServiceDefinition, Step};

use super::findings::Findings;

pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    let branched = branched(definition);
    for (index, step) in definition.steps().iter().enumerate().filter(|(_, step)| branched.contains(step.name.as_str()))
    {
        let outcomes = step.task.iter().flat_map(|task| task.outcomes.iter().enumerate());
        for (at, outcome) in outcomes.filter(|(_, outcome)| definition.returns(outcome)) {
            findings.error(
                "parallel.returns",
                &format!("spec.process.steps[{index}].task.outcomes[{at}].next"),
                format!(
                    "`{}` would return the application to the applicant while other branches go on with it",
                    outcome.name
                ),
                "let the branches meet first, and return it from a task after that; an officer who needs to know something asks a question",
            );
        }
    }
}

/// Steps to which a branch can come before it meets the others.
fn branched(definition: &ServiceDefinition) -> BTreeSet<&str> {
    let mut met = BTreeSet::new();
    for step in definition.steps() {
        let Some(parallel) = &step.parallel else { continue };
        let join = step.next.as_deref();
        let mut of_fork = BTreeSet::new();
        let mut open: Vec<&str> = parallel.branches.iter().map(|branch| branch.start.as_str()).collect();
        while let Some(name) = open.pop() {
            if Some(name) != join && of_fork.insert(name) {
                open.extend(definition.step(name).into_iter().flat_map(ways));
            }
        }
        met.extend(of_fork);
    }
    met
}

fn ways(step: &Step) -> impl Iterator<Item = &str> {
    step.outgoing().into_iter().map(|way| way.to)
}
