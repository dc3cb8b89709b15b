//! What the operator is told at its start.

use std::{collections::BTreeMap, path::PathBuf};

use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::webhook::Settings as Webhook;

/// Settings of the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How the operator reaches the platform.
    pub bus: bus::Settings,
    /// Credentials for the API server. When left out: those of the pod, else the user's own.
    pub kubeconfig_file: Option<PathBuf>,
    /// Namespace of the platform, where the leader's lease lies.
    pub namespace: String,
    /// Address of the portal, for the addresses of services in their status.
    pub portal_url: String,
    /// Resources of a kind reconciled at the same time.
    pub at_once: u16,
    /// How often a resource is looked at again when nobody changed it.
    pub look_every_s: u64,
    /// Requests to the API server that are begun in a second at most.
    pub requests_per_second: u32,
    /// Watches, judges and says in its log what it would do, but writes nothing: neither to the cluster nor to the platform, and no
    /// lease either, so that it leads nobody and keeps nobody from leading.
    pub read_only: bool,
    /// ClusterRole that the engineers of each agency get in its namespace; when left out, they get none.
    pub engineer_role: Option<String>,
    /// What the pods of one agency may ask for, all together.
    pub quota: Quota,
    /// Image that hosts of e-services run. When left out, the operator starts none and something else hosts them, as
    /// `xizmat up` does.
    pub host_image: Option<String>,
    /// When a node fetches that image: `Always`, `IfNotPresent` or `Never`.
    pub host_image_pull_policy: String,
    /// Address of the NATS server as the hosts' pods reach it, or of several, separated by commas; empty: the operator's own.
    pub host_nats_url: String,
    /// Where hosts send traces (OTLP over HTTP); when left out: where the operator does.
    pub host_otlp_endpoint: Option<String>,
    /// What checks the files that people attach, as `host:port` of ClamAV's `clamd` (`eservice.scanner`); when left out: nothing.
    /// It is one of the platform's own stage.
    pub host_scanner: Option<String>,
    /// The recovery that hosts' databases have to have been through; when left out: the platform's own `recovery`.
    pub host_recovery: Option<String>,
    /// Under which name the platform is watched, such as that of its release: metrics of hosts bear it as
    /// `app_kubernetes_io_instance`, so that alerts and dashboard cover them.
    pub instance: String,
    /// Labels by which the cluster's Prometheus finds what it shall watch.
    pub host_monitor_labels: BTreeMap<String, String>,
    /// ConfigMap of the platform's namespace with the public keys of every service, as `trusted-keys.json`.
    pub trusted_keys_config_map: String,
    /// Secret of the platform's namespace with the key of look-up hashes, as `lookup.key` (64 hexadecimal digits).
    pub lookup_key_secret: String,
    /// Where the hosts of an agency keep its cases.
    pub database: Database,
    /// What the API server asks before it keeps a resource.
    pub webhook: Webhook,
}

/// What the pods of one agency may ask for, all together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// Pods: a service in a host of its own has two copies, and one more while they are replaced.
    pub pods: u32,
    /// Processors, as Kubernetes writes them.
    pub cpu: String,
    /// Memory, as Kubernetes writes it.
    pub memory: String,
}

/// Where the hosts of an agency keep its cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// PostgreSQL, or for a trial SQLite on a volume of the agency.
    pub kind: Engine,
    /// PostgreSQL: a file that holds the URL of a role that may make databases and roles. The hosts reach the server under
    /// the same address.
    pub administrator_url_file: Option<PathBuf>,
    /// PostgreSQL that CloudNativePG runs, instead of `administrator_url_file`: name of its `Cluster` in the platform's
    /// namespace, with access for its superuser.
    pub cluster: Option<String>,
    /// PostgreSQL: connections of one copy of a host at most.
    pub connections: u32,
    /// SQLite: size of the agency's volume.
    pub volume_size: String,
    /// SQLite: its storage class; when left out: the cluster's own.
    pub volume_class: Option<String>,
}

/// What keeps an agency's cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// A database an agency, a role a host.
    Postgresql,
    /// A file an agency: one host, one copy.
    Sqlite,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bus: bus::Settings::default(),
            kubeconfig_file: None,
            namespace: "xizmat".to_owned(),
            portal_url: "http://localhost:8080".to_owned(),
            at_once: 16,
            look_every_s: 600,
            requests_per_second: 1000,
            read_only: false,
            engineer_role: None,
            quota: Quota::default(),
            host_image: None,
            host_image_pull_policy: "IfNotPresent".to_owned(),
            host_nats_url: String::new(),
            host_otlp_endpoint: None,
            host_scanner: None,
            host_recovery: None,
            instance: "xizmat".to_owned(),
            host_monitor_labels: BTreeMap::new(),
            trusted_keys_config_map: "xizmat-trusted-keys".to_owned(),
            lookup_key_secret: "xizmat-lookup-key".to_owned(),
            database: Database::default(),
            webhook: Webhook::default(),
        }
    }
}

impl Default for Quota {
    fn default() -> Self {
        Self { pods: 200, cpu: "16".to_owned(), memory: "32Gi".to_owned() }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            kind: Engine::Postgresql,
            administrator_url_file: None,
            cluster: None,
            connections: 8,
            volume_size: "1Gi".to_owned(),
            volume_class: None,
        }
    }
}

impl Config {
    /// Whether hosts could ever start, and the webhook ever be believed.
    pub fn judge(&self, production: bool) -> Result<(), Failure> {
        self.webhook.judge()?;
        let refused = |message: &str| Err(Failure::invalid("operator.hosts", message));
        if self.host_image.is_none() {
            return Ok(());
        }
        if !["Always", "IfNotPresent", "Never"].contains(&self.host_image_pull_policy.as_str()) {
            return refused("`operator.host_image_pull_policy` is `Always`, `IfNotPresent` or `Never`.");
        }
        let Database { kind, administrator_url_file, cluster, .. } = &self.database;
        match (kind, administrator_url_file, cluster) {
            (Engine::Postgresql, None, None) => refused(
                "Hosts of e-services need databases: name `operator.database.administrator_url_file` or, where \
                 CloudNativePG runs, `operator.database.cluster`, or for a trial write `operator.database.kind = \
                 \"sqlite\"`.",
            ),
            (Engine::Postgresql, Some(_), Some(_)) => refused(
                "Hosts of e-services have their databases on one server: name `operator.database.administrator_url_file` \
                 or `operator.database.cluster`, not both.",
            ),
            (Engine::Sqlite, ..) if production => {
                refused("A production platform keeps its cases in PostgreSQL: `operator.database.kind`.")
            }
            _ => Ok(()),
        }
    }

    pub fn nats_url_for_hosts(&self) -> &str {
        if self.host_nats_url.is_empty() { &self.bus.url } else { &self.host_nats_url }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_without_a_database_or_on_sqlite_in_production_are_refused_at_start() {
        let hosting = Config { host_image: Some("xizmat".into()), ..Config::default() };
        assert!(Config::default().judge(true).is_ok(), "whoever starts no hosts needs no database for them");
        assert_eq!(hosting.judge(false).unwrap_err().code, "operator.hosts");
        let cluster = Database { cluster: Some("xizmat-postgres".into()), ..Database::default() };
        let both = Database { administrator_url_file: Some("url".into()), ..cluster.clone() };
        assert!(Config { database: cluster, ..hosting.clone() }.judge(true).is_ok());
        assert!(Config { database: both, ..hosting.clone() }.judge(true).is_err(), "cases are on one server");
        let sqlite = Database { kind: Engine::Sqlite, ..Database::default() };
        let hosting = Config { database: sqlite, ..hosting };
        assert!(hosting.judge(false).is_ok());
        assert!(hosting.judge(true).is_err());
        let often = Config { host_image_pull_policy: "Often".into(), ..hosting };
        assert!(often.judge(false).is_err());
    }
}
