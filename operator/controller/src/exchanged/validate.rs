//! Whether the resource is sound and speaks for its own agency only.

use api::Kind;
use serde_json::Value;

use crate::{
    judge,
    kind::{Applied, as_written},
    outcome::{Stopped, refused},
};

pub struct Sound {
    /// The resource as JSON.
    pub resource: Vec<u8>,
    /// Whose officers decide; of a registry nobody's.
    pub giver: String,
}

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
    let resource = judge::sound(&as_written(kind, applied))?;
    let giver = applied.spec.get("from").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Sound { resource, giver })
}
