//! Events as they are read back, of this version and of older ones.

use serde_json::Value;

use super::Event;

/// A stored event that this binary cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an event of a case cannot be read: {0}")]
pub struct UnreadableEvent(String);

/// Reads a stored event of any version up to this one; upcasters of older forms stand here. What is wrong is told without
/// the parser's own words, which could repeat a value.
pub fn read(stored: &[u8]) -> Result<Event, UnreadableEvent> {
    let value: Value = serde_json::from_slice(stored)
        .map_err(|error| UnreadableEvent(format!("no JSON at line {}, column {}", error.line(), error.column())))?;
    match value["version"].as_u64() {
        Some(1) => serde_json::from_value(value).map_err(|_| UnreadableEvent("its content does not fit".to_owned())),
        version => Err(UnreadableEvent(format!("its version {version:?} is not known to this binary"))),
    }
}
