//! However a case came to where it is, it can still come to an end.

use crate::{
    check::Findings,
    prove::{
        Proof,
        model::Model,
        state::{Node, Token},
        story,
    },
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let ending = proof.space.leads_to(|node| matches!(node, Node::Ended { .. }));
    let Some(node) = ending.iter().position(|ending| !ending) else { return };
    let Node::Running(token, _) = &proof.space.nodes[node] else { return };
    let way = story::of(proof.model, &proof.space.way_to(node));
    let step = last(token);
    let name = proof.model.name(step);
    let message = format!("a case that comes to `{name}` like this never ends: {}", story::short(&way));
    findings.along(way);
    findings.error(
        "proof.dead-end",
        &Model::path(step),
        message,
        "let what holds then lead to an end, or let every branch come to where they meet",
    );
}

/// Where it stands, or the first of those that it waits for.
fn last(token: &Token) -> usize {
    match token.fork.as_ref().and_then(|branches| branches.open.first()) {
        Some((_, branch)) => last(branch),
        None => token.step,
    }
}
