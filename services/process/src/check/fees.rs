//! Fees are exact, somebody gets them, and one that is earned early says by which law.

use api::{Earned, ServiceDefinition};

use super::{findings::Findings, names::is_name};

/// Judges what is not an expression in a fee.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, fee) in definition.spec.fees.iter().enumerate() {
        let path = format!("spec.fees[{index}]");
        if fee.earned != Earned::OnResult && fee.legal_basis.is_none() {
            findings.error(
                "fee.no-legal-basis",
                &format!("{path}.earned"),
                "a fee that is earned before the result needs a law that says so",
                "add `legalBasis`, or write `earned: onResult`",
            );
        }
        let sum: u64 = fee.to.iter().map(|share| u64::from(share.share)).sum();
        if fee.to.is_empty() {
            findings.error(
                "fee.nobody",
                &format!("{path}.to"),
                "nobody gets this fee",
                "write `to: [{agency: NAME, share: 100}]`",
            );
        } else if sum == 0 || sum > 1_000_000 {
            findings.error(
                "fee.shares",
                &format!("{path}.to"),
                format!("the shares add up to {sum}"),
                "let them add up to 100",
            );
        }
        for (index, share) in fee.to.iter().enumerate() {
            if !is_name(&share.agency) {
                findings.error(
                    "definition.name",
                    &format!("{path}.to[{index}].agency"),
                    format!("`{}` is not the name of an agency", share.agency),
                    "write the name of its namespace",
                );
            }
            if fee.to[..index].iter().any(|other| other.agency == share.agency && other.account == share.account) {
                findings.error(
                    "fee.duplicate-share",
                    &format!("{path}.to[{index}]"),
                    format!("`{}` gets two shares", share.agency),
                    "add them up",
                );
            }
        }
        for (index, waiver) in fee.waivers.iter().enumerate() {
            if waiver.legal_basis.is_none() {
                findings.publish(
                    "fee.waiver-no-legal-basis",
                    &format!("{path}.waivers[{index}]"),
                    "the waiver names no law",
                    "add `legalBasis`",
                );
            }
        }
    }
}
