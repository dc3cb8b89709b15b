//! The data of a case: its shape, its meaning, and how long it is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{LegalBasis, Span, Text};

/// The data of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Data {
    /// JSON Schema 2020-12 of the data, with bounds (`maxLength`, `maxItems`); `$ref` only inside the schema.
    pub schema: Value,
    /// Why the data is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Text>,
    /// Meaning of single values, shared between agencies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<Concept>,
    /// How long cases and drafts are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
}

/// Meaning of one value of the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Concept {
    /// Path of the value, for example `marriage.date`.
    pub at: String,
    /// Link to the concept (https).
    pub uri: String,
}

/// How long cases and drafts are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retention {
    /// After the end of a case.
    pub cases: Span,
    /// After the last change of a draft.
    pub drafts: Span,
    /// The act that orders it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
}
