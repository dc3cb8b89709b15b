//! Whoever applied hears what was decided before the case ends.

use std::collections::BTreeSet;

use super::ends;
use crate::{
    check::Findings,
    prove::{Proof, model::Model, state::Told, story},
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for ending in ends::all(proof) {
        let is_untold = match ending.local.told {
            Told::No => true,
            // Rules refused by themselves.
            Told::Nothing => ending.end.outcome == "rejected",
            Told::Yes => false,
        };
        if !is_untold || !told.insert(ending.step) {
            continue;
        }
        let way = story::to_end(proof.model, &proof.space.way_to(ending.node), ending.step);
        let message = format!("the case ends here, and nobody tells the applicant why: {}", story::short(&way));
        findings.along(way);
        findings.publish(
            "proof.untold",
            &Model::path(ending.step),
            message,
            "go by a step with `notify` after what decided it",
        );
    }
}
