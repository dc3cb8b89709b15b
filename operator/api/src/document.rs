//! Documents that a service issues.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Span, Text};

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
}
