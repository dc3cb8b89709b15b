//! What comes when nobody waits for it any more, or before anybody does.

use std::collections::BTreeSet;

use kernel::{
    Hash,
    id::{DocumentId, IntentId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command::Verdict;

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

/// Payments said what became of an intent before its answer that there is one: it counts when that comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictKept {
    pub intent: IntentId,
    pub verdict: Verdict,
}

/// Signing sealed it when the case had gone on without it: nobody is given it, and signing is asked to withdraw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentUnwanted {
    pub name: String,
    pub document: DocumentId,
    pub number: String,
    pub code: String,
}
