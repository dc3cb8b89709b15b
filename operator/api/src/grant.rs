//! Grants: one agency lets another use its registry, seal, beneficiary account or events, by law and until a date.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{LegalBasis, Metadata, Text, is_default};

/// What an agency asks of another; it lives with the asking agency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantRequest {
    /// Always `xizmat.dev/v1alpha1`.
    pub api_version: String,
    /// Always `GrantRequest`.
    pub kind: String,
    /// Name of the request and the asking agency's namespace.
    pub metadata: Metadata,
    /// What is asked.
    pub spec: GrantSpec,
}

/// What an agency gives another; it lives with the giving agency and works only once its officers have approved it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// Always `xizmat.dev/v1alpha1`.
    pub api_version: String,
    /// Always `Grant`.
    pub kind: String,
    /// Name of the grant and the giving agency's namespace.
    pub metadata: Metadata,
    /// What is given.
    pub spec: GrantSpec,
}

/// Who may ask what, about whom, why, by which law and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantSpec {
    /// Agency that gives.
    pub from: String,
    /// Agency that may use it.
    pub to: String,
    /// Services of that agency. When left out: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Registry that may be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Its operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<String>,
    /// Fields of the answer that are passed on, by their names at the top. When left out: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The giving agency's seal may be used.
    #[serde(default, skip_serializing_if = "is_default")]
    pub seal: bool,
    /// The giving agency receives a part of fees.
    #[serde(default, skip_serializing_if = "is_default")]
    pub beneficiary: bool,
    /// The giving agency's officers take tasks in these roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Events of the giving agency that may be received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// About whom may be asked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub about: GrantedTo,
    /// Why: citizens read it.
    pub purpose: Text,
    /// The act that allows it.
    pub legal_basis: LegalBasis,
    /// Most requests a minute. When left out: the platform's own limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// Last day (ISO 8601 date).
    pub until: String,
}

/// About whom a registry may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum GrantedTo {
    /// Only the applicant, subject or consenting person of the case.
    #[default]
    Case,
    /// Anyone; needs its own legal basis and rate.
    Anyone,
}
