//! Every step is taken by some case: not only leads a way there, what has to hold on it can hold.

use std::collections::HashSet;

use crate::{
    check::Findings,
    prove::{
        Proof,
        model::{Kind, Model},
    },
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    // Where a branch meets itself, what would follow was not looked at.
    if !proof.space.nested.is_empty() {
        return;
    }
    let model = proof.model;
    let mut visited: HashSet<usize> = proof.space.visited.clone();
    for (_, closed) in proof.reduction.all() {
        visited.extend(&closed.space.visited);
    }
    let mut reached: Vec<bool> = vec![false; model.nodes.len()];
    let mut open = model.starts.clone();
    while let Some(step) = open.pop() {
        if !std::mem::replace(&mut reached[step], true) {
            open.extend(model.following(step));
        }
    }
    let is_taken = |step: usize| visited.contains(&step) || skipped(model, step);
    for step in (0..model.nodes.len()).filter(|step| reached[*step] && !is_taken(*step)) {
        findings.error(
            "process.unreachable-step",
            &Model::path(step),
            format!("no case comes to the step `{}`: what would have to hold on the way never holds", model.name(step)),
            "mend the conditions before it, or remove it",
        );
    }
}

/// A `parallel` step of which a branch begins at an end is passed at once.
fn skipped(model: &Model<'_>, step: usize) -> bool {
    match &model.nodes[step].kind {
        Kind::Fork(fork) => fork.starts.iter().any(|start| matches!(model.nodes[*start].kind, Kind::End)),
        Kind::Plain | Kind::End => false,
    }
}
