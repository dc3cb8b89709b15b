//! Nobody gets a result whose fee was left unpaid.

use std::collections::BTreeSet;

use super::ends;
use crate::{
    check::Findings,
    prove::{Proof, model::Model, story},
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for ending in ends::all(proof).filter(ends::Ending::gives_result) {
        for (at, payment) in proof.model.payments.iter().enumerate() {
            if ending.shared.cancelled & (1 << at) == 0 || !told.insert((ending.step, payment.fee)) {
                continue;
            }
            let way = story::to_end(proof.model, &proof.space.way_to(ending.node), ending.step);
            let message = format!(
                "the result is delivered although the fee `{}` was not paid: {}",
                payment.fee,
                story::short(&way)
            );
            findings.along(way);
            findings.publish(
                "proof.not-paid",
                &Model::path(ending.step),
                message,
                "let the way on which nobody paid lead to an end of its own, or ask for the fee again",
            );
        }
    }
}
