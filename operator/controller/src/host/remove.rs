//! Takes a host away, step by step, so that it can end its work before its rights end. Databases, volumes and the agency's
//! key are never taken.

use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{ConfigMap, Secret, Service, ServiceAccount},
    networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api,
    api::{DeleteParams, DynamicObject},
};

use super::{
    apply::{delete, delete_from, gone},
    build::{Site, monitors},
    dereference::is_last,
    name,
};
use crate::{outcome::Stopped, run::Operator};

/// Whether it is gone; while its pods end, it is not.
pub async fn remove(operator: &Operator, site: &Site, host: &str) -> Result<bool, Stopped> {
    let at = &site.namespace;
    operator.memory.hosts.forget(at, host);
    for kind in ["Deployment", "ServiceMonitor"] {
        operator.memory.wanted.forget((kind, at, host));
    }
    let deployments: Api<Deployment> = Api::namespaced(operator.client.clone(), at);
    if let Some(stands) = deployments.get_metadata_opt(host).await? {
        if stands.metadata.deletion_timestamp.is_none() {
            // It is there until its last pod is not.
            gone(deployments.delete(host, &DeleteParams::foreground()).await.map(|_| ()))?;
        }
        return Ok(false);
    }
    operator.memory.deployments.is_gone(at, host);
    operator.platform.withdraw_host(&site.agency, host).await?;
    if let Some(databases) = &operator.databases {
        let (database, role) = (name::database(&site.agency), name::role(&site.agency, host));
        databases.withdraw(&database, &role).await?;
        operator.has_withdrawn(&database, &role);
    }
    delete::<HorizontalPodAutoscaler>(operator, at, host).await?;
    delete::<PodDisruptionBudget>(operator, at, host).await?;
    delete::<Service>(operator, at, host).await?;
    delete::<NetworkPolicy>(operator, at, host).await?;
    if operator.knows_monitors().await? {
        let api: Api<DynamicObject> = Api::namespaced_with(operator.client.clone(), at, &monitors());
        delete_from(&api, host).await?;
    }
    delete::<ConfigMap>(operator, at, &name::settings(host)).await?;
    delete::<ServiceAccount>(operator, at, host).await?;
    delete::<Secret>(operator, at, &name::database_access(host)).await?;
    if is_last(operator, site, host).await? {
        delete::<ConfigMap>(operator, at, name::TRUSTED_KEYS).await?;
        delete::<Secret>(operator, at, name::LOOKUP_KEY).await?;
    }
    // The last, because it says that there is something to take away.
    delete::<Secret>(operator, at, &name::bus(host)).await?;
    Ok(true)
}
