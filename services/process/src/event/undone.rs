//! What is undone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::TokenId;

/// The token runs these compensations, the last done first, and goes on at the last name of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompensationBegun {
    pub token: TokenId,
    pub plan: Vec<String>,
    /// The steps that are undone so. An earlier release did not say it: all that the steps of the plan undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<BTreeSet<String>>,
}
