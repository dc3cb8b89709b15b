//! What every step of a host's reconcile asks of the operator: where hosts are, and what was done lately.

use std::sync::{MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::{
    host::{Connections, Site},
    kind::Applied,
    outcome::Stopped,
    platform::{HostDatabase, Provided},
    run::Operator,
};

impl Operator {
    /// Where the definition's hosts are; nothing when this operator starts none.
    pub fn site(&self, applied: &Applied, agency: &str) -> Option<Site> {
        let namespace = applied.metadata.namespace.as_deref().unwrap_or_default();
        Site::of(&self.config, agency, namespace, self.platform.trial())
    }

    /// The revision that the register made of this generation lately.
    pub fn admitted(&self, applied: &Applied) -> Option<String> {
        let (uid, generation) = (applied.metadata.uid.clone()?, applied.metadata.generation.unwrap_or_default());
        let (known, revision) = self.memory.admitted.get(&uid, self.clock.now())?;
        (known == generation).then_some(revision)
    }

    pub async fn alone(&self, namespace: &str) -> OwnedMutexGuard<()> {
        self.memory.alone(namespace).await
    }

    pub fn provided_lately(&self, wanted: &HostDatabase) -> Option<Provided> {
        let known = self.memory.provided.get(&full(wanted), self.clock.now());
        known.filter(|(asked, _)| asked == wanted).map(|(_, provided)| provided)
    }

    pub fn has_provided(&self, wanted: HostDatabase, provided: Provided) {
        let Provided { url: _, promised, available } = provided;
        *self.sums() = Some(Connections { promised, available });
        self.memory.provided.put(full(&wanted), (wanted, provided), self.clock.now());
    }

    /// As the databases' server told them last.
    pub fn connections(&self) -> Option<Connections> {
        *self.sums()
    }

    fn sums(&self) -> MutexGuard<'_, Option<Connections>> {
        self.memory.connections.lock().unwrap_or_else(PoisonError::into_inner)
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
}

fn full(wanted: &HostDatabase) -> String {
    format!("{}_{}", wanted.database, wanted.role)
}
