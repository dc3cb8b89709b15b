//! What an end delivers was issued on every way to it.

use std::collections::BTreeSet;

use super::ends;
use crate::{
    check::Findings,
    prove::{Proof, model::Model, story},
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for ending in ends::all(proof) {
        for (at, name) in ending.end.delivers.iter().enumerate() {
            if ending.is_issued(proof, name) || !told.insert((ending.step, at)) {
                continue;
            }
            let way = story::to_end(proof.model, &proof.space.way_to(ending.node), ending.step);
            let message = format!("the document `{name}` is delivered here and was not issued: {}", story::short(&way));
            findings.along(way);
            findings.publish(
                "proof.not-issued",
                &format!("{}.end.delivers[{at}]", Model::path(ending.step)),
                message,
                format!("go by a step with `document: {name}` before"),
            );
        }
    }
}
