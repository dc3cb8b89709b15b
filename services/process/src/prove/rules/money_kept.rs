//! Money that was not earned is given back before the case ends.

use std::collections::BTreeSet;

use api::Earned;

use super::ends::{self, Ending};
use crate::{
    check::Findings,
    prove::{Proof, model::Model, story},
};

pub fn check(proof: &Proof<'_, '_>, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for ending in ends::all(proof) {
        for (at, payment) in proof.model.payments.iter().enumerate() {
            let is_kept = ending.shared.captured & (1 << at) != 0 && !is_earned(proof, &ending, payment.earned);
            if !is_kept || !told.insert((ending.step, at)) {
                continue;
            }
            let way = story::to_end(proof.model, &proof.space.way_to(ending.node), ending.step);
            let (fee, paid) = (payment.fee, proof.model.name(payment.step));
            let message = format!(
                "the fee `{fee}` that was paid at `{paid}` is kept although nothing is delivered: {}",
                story::short(&way)
            );
            findings.along(way);
            findings.publish(
                "proof.money-kept",
                &Model::path(ending.step),
                message,
                format!("go by a step with `refund: [{paid}]` before, or let the end deliver what was paid for"),
            );
        }
    }
}

fn is_earned(proof: &Proof<'_, '_>, ending: &Ending<'_>, earned: Earned) -> bool {
    let is_delivered = || ending.gives_result() && ending.end.delivers.iter().all(|name| ending.is_issued(proof, name));
    match earned {
        Earned::OnSubmission => true,
        Earned::OnReview => ending.local.decided || is_delivered(),
        Earned::OnResult => is_delivered(),
    }
}
