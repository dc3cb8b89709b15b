//! Proof before deployment: whatever people, registries and payments do, a case of this definition comes to an end, keeps no money
//! that is not earned, tells whoever applied what was decided, and can keep what is promised. Where it cannot, the shortest way to
//! the fault is told.
//!
//! Everything that may happen is walked through, but for the order in which branches do what no other branch sees.

mod data;
mod decisions;
mod explore;
mod model;
mod reduce;
mod rules;
mod state;
mod story;
#[cfg(test)]
mod tests;
mod tree;
mod ways;

use api::ServiceDefinition;

use crate::check::{Findings, Options};
use explore::{Space, explore};
use model::{Model, Unfit};
use reduce::Reduction;
use ways::{ALONE, Ways};

/// States that are looked at, at most.
const STATES_MAX: usize = 200_000;

/// Everything that rules are judged by.
struct Proof<'m, 'd> {
    model: &'m Model<'d>,
    reduction: &'m Reduction,
    space: Space,
}

impl Proof<'_, '_> {
    /// How many states were looked at.
    #[cfg(test)]
    fn states(&self) -> usize {
        self.reduction.states() + self.space.nodes.len()
    }
}

/// Proves what can be proved of a definition, and tells what cannot.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let can_end = rules::flow::check(definition, findings);
    match Model::of(definition) {
        Ok(model) => {
            let states_max = options.states_max.unwrap_or(STATES_MAX);
            let reduction = Reduction::of(&model, states_max);
            let proof = explored(&model, &reduction, states_max);
            if !proof.space.is_complete && options.states_max.is_some() {
                return rules::later(findings);
            }
            rules::check(&proof, can_end, findings);
        }
        Err(Unfit::TooLarge) => rules::too_large(findings),
        Err(Unfit::Broken) => {}
    }
}

/// Judges what every case would meet: decisions that leave nothing open, values that are there where they are read. The data schema is
/// sound.
pub fn values(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    decisions::check(definition, options, findings);
    data::check(definition, options, findings);
}

fn explored<'m, 'd>(model: &'m Model<'d>, reduction: &'m Reduction, states_max: usize) -> Proof<'m, 'd> {
    let left = states_max.saturating_sub(reduction.states());
    let space = explore(&Ways { model, reduction }, &model.starts, ALONE, left);
    Proof { model, reduction, space }
}
