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
    /// How an issued document is withdrawn, or replaced by a new one with the same content or without a slip. When left out: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<Recall>,
}

/// Who withdraws an issued document, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recall {
    /// Role of the officers who may, through a task of the case in this role. Where it never had one: in the office to which the first
    /// such task of the service would go.
    pub role: String,
    /// Reasons to choose from; whoever verifies the document reads the chosen one.
    pub reasons: Vec<Reason>,
    /// Two officers agree on it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub four_eyes: bool,
    /// What a new one may say otherwise once the case has ended, where the old one has a slip: always by two officers, and for a
    /// reason that names its article. What was decided stays. When left out: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrects: Vec<Correctable>,
    /// Notification by which the applicant is told that a document was withdrawn or replaced. When left out: the case says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
}

/// A field in which a slip may be corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Correctable {
    /// Where templates find it: `data.marriage.date`, `facts.record.place`.
    pub at: String,
    /// What officer and applicant read. When left out: what the form says beside the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
}
