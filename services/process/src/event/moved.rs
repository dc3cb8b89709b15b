//! A draft as it moves.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Hash;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A draft moved on to another revision with the answers that fit there.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftMoved {
    pub from: Hash,
    pub revision: Hash,
    pub semantics: u32,
    /// Paths of the answers that stay, or come back; all others are set aside.
    pub kept: BTreeSet<String>,
    /// Paths of facts that the new form does not take from where they came.
    pub released: BTreeSet<String>,
    /// Answers that were right before and are not now: path → code.
    pub invalid: BTreeMap<String, String>,
    /// Fields that were not asked for before.
    pub added: BTreeSet<String>,
    /// `form/page` of pages that the person goes through once more.
    pub reopened: BTreeSet<String>,
    /// The whole typed data under the new revision.
    pub data: Value,
}
