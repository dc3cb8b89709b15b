//! What is promised, what is called and emitted, and how a service runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Span, Text, is_default};

/// Registries called and events emitted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Integration {
    /// Registries that the service calls. Needed only when the registry's owner has another name than the registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registries: Vec<RegistryUse>,
    /// Events that the service emits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EmittedEvent>,
}

/// A registry that the service calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistryUse {
    /// Name of the registry, as steps and prefills write it.
    pub name: String,
    /// Agency that owns it.
    pub agency: String,
}

/// An event that the service emits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmittedEvent {
    /// Name used by the `emit` step, in the past tense: `certificate-issued`.
    pub name: String,
    /// What it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// JSON Schema of its attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

/// What is promised to the applicant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceLevel {
    /// Time from submission to result.
    pub promised: Span,
    /// Calendar of working days. When left out: the country's. There is no other one yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Notification that tells the applicant when the promise is broken; officers' open tasks of the case are late from then on, and whoever
    /// leads the office sees them. While the applicant has something to do, nothing is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_breach: Option<String>,
}

/// How a service runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// Alone (when left out), or in a host with others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub isolation: Isolation,
    /// How many copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<Replicas>,
    /// What each copy may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
}

/// Alone, or in a host with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Isolation {
    /// Alone.
    #[default]
    Dedicated,
    /// With the agency's other services.
    Shared,
}

/// How many copies run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Replicas {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// What each copy may use, in Kubernetes' units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resources {
    /// Processor, for example `500m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Memory, for example `256Mi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}
