//! What the operator is told at its start.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Watches and judges, but writes nothing: neither to the cluster nor to the platform.
    pub read_only: bool,
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
            read_only: false,
        }
    }
}
