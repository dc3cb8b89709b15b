//! Whose a resource is: the owner of its namespace, whatever the resource itself says (trust 1).
//!
//! Of a definition whose generation was admitted already the watch of namespaces is believed. It may lag: for as long as the API
//! server takes to tell, or until a watch that broke has listed again (meanwhile nothing is known, and the API server is asked). Until
//! then a host that stands in a namespace that was given to somebody else is kept in repair; nothing is admitted there, and only
//! administrators of the cluster give namespaces away. What is admitted in memory is forgotten with a new generation, with the
//! process, and after `look_every_s`.

use kube::ResourceExt;

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
    let agency = operator.namespace(&namespace).await?.and_then(|found| found.labels().get(AGENCY_LABEL).cloned());
    agency.ok_or_else(|| {
        let message = format!("The namespace `{namespace}` is no agency\u{2019}s yet. Apply an Agency of that name.");
        waiting("NoAgency", message)
    })
}
