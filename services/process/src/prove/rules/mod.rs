//! What is proved, one rule a file.

mod circles;
mod dead_end;
mod dead_step;
mod endless;
mod ends;
pub mod flow;
mod money_kept;
mod not_issued;
mod not_paid;
mod paid_twice;
mod promise;
mod reasons;
mod two_at_once;
mod untold;
mod way_out;

use super::Proof;
use crate::check::Findings;

/// Judges by all rules. `can_end`: from every step a way leads to an end, whatever holds on it.
pub fn check(proof: &Proof<'_, '_>, can_end: bool, findings: &mut Findings) {
    if !proof.space.is_complete {
        too_large(findings);
    }
    two_at_once::check(proof, findings);
    if proof.space.is_complete && can_end {
        dead_end::check(proof, findings);
    }
    if proof.space.is_complete {
        dead_step::check(proof, findings);
    }
    endless::check(proof.model, findings);
    money_kept::check(proof, findings);
    not_issued::check(proof, findings);
    not_paid::check(proof, findings);
    paid_twice::check(proof, findings);
    untold::check(proof, findings);
    reasons::check(proof, findings);
    way_out::check(proof.model, findings);
    promise::check(proof.model, findings);
}

/// Whoever has to answer at once says that the proof is not there yet.
pub fn later(findings: &mut Findings) {
    findings.warn(
        "proof.later",
        "spec.process",
        "so much can happen in this process that it is proved only after it was applied",
        "look at the condition `DefinitionValid`",
    );
}

/// Nothing is said to be sound that was not looked at.
pub fn too_large(findings: &mut Findings) {
    findings.publish(
        "proof.too-large",
        "spec.process",
        "so much can happen in this process that it was not proved",
        "let fewer branches with payments or refunds run at once, or divide the service",
    );
}
