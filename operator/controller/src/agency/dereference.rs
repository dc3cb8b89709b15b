//! What is there already under the agency's name.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt};

use super::build::CREDENTIALS;
use crate::{host::ISSUED, kind::Applied, outcome::Stopped, run::Operator};

pub struct Found {
    /// Labels of the namespace of this name, when there is one.
    pub namespace: Option<BTreeMap<String, String>>,
    /// It is being deleted: nothing can be made in it.
    pub namespace_goes: bool,
}

/// With what the agency's own system connects.
#[derive(Clone)]
pub struct Credentials {
    /// What the exchange issued.
    pub token: String,
    /// None where the agency has a key of its own.
    pub seed: Option<String>,
    /// What the token was issued for.
    pub issued: String,
}

pub async fn dereference(operator: &Operator, applied: &Applied) -> Result<Found, Stopped> {
    let namespace = operator.namespace(&applied.name_any()).await?;
    Ok(Found {
        namespace_goes: namespace.as_ref().is_some_and(|found| found.metadata.deletion_timestamp.is_some()),
        namespace: namespace.map(|found| found.labels().clone()),
    })
}

/// Asked for only once the namespace is known to be the agency's. A Secret that lacks its token is made anew.
pub async fn credentials(operator: &Operator, agency: &str) -> Result<Option<Credentials>, Stopped> {
    let secrets: Api<Secret> = Api::namespaced(operator.client.clone(), agency);
    Ok(secrets.get_opt(CREDENTIALS).await?.and_then(|found| {
        let entry = |name: &str| {
            let bytes = found.data.as_ref()?.get(name)?.0.clone();
            String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
        };
        let issued = found.annotations().get(ISSUED).cloned().unwrap_or_default();
        Some(Credentials { token: entry("user.jwt")?, seed: entry("user.nk"), issued })
    }))
}
