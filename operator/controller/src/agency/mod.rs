//! An agency: a namespace of its own with limits, an entry in the register, an account on the bus, a seal, its engineers.

mod access;
mod apply;
mod build;
mod dereference;
mod end;
mod rest;
mod status;
mod validate;
mod watch;

pub use build::{AGENCY_LABEL, CREDENTIALS};
pub use end::end;
pub use rest::{AtRest, Touches};
pub use validate::free_name;
pub use watch::watched;

use api::Kind;
use kernel::{Failure, Hash};
use kube::{ResourceExt, api::PartialObjectMeta};
use rest::Left;

use crate::{
    kind::Applied,
    outcome::{Outcome, Stopped},
    run::Operator,
};

/// What comes of a look at an agency that stands as it was left: the API server is asked for nothing, and signing only while there is
/// no seal. None: it has to be looked at whole.
pub async fn at_rest(operator: &Operator, known: &PartialObjectMeta<Applied>) -> Option<Outcome> {
    let (name, version, now) = (known.name_any(), known.resource_version()?, operator.clock.now());
    let left = operator.memory.at_rest.recall(&name, &version, now)?;
    let is_same = authority(operator).ok()? == left.authority && apply::seal(operator, &name).await == left.seal;
    is_same.then(|| status::rests(&left.seal, now))
}

/// It was looked at whole; whoever touched anything of it since `before` has it looked at again.
pub fn leave(operator: &Operator, applied: &Applied, before: Touches, outcome: &Outcome) {
    let (Some(seal), Some(version)) = (status::seal_of(outcome), applied.resource_version()) else { return };
    let Ok(authority) = authority(operator) else { return };
    let left = Left { version, authority, seal: seal.clone(), at: operator.clock.now() };
    operator.memory.at_rest.leave(&applied.name_any(), left, before);
}

/// The file may be replaced at any time.
fn authority(operator: &Operator) -> Result<Option<Hash>, Failure> {
    Ok(operator.config.bus.authority()?.map(|text| Hash::of(text.as_bytes())))
}

pub async fn reconcile(operator: &Operator, applied: &Applied) -> Result<Outcome, Stopped> {
    let found = dereference::dereference(operator, applied).await?;
    let sound = validate::validate(applied, &found)?;
    let wanted = build::build(&sound, &operator.config);
    if operator.config.read_only {
        return Ok(status::judged(&sound));
    }
    operator.hold(Kind::Agency, applied).await?;
    let waits = apply::apply(operator, applied, &sound, &wanted).await?;
    let credentials = dereference::credentials(operator, &sound.name).await?;
    let credentials = access::access(operator, &sound, credentials).await?;
    let authority = operator.config.bus.authority()?;
    apply::keep(operator, &sound, &build::credentials(&sound, &credentials, authority)).await?;
    let seal = apply::seal(operator, &sound.name).await;
    Ok(status::done(&sound, &wanted, (seal, waits), operator.clock.now()))
}
