//! A choice as it was made.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A `decide` step chose: by which case, or by which rules of its table and from what stood in its inputs.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    pub step: String,
    /// `cases[0]`, `table` or `otherwise`.
    pub rule: String,
    pub next: String,
    /// Names of the table's rules that held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fired: Vec<String>,
    /// Articles of the law that these rules name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<String>,
    /// What stood in each input of the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Value>,
}
