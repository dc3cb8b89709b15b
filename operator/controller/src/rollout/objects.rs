//! ServiceRevisions: one for each revision that cases run on, and for the newest ones, so that people see what counted when.

use api::{Kind, RevisionSpec, ServiceRevision};
use kernel::Hash;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
    core::{ApiResource, GroupVersionKind, Object},
};
use process::{check, revision::canonical_bytes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    load::Load,
    placement::{Placed, Placement},
    told,
};
use crate::{
    kind::{self, Applied},
    outcome::Stopped,
    run::{MANAGER, Operator},
};

/// Newest revisions that are kept without any case.
const NEWEST: usize = 3;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    share: u32,
    open_cases: u64,
    drafts: u64,
}

/// Of the definition in it only the hash is read again.
type Revision = Object<Value, Told>;

fn resource() -> ApiResource {
    let kind = GroupVersionKind::gvk(kind::GROUP, kind::VERSION, ServiceRevision::KIND);
    ApiResource::from_gvk_with_plural(&kind, ServiceRevision::PLURAL)
}

/// Makes what is missing, writes what changed, and takes away what nobody needs. Without a load nothing is taken away and no
/// number is written.
pub async fn keep(
    operator: &Operator,
    applied: &Applied,
    agency: &str,
    placement: &Placement,
    load: Option<&Load>,
) -> Result<(), Stopped> {
    if operator.config.read_only {
        return Ok(());
    }
    let (namespace, service) = (applied.namespace().unwrap_or_default(), applied.name_any());
    let api: Api<Revision> = Api::namespaced_with(operator.client.clone(), &namespace, &resource());
    let own = ListParams::default().fields(&format!("spec.service={service}"));
    let mut there = api.list(&own).await?.items;
    if let Some(placed) = placement.revisions.first()
        && !there.iter().any(|found| hash(found) == Some(placed.revision))
        && let Some(made) = make(applied, agency, placed)
    {
        let name = ServiceRevision::name_of(&service, &placed.revision.to_string());
        there.push(api.patch(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(made)).await?);
    }
    let Some(load) = load else { return Ok(()) };
    let kept = told::kept(placement, load, NEWEST);
    for found in there {
        match hash(&found).filter(|revision| kept.contains(revision)) {
            Some(revision) => write(&api, &found, placement, load, revision).await?,
            None => remove(&api, &found.name_any()).await?,
        }
    }
    Ok(())
}

fn hash(found: &Revision) -> Option<Hash> {
    found.spec.get("revision")?.as_str()?.parse().ok()
}

/// Only of what is applied now: older definitions are not at hand, and bytes that have another hash are another revision.
fn make(applied: &Applied, agency: &str, placed: &Placed) -> Option<Value> {
    let written = kind::as_written(Kind::ServiceDefinition, applied).to_string();
    let definition = check::check_json(written.as_bytes(), &check::Options::default()).definition?;
    let canonical = canonical_bytes(&definition).ok().filter(|bytes| Hash::of(bytes) == placed.revision)?;
    let service = applied.name_any();
    let revision = placed.revision.to_string();
    let spec = RevisionSpec {
        agency: agency.to_owned(),
        service: service.clone(),
        admitted: placed.admitted.to_string(),
        effective_from: Some(placed.effective_from.clone()).filter(|from| !from.is_empty()),
        change: placed.change,
        definition: serde_json::from_slice(&canonical).ok()?,
        revision: revision.clone(),
    };
    Some(json!({
        "apiVersion": api::API_VERSION,
        "kind": ServiceRevision::KIND,
        "metadata": {
            "name": ServiceRevision::name_of(&service, &revision),
            "ownerReferences": [{
                "apiVersion": api::API_VERSION, "kind": Kind::ServiceDefinition.name(), "name": service,
                "uid": applied.uid().unwrap_or_default(),
            }],
        },
        "spec": spec,
    }))
}

async fn write(api: &Api<Revision>, found: &Revision, all: &Placement, load: &Load, of: Hash) -> Result<(), Stopped> {
    let numbers = load.of(of);
    let share = all.find(of).map_or(0, |placed| placed.share);
    let told = Told { share, open_cases: numbers.open, drafts: numbers.drafts };
    if found.status.as_ref() == Some(&told) {
        return Ok(());
    }
    let name = found.name_any();
    let status = json!({
        "apiVersion": api::API_VERSION, "kind": ServiceRevision::KIND, "metadata": {"name": name}, "status": told,
    });
    api.patch_status(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(status)).await?;
    Ok(())
}

async fn remove(api: &Api<Revision>, name: &str) -> Result<(), Stopped> {
    match api.delete(name, &DeleteParams::background()).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        deleted => {
            deleted?;
            Ok(())
        }
    }
}
