//! How a service ran when it was admitted last: what it says now of how it wants to be run cannot be read, and it still runs.

use kube::{Api, ResourceExt, api::ListParams, core::Object};
use serde_json::Value;

use super::validate::{Wish, wish};
use crate::{kind::Applied, outcome::Stopped, rollout, run::Operator};

type Revision = Object<Value, Value>;

/// Nothing where nothing was admitted, or its object is gone.
pub async fn wish_of(operator: &Operator, applied: &Applied) -> Result<Option<Wish>, Stopped> {
    let Some(revision) = applied.status.as_ref().and_then(|status| status.revision.as_deref()) else {
        return Ok(None);
    };
    let (namespace, service) = (applied.namespace().unwrap_or_default(), applied.name_any());
    let api: Api<Revision> = Api::namespaced_with(operator.client.clone(), &namespace, &rollout::revisions());
    let own = ListParams::default().fields(&format!("spec.service={service}"));
    let found = api.list(&own).await?;
    let is_it = |found: &&Revision| found.spec.get("revision").and_then(Value::as_str) == Some(revision);
    let spec = found.items.iter().find(is_it).and_then(|found| found.spec.pointer("/definition/spec"));
    Ok(spec.and_then(|spec| wish(&service, spec).ok()))
}
