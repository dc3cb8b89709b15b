//! What a service costs, who is spared, and who gets the money.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{LegalBasis, Text, is_default};

/// One fee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fee {
    /// Name used by the `payment` step.
    pub name: String,
    /// What people read beside the amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Exact CEL expression of type Money, for example `percent(ref.bhm, '10')`. Never a float.
    pub amount: String,
    /// When the money is earned. Before, a case that ends without its result gets it back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub earned: Earned,
    /// The act that orders the fee; needed when it is earned before the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
    /// Who gets it. Shares are parts of the sum of all shares.
    pub to: Vec<Share>,
    /// Who pays nothing, or less.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

/// When a fee is earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Earned {
    /// When the result is delivered.
    #[default]
    OnResult,
    /// When the application has been reviewed.
    OnReview,
    /// When the application has been submitted.
    OnSubmission,
}

/// A part of a fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Share {
    /// Agency that gets it.
    pub agency: String,
    /// How large its part is.
    pub share: u32,
    /// Name of the agency's account. When left out: its first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// Who pays nothing, or less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiver {
    /// What people read beside the waiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// CEL condition under which it applies.
    pub when: String,
    /// Where the facts come from: `registry/operation`. When left out, the applicant declares them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What is paid instead (exact CEL, Money). When left out: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The act that grants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
}
