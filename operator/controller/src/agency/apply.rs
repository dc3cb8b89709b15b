//! Makes it so: the namespace first, then the platform's own records, then what rests on them.

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt};

use super::{build::Wanted, status, validate::Sound};
use crate::{
    cause,
    host::put,
    kind::Applied,
    outcome::{Fact, Stopped, refused},
    run::Operator,
};

/// What it waits for before all of it counts.
pub async fn apply(
    operator: &Operator,
    applied: &Applied,
    agency: &Sound,
    wanted: &Wanted,
) -> Result<Option<String>, Stopped> {
    let Wanted { namespace, quota, limits, engineers } = wanted;
    let client = || operator.client.clone();
    put(operator, Api::all(client()), namespace).await?;
    put(operator, Api::namespaced(client(), &agency.name), quota).await?;
    put(operator, Api::namespaced(client(), &agency.name), limits).await?;
    if let Some(engineers) = engineers {
        put(operator, Api::namespaced(client(), &agency.name), engineers).await?;
    }
    tell(operator, applied, agency).await
}

/// Its namespace is looked at more often than what the platform knows of it, unless that waits for people.
async fn tell(operator: &Operator, applied: &Applied, agency: &Sound) -> Result<Option<String>, Stopped> {
    let (uid, generation) = (applied.uid().unwrap_or_default(), applied.metadata.generation.unwrap_or_default());
    let (told, now) = (&operator.memory.agencies, operator.clock.now());
    if told.get(&uid, now) == Some(generation) {
        return Ok(None);
    }
    let said = operator.platform.agency(&agency.name, agency.resource.clone()).await?;
    if !said.problems.is_empty() {
        return Err(refused("NotAdmitted", said.problems.join("\n")));
    }
    let waits = said.waits(&agency.name);
    if waits.is_none() {
        told.put(uid, generation, now);
    }
    Ok(waits)
}

/// Nothing of it is ever in a log or a status.
pub async fn keep(operator: &Operator, agency: &Sound, credentials: &Secret) -> Result<(), Stopped> {
    put(operator, Api::namespaced(operator.client.clone(), &agency.name), credentials).await?;
    Ok(())
}

/// A service without documents needs none, so its absence stops nothing.
pub async fn seal(operator: &Operator, agency: &str) -> Fact {
    let (seals, now) = (&operator.memory.seals, operator.clock.now());
    if let Some(seal) = seals.get(&agency.to_owned(), now) {
        return seal;
    }
    match operator.platform.seal(agency).await {
        Ok(seal) => {
            let seal = status::seal(&seal);
            seals.put(agency.to_owned(), seal.clone(), now);
            seal
        }
        Err(failure) => Fact::coming("NoSeal", format!("Signing has made no seal yet: {}", cause::told(&failure))),
    }
}
