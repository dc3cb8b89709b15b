//! Whose a resource is: the owner of its namespace, whatever the resource itself says (trust 1).

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt};

use crate::{
    agency::AGENCY_LABEL,
    kind::Applied,
    outcome::{Stopped, waiting},
    run::Operator,
};

pub async fn of(operator: &Operator, applied: &Applied) -> Result<String, Stopped> {
    let namespace = applied.namespace().unwrap_or_default();
    // Before anything new is done in an agency's name the API server is asked: a watch may be late.
    if operator.admitted(applied).is_some()
        && let Some(agency) = operator.memory.namespaces.owner(&namespace)
    {
        return Ok(agency);
    }
    let namespaces: Api<Namespace> = Api::all(operator.client.clone());
    let found = namespaces.get_metadata_opt(&namespace).await?;
    let agency = found.and_then(|found| found.labels().get(AGENCY_LABEL).cloned());
    agency.ok_or_else(|| {
        let message = format!("The namespace `{namespace}` is no agency\u{2019}s yet. Apply an Agency of that name.");
        waiting("NoAgency", message)
    })
}
