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
    run::{Next, Operator},
};

pub use changes::changes;

pub async fn reconcile(operator: &Operator, kind: Kind, applied: &Applied) -> Result<Outcome, Stopped> {
    let agency = owner::of(operator, applied).await?;
    let sound = validate::validate(kind, applied, &agency)?;
    let giver = sound.giver.clone();
    let wanted = build::build(sound);
    if kind == Kind::Registry && !operator.config.read_only {
        operator.hold(kind, applied).await?;
    }
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

/// Nobody asks a registry any more that is deleted; calls say so. A grant is ended by its officers, never by this.
pub async fn end(operator: &Operator, kind: Kind, applied: &Applied) -> Result<Option<Next>, Stopped> {
    match owner::of(operator, applied).await {
        Ok(agency) => operator.platform.withdraw(&agency, kind, &applied.name_any()).await?,
        // Where nobody owns the namespace any more, nothing is kept in its name.
        Err(stopped) if matches!(*stopped, Outcome::Waiting { .. }) => {}
        Err(stopped) => return Err(stopped),
    }
    operator.release(kind, applied).await?;
    Ok(None)
}
