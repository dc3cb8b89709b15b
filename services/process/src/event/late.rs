//! What nobody waits for any more when it comes, and what is undone.

use std::collections::BTreeSet;

use kernel::Hash;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Nobody corrected it as long as anybody waited for that: what was typed and never sent counts for nothing.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CorrectionForgotten {
    /// The whole data as it was sent.
    pub data: Value,
    /// Pages (`form/page`) that are as they were sent.
    pub pages: BTreeSet<String>,
    /// Files that were attached and never sent.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub forgotten: BTreeSet<Hash>,
}
