//! The data of a case: a value is there wherever it is read, and what a registry told goes nowhere without a ground.

mod bits;
mod flow;
mod purpose;
mod reads;
#[cfg(test)]
mod tests;
mod ways;

use api::ServiceDefinition;

use crate::{
    check::{Findings, Options},
    expr::TypeEnv,
    reference::Reference,
};

/// Judges what is read, and where it goes.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let standard = Reference::standard();
    let names = if options.reference_names.is_empty() { standard.names() } else { options.reference_names.to_vec() };
    let env = TypeEnv::of_definition(definition, &names);
    flow::check(definition, &env, findings);
    purpose::check(definition, options, &env, findings);
}
