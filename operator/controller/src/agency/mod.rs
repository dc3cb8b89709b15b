//! An agency: a namespace of its own with limits, an entry in the register, an account on the bus.

mod apply;
mod build;
mod dereference;
mod status;
mod validate;

pub use build::AGENCY_LABEL;
pub use validate::free_name;

use crate::{
    kind::Applied,
    outcome::{Outcome, Stopped},
    run::Operator,
};

pub async fn reconcile(operator: &Operator, applied: &Applied) -> Result<Outcome, Stopped> {
    let found = dereference::dereference(operator, applied).await?;
    let sound = validate::validate(applied, &found)?;
    let wanted = build::build(&sound);
    apply::apply(operator, &sound, &wanted).await?;
    Ok(status::done(&sound))
}
