//! Whether the resource is sound and speaks for its own agency only.

use api::Kind;
use serde_json::Value;

use crate::{
    judge,
    kind::{Applied, as_written},
    outcome::{Stopped, refused},
};

/// The resource as JSON.
pub struct Sound(pub Vec<u8>);

pub fn validate(kind: Kind, applied: &Applied, agency: &str) -> Result<Sound, Stopped> {
    let own = match kind {
        Kind::Registry => "agency",
        Kind::GrantRequest => "to",
        _ => "from",
    };
    let named = applied.spec.get(own).and_then(Value::as_str).unwrap_or_default();
    if named != agency {
        let message = format!("spec.{own}: this namespace is `{agency}`\u{2019}s, not `{named}`\u{2019}s.");
        return Err(refused("WrongAgency", message));
    }
    judge::sound(&as_written(kind, applied)).map(Sound)
}
