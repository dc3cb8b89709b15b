//! No two branches are on one step that waits for something: whoever acts there would not know for which.

use std::collections::BTreeSet;

use crate::{
    check::Findings,
    prove::{
        Proof,
        explore::{Space, Standing},
        model::Model,
        story,
        ways::Hop,
    },
};

const HELP: &str = "let only one of the branches go there, or give each a step of its own";

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    one(proof, &proof.space, &[], &mut told, findings);
    for (fork, closed) in proof.reduction.all() {
        let before = proof.space.forks.get(&fork).map(|node| proof.space.way_to(*node)).unwrap_or_default();
        one(proof, &closed.space, &before, &mut told, findings);
    }
}

fn one(proof: &Proof<'_, '_>, space: &Space, before: &[Hop], told: &mut BTreeSet<usize>, findings: &mut Findings) {
    let model = proof.model;
    for ((fork, step), standing) in &space.standing {
        let Some(met) = met(standing).filter(|_| told.insert(*step)) else { continue };
        let way = story::of(model, &[before, &met.way].concat());
        let (name, fork) = (model.name(*step), model.name(*fork));
        let message = format!("two branches of `{fork}` can be on the step `{name}` at once: {}", story::short(&way));
        findings.along(way);
        findings.error("proof.two-at-once", &Model::path(*step), message, HELP);
    }
    for (step, hops) in &space.nested {
        if !told.insert(*step) {
            continue;
        }
        let way = story::of(model, &[before, hops].concat());
        let name = model.name(*step);
        let message = format!("a branch of `{name}` comes to `{name}` itself: {}", story::short(&way));
        findings.along(way);
        findings.error("proof.two-at-once", &Model::path(*step), message, HELP);
    }
}

/// Of two branches that can be there together, the one with the longer way.
fn met(standing: &[Standing]) -> Option<&Standing> {
    let meets =
        |one: &&Standing| standing.iter().any(|other| other.branch != one.branch && other.shared.agrees(&one.shared));
    standing.iter().filter(meets).max_by_key(|one| one.way.len())
}
