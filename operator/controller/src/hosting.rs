//! What every step of a host's reconcile asks of the operator: where hosts are, what was done lately, what holds a definition.

use kube::{
    Api, Resource,
    api::{Patch, PatchParams},
};
use serde_json::json;
use tokio::sync::OwnedMutexGuard;

use crate::{
    host::Site,
    kind::{self, Applied},
    outcome::Stopped,
    platform::{HostDatabase, Provided},
    run::{MANAGER, Operator},
};

/// Keeps a definition until what runs it has ended its work.
const FINALIZER: &str = "xizmat.dev/host";

impl Operator {
    /// Where the definition's hosts are; nothing when this operator starts none.
    pub fn site(&self, applied: &Applied, agency: &str) -> Option<Site> {
        let namespace = applied.metadata.namespace.as_deref().unwrap_or_default();
        Site::of(&self.config, agency, namespace, self.platform.trial())
    }

    pub async fn alone(&self, namespace: &str) -> OwnedMutexGuard<()> {
        self.memory.alone(namespace).await
    }

    pub fn provided_lately(&self, wanted: &HostDatabase) -> Option<Provided> {
        let known = self.memory.provided.get(&full(wanted), self.clock.now());
        known.filter(|(asked, _)| asked == wanted).map(|(_, provided)| provided)
    }

    pub fn has_provided(&self, wanted: HostDatabase, provided: Provided) {
        self.memory.provided.put(full(&wanted), (wanted, provided), self.clock.now());
    }

    pub fn has_withdrawn(&self, database: &str, role: &str) {
        self.memory.provided.forget(&format!("{database}_{role}"));
    }

    /// Whether the cluster knows ServiceMonitors.
    pub async fn knows_monitors(&self) -> Result<bool, Stopped> {
        let now = self.clock.now();
        if let Some(known) = self.memory.monitors.get(&(), now) {
            return Ok(known);
        }
        let found = match self.client.list_api_group_resources("monitoring.coreos.com/v1").await {
            Ok(found) => found.resources.iter().any(|resource| resource.kind == "ServiceMonitor"),
            // The answer is a plain text, whose reason is none of the API.
            Err(kube::Error::Api(status)) if status.code == 404 => false,
            Err(error) => return Err(error.into()),
        };
        self.memory.monitors.put((), found, now);
        Ok(found)
    }

    /// Before anything runs for it: then it cannot vanish without its host, nor with its cases.
    pub async fn hold(&self, applied: &Applied) -> Result<(), Stopped> {
        if is_held(applied) {
            return Ok(());
        }
        let mut finalizers = applied.metadata.finalizers.clone().unwrap_or_default();
        finalizers.push(FINALIZER.to_owned());
        self.finalizers(applied, finalizers).await
    }

    pub fn holds(&self, applied: &Applied) -> bool {
        is_held(applied)
    }

    /// Nothing of it is left.
    pub async fn release(&self, applied: &Applied) -> Result<(), Stopped> {
        let mut finalizers = applied.metadata.finalizers.clone().unwrap_or_default();
        finalizers.retain(|finalizer| finalizer != FINALIZER);
        self.finalizers(applied, finalizers).await
    }

    /// Fails when somebody else changed the list meanwhile, and is tried again.
    async fn finalizers(&self, applied: &Applied, finalizers: Vec<String>) -> Result<(), Stopped> {
        let namespace = applied.metadata.namespace.as_deref().unwrap_or_default();
        let resource = kind::resource(api::Kind::ServiceDefinition);
        let definitions: Api<Applied> = Api::namespaced_with(self.client.clone(), namespace, &resource);
        let metadata = json!({"finalizers": finalizers, "resourceVersion": applied.meta().resource_version});
        let name = applied.meta().name.as_deref().unwrap_or_default();
        let as_manager = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        let patched = definitions.patch_metadata(name, &as_manager, &Patch::Merge(json!({"metadata": metadata}))).await;
        match patched {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            patched => {
                patched?;
                Ok(())
            }
        }
    }
}

fn full(wanted: &HostDatabase) -> String {
    format!("{}_{}", wanted.database, wanted.role)
}

fn is_held(applied: &Applied) -> bool {
    applied.metadata.finalizers.iter().flatten().any(|finalizer| finalizer == FINALIZER)
}
