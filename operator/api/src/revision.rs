//! A ServiceRevision: what the operator keeps of an admitted definition for as long as people are offered it or cases run on it.
//! Nobody writes one by hand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Metadata;

/// An admitted definition as it was on its day. The operator makes it, and takes it away when nobody is offered it any more, no case
/// runs on it, and three newer ones are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRevision {
    /// Always `xizmat.dev/v1alpha1`.
    pub api_version: String,
    /// Always `ServiceRevision`.
    pub kind: String,
    /// The service's name and the beginning of the hash.
    pub metadata: Metadata,
    /// What was admitted. It never changes.
    pub spec: RevisionSpec,
}

/// What was admitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevisionSpec {
    /// Agency that answers for the service.
    pub agency: String,
    /// Name of the service.
    pub service: String,
    /// SHA-256 of the canonical definition (RFC 8785), as 64 hexadecimal digits.
    pub revision: String,
    /// When the register admitted it (RFC 3339).
    pub admitted: String,
    /// First day on which submissions follow it (ISO 8601 date). When left out: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<String>,
    /// What it changed.
    pub change: Changed,
    /// The definition, as it was admitted.
    pub definition: Value,
}

/// What a revision changed against the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Changed {
    /// There was none before.
    First,
    /// Only how it runs.
    Running,
    /// Only what people see of it.
    Presentation,
    /// What the law says.
    Law,
}

impl ServiceRevision {
    /// As written in `kind`.
    pub const KIND: &'static str = "ServiceRevision";
    /// As the API server calls them.
    pub const PLURAL: &'static str = "servicerevisions";
    /// Digits of the hash in a name.
    pub const DIGITS: usize = 12;

    /// The service's name and the beginning of the hash.
    pub fn name_of(service: &str, revision: &str) -> String {
        let beginning: String = revision.chars().take(Self::DIGITS).collect();
        format!("{service}-{beginning}")
    }

    /// JSON Schema of the kind.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(ServiceRevision)
    }
}

impl Changed {
    /// From what the register says; what it does not know is law.
    pub fn parse(word: &str) -> Self {
        match word {
            "first" => Self::First,
            "none" | "running" => Self::Running,
            "presentation" => Self::Presentation,
            _ => Self::Law,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Running => "running",
            Self::Presentation => "presentation",
            Self::Law => "law",
        }
    }
}
