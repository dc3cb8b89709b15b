//! Forms that acts of law prescribe, as the register keeps them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{LegalBasis, Text};

/// A form that an act prescribes and that the service fills in, or takes the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrescribedForm {
    /// Name in lower-case letters, digits and dashes. It never changes while the form is changed.
    pub name: String,
    /// What the form is called, with its number where it has one.
    pub title: Text,
    /// Whose form it is: whoever may change it.
    pub owner: Text,
    /// The act that prescribes it, with the annex.
    pub legal_basis: LegalBasis,
    /// Which version of it: a number, or the day of the last change.
    pub version: String,
    /// Where the form can be read or downloaded (https).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}
