//! No way takes one fee twice.

use std::collections::BTreeSet;

use crate::{
    check::Findings,
    prove::{
        Proof,
        model::Model,
        state::{Node, Shared},
        story,
        ways::Hop,
    },
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let model = proof.model;
    let mut told = BTreeSet::new();
    for (node, kept) in proof.space.nodes.iter().enumerate() {
        let (Node::Running(_, shared) | Node::Ended { shared, .. }) = kept else { continue };
        let Some(twice) = twice(model, shared) else { continue };
        let hops = proof.space.way_to(node);
        let pays = |step: usize| {
            model.payments.iter().enumerate().any(|(at, payment)| payment.step == step && twice & (1 << at) != 0)
        };
        let last = hops.iter().rev().find_map(|hop| match hop {
            Hop::Way { step, .. } if pays(*step) => Some(*step),
            Hop::Way { .. } | Hop::Late { .. } => None,
        });
        let Some(step) = last.filter(|step| told.insert(*step)) else { continue };
        let way = story::of(model, &hops);
        let fee = model.step(step).payment.as_deref().unwrap_or_default();
        let message = format!("the fee `{fee}` is taken once more: {}", story::short(&way));
        findings.along(way);
        findings.publish(
            "proof.paid-twice",
            &Model::path(step),
            message,
            "let only one of the steps ask for this fee on a way, or refund the first before",
        );
    }
}

/// Payment steps of one fee whose money is there twice.
fn twice(model: &Model<'_>, shared: &Shared) -> Option<u64> {
    let mut several = model.payments.iter().map(|payment| payment.same_fee & shared.captured);
    several.find(|paid| paid.count_ones() > 1)
}
