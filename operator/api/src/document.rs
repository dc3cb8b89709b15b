//! Documents that a service issues.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Reason, Span, Text, is_default};

/// A document: rendered from a template and sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    /// Name used by the `document` step and by `delivers`.
    pub name: String,
    /// What people read on the link and in the PDF's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Typst template: its text, or in a service's folder the path `templates/NAME.typ`.
    pub template: String,
    /// Agency whose seal it bears.
    pub seal: String,
    /// Pattern of its number. When left out: `{agency}-{year}-{n}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbering: Option<String>,
    /// How long it is valid. When left out: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Span>,
    /// How an issued document is withdrawn, or replaced by a new one with the same content. When left out: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<Recall>,
}

/// Who withdraws an issued document, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recall {
    /// Role of the officers who may, through a task of the case in this role.
    pub role: String,
    /// Reasons to choose from; whoever verifies the document reads the chosen one.
    pub reasons: Vec<Reason>,
    /// Two officers agree on it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub four_eyes: bool,
}
