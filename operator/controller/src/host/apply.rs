//! Makes it so: what the pods read before the pods, and what judges them last.

use std::fmt::Debug;

use k8s_openapi::{
    NamespaceResourceScope,
    api::{apps::v1::Deployment, autoscaling::v2::HorizontalPodAutoscaler},
    apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry,
};
use kube::{
    Api, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    build::{HOST_LABEL, Site, Wanted, monitors},
    dereference::Found,
    live,
};
use crate::{
    breaker,
    outcome::Stopped,
    run::{MANAGER, Operator},
};

/// Owns nothing but the number of copies, so that an autoscaler's number is nobody's mistake.
const SCALER: &str = "xizmat-operator-copies";
/// That number, among what others change.
const SCALE: &str = "Scale";

/// The Deployment as it stands afterwards.
pub async fn apply(operator: &Operator, site: &Site, wanted: Wanted, found: Found) -> Result<Deployment, Stopped> {
    let Wanted {
        account,
        bus,
        database,
        volume,
        settings,
        trusted_keys,
        lookup_key,
        deployment,
        copies,
        autoscaler,
        budget,
        metrics,
        monitor,
        wall,
    } = wanted;
    // Of a host that was never begun nothing is there that could be as it should be: it is not asked for.
    let at = At { namespace: &site.namespace, is_new: found.bus.is_none() && found.deployment.is_none() };
    let common = At { is_new: false, ..at };
    // The first: from then on the host is begun, and whoever goes on after us asks for the rest.
    put(operator, at, &bus).await?;
    put(operator, at, &account).await?;
    if let Some(database) = &database {
        put(operator, at, database).await?;
    }
    if let Some(volume) = &volume {
        // What a claim asks for cannot be changed afterwards.
        make(operator, at.namespace, volume).await?;
    }
    put(operator, at, &settings).await?;
    put(operator, common, &trusted_keys).await?;
    put(operator, common, &lookup_key).await?;
    put(operator, at, &wall).await?;
    let mut stands = put(operator, at, &deployment).await?;
    if found.deployment.is_none() {
        // It begins with one copy.
        operator.memory.wanted.forget((SCALE, at.namespace, &deployment.name_any()));
    }
    if autoscaler.is_none() || found.deployment.is_none() {
        stands = scale(operator, at.namespace, stands, copies).await?;
    }
    match &autoscaler {
        Some(autoscaler) => {
            put(operator, at, autoscaler).await?;
        }
        None => delete::<HorizontalPodAutoscaler>(operator, at.namespace, &deployment.name_any()).await?,
    }
    put(operator, at, &budget).await?;
    put(operator, at, &metrics).await?;
    if let Some(monitor) = &monitor {
        let api = Api::namespaced_with(operator.client.clone(), at.namespace, &monitors());
        write(operator, api, monitor).await?;
    }
    Ok(stands)
}

#[derive(Clone, Copy)]
struct At<'a> {
    namespace: &'a str,
    is_new: bool,
}

/// Makes it so by server-side apply when it is not so already; the object as it stands.
async fn put<K>(operator: &Operator, at: At<'_>, wanted: &K) -> Result<K, Stopped>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
{
    let api = Api::namespaced(operator.client.clone(), at.namespace);
    if at.is_new { write_over(operator, api, wanted, None).await } else { write(operator, api, wanted).await }
}

/// Makes it so wherever it lies.
pub async fn write<K>(operator: &Operator, api: Api<K>, wanted: &K) -> Result<K, Stopped>
where
    K: Resource + Clone + Serialize + DeserializeOwned + Debug,
{
    let stands = api.get_opt(&wanted.name_any()).await?;
    write_over(operator, api, wanted, stands).await
}

async fn write_over<K>(operator: &Operator, api: Api<K>, wanted: &K, stands: Option<K>) -> Result<K, Stopped>
where
    K: Resource + Clone + Serialize + DeserializeOwned + Debug,
{
    let (name, plain) = (wanted.name_any(), plain(wanted));
    let kind = plain.get("kind").and_then(Value::as_str).unwrap_or_default();
    let in_namespace = wanted.namespace().unwrap_or_default();
    let place = (kind, in_namespace.as_str(), name.as_str());
    let others = match stands {
        Some(stands) if stands.meta().deletion_timestamp.is_none() && is_so(&plain, &stands) => {
            operator.memory.wanted.keep(place, &plain);
            return Ok(stands);
        }
        Some(stands) => stands.meta().managed_fields.clone(),
        None => None,
    };
    correct(operator, (api.resource_url(), &name), &plain, others.as_deref())?;
    let written = api.patch(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(wanted)).await?;
    operator.memory.wanted.corrected(place, &plain);
    let (metadata, namespace) = (written.meta(), written.namespace().unwrap_or_default());
    let host = written.labels().get(HOST_LABEL).map(String::as_str).unwrap_or_default();
    operator.memory.hosts.wrote(&namespace, host, metadata.uid.as_deref(), metadata.resource_version.as_deref());
    Ok(written)
}

/// Whether it may be written now; not when somebody else writes it over again and again.
fn correct(
    operator: &Operator,
    (of, name): (&str, &str),
    wanted: &Value,
    others: Option<&[ManagedFieldsEntry]>,
) -> Result<(), Stopped> {
    if operator.memory.breaker.allows(&(of, name), wanted.to_string().as_bytes(), operator.clock.now()) {
        return Ok(());
    }
    let kind = wanted.get("kind").and_then(Value::as_str).unwrap_or("Object");
    Err(breaker::fought_over(kind, name, others, &[MANAGER, SCALER]))
}

pub(super) fn is_so<K: Resource + Serialize>(wanted: &Value, stands: &K) -> bool {
    let mut owned = stands
        .managed_fields()
        .iter()
        .filter(|entry| entry.manager.as_deref() == Some(MANAGER) && entry.operation.as_deref() == Some("Apply"));
    live::holds(wanted, &plain(stands))
        && owned.all(|entry| entry.fields_v1.as_ref().is_none_or(|fields| !live::is_dropped(&fields.0, wanted)))
}

pub(super) fn plain<K: Serialize>(object: &K) -> Value {
    serde_json::to_value(object).expect("an object of the API is JSON")
}

/// Only when nothing is there under the name: such objects are never changed.
pub async fn make<K>(operator: &Operator, namespace: &str, wanted: &K) -> Result<(), Stopped>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
{
    let api: Api<K> = Api::namespaced(operator.client.clone(), namespace);
    if api.get_metadata_opt(&wanted.name_any()).await?.is_some() {
        return Ok(());
    }
    let as_manager = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
    match api.create(&as_manager, wanted).await {
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
        made => {
            made?;
            Ok(())
        }
    }
}

async fn scale(operator: &Operator, namespace: &str, stands: Deployment, copies: i32) -> Result<Deployment, Stopped> {
    let (name, wanted) = (stands.name_any(), json!(copies));
    let place = (SCALE, namespace, name.as_str());
    if stands.spec.as_ref().and_then(|spec| spec.replicas) == Some(copies) {
        operator.memory.wanted.keep(place, &wanted);
        return Ok(stands);
    }
    let api: Api<Deployment> = Api::namespaced(operator.client.clone(), namespace);
    let number = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": copies},
    });
    correct(operator, (api.resource_url(), &name), &number, stands.metadata.managed_fields.as_deref())?;
    let scaled = api.patch(&name, &PatchParams::apply(SCALER).force(), &Patch::Apply(number)).await?;
    operator.memory.wanted.corrected(place, &wanted);
    Ok(scaled)
}

/// What is not there is deleted already.
pub async fn delete<K>(operator: &Operator, namespace: &str, name: &str) -> Result<(), Stopped>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
{
    operator.memory.wanted.forget((&*K::kind(&()), namespace, name));
    delete_from(&Api::<K>::namespaced(operator.client.clone(), namespace), name).await
}

/// Wherever it lies.
pub async fn delete_from<K: Clone + DeserializeOwned + Debug>(api: &Api<K>, name: &str) -> Result<(), Stopped> {
    if api.get_metadata_opt(name).await?.is_none() {
        return Ok(());
    }
    gone(api.delete(name, &DeleteParams::background()).await.map(|_| ()))
}

pub fn gone(deleted: Result<(), kube::Error>) -> Result<(), Stopped> {
    match deleted {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        deleted => Ok(deleted?),
    }
}
