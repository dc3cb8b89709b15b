//! Registries, requests for grants and grants: the exchange keeps them; an approval comes from officers alone (trust 2).

mod apply;
mod build;
mod status;
mod validate;

use api::Kind;

use crate::{
    kind::Applied,
    outcome::{Outcome, Stopped},
    owner,
    run::Operator,
};

pub async fn reconcile(operator: &Operator, kind: Kind, applied: &Applied) -> Result<Outcome, Stopped> {
    let agency = owner::of(operator, applied).await?;
    let sound = validate::validate(kind, applied, &agency)?;
    let wanted = build::build(sound);
    apply::apply(operator, kind, &agency, wanted).await?;
    Ok(status::done(kind))
}
