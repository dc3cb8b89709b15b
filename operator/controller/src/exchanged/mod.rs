//! Registries, requests for grants and grants: the exchange keeps them; an approval comes from officers alone (trust 2).

mod apply;
mod build;
mod changes;
mod status;
mod validate;

use api::Kind;
use kube::ResourceExt;
use proto::exchange::v1::ReadEnforcedGrantRequest;

use crate::{
    kind::Applied,
    outcome::{Outcome, Stopped},
    owner,
    run::Operator,
};

pub use changes::changes;

pub async fn reconcile(operator: &Operator, kind: Kind, applied: &Applied) -> Result<Outcome, Stopped> {
    let agency = owner::of(operator, applied).await?;
    let sound = validate::validate(kind, applied, &agency)?;
    let giver = sound.giver.clone();
    let wanted = build::build(sound);
    let told = apply::apply(operator, kind, &agency, wanted).await?;
    let enforced = match (kind, told) {
        (Kind::Grant | Kind::GrantRequest, Some(hash)) => {
            let (kind, name) = (kind.name().to_owned(), applied.name_any());
            Some(operator.platform.enforced(ReadEnforcedGrantRequest { agency, kind, name, hash }).await?)
        }
        _ => None,
    };
    Ok(status::done(kind, &giver, enforced.as_ref()))
}
