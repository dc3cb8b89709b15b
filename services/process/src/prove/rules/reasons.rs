//! A refusal tells its reasons. How to appeal the platform itself tells, beside the decision.

use std::collections::BTreeSet;

use super::ends;
use crate::{
    check::Findings,
    prove::{Proof, model::Model, story},
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for ending in ends::all(proof).filter(|ending| ending.end.outcome == "rejected") {
        let local = ending.local;
        if !local.due || local.spoken || !told.insert((ending.step, local.silent)) {
            continue;
        }
        let way = story::to_end(proof.model, &proof.space.way_to(ending.node), ending.step);
        let path = Model::path(ending.step);
        let short = story::short(&way);
        findings.along(way);
        if local.silent {
            findings.publish(
                "proof.no-reasons",
                &path,
                format!("the application is refused by a document that does not tell the reasons: {short}"),
                "let its template write `decision.reasons`",
            );
        } else {
            findings.warn(
                "proof.no-reasons",
                &path,
                format!(
                    "the application is refused without a document, so its reasons stand only on its page: {short}"
                ),
                "issue a document that tells `decision.reasons`, and let the end deliver it",
            );
        }
    }
}
