//! What is there already under the agency's name.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt};

use crate::{kind::Applied, outcome::Stopped, run::Operator};

pub struct Found {
    /// Labels of the namespace of this name, when there is one.
    pub namespace: Option<BTreeMap<String, String>>,
}

pub async fn dereference(operator: &Operator, applied: &Applied) -> Result<Found, Stopped> {
    let namespaces: Api<Namespace> = Api::all(operator.client.clone());
    let namespace = namespaces.get_metadata_opt(&applied.name_any()).await?;
    Ok(Found { namespace: namespace.map(|namespace| namespace.labels().clone()) })
}
