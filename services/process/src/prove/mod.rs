//! Proof before deployment: what can be shown of a definition for every case that could ever run, without running one.

mod data;
mod decisions;
mod tree;

use api::ServiceDefinition;

use crate::check::{Findings, Options};

/// Judges what every case would meet: decisions that leave nothing open, values that are there where they are read.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    decisions::check(definition, options, findings);
    data::check(definition, options, findings);
}
