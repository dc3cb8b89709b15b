//! An agency: a namespace of its own with limits, an entry in the register, an account on the bus, a seal, its engineers.

mod access;
mod apply;
mod build;
mod dereference;
mod end;
mod status;
mod validate;

pub use build::AGENCY_LABEL;
pub use end::end;
pub use validate::free_name;

use api::Kind;

use crate::{
    kind::Applied,
    outcome::{Outcome, Stopped},
    run::Operator,
};

pub async fn reconcile(operator: &Operator, applied: &Applied) -> Result<Outcome, Stopped> {
    let found = dereference::dereference(operator, applied).await?;
    let sound = validate::validate(applied, &found)?;
    let wanted = build::build(&sound, &operator.config);
    if operator.config.read_only {
        return Ok(status::judged(&sound));
    }
    operator.hold(Kind::Agency, applied).await?;
    apply::apply(operator, applied, &sound, &wanted).await?;
    let credentials = dereference::credentials(operator, &sound.name).await?;
    let credentials = access::access(operator, &sound, credentials).await?;
    let authority = operator.config.bus.authority()?;
    apply::keep(operator, &sound, &build::credentials(&sound, &credentials, authority)).await?;
    let seal = apply::seal(operator, &sound.name).await;
    Ok(status::done(&sound, &wanted, seal, operator.clock.now()))
}
