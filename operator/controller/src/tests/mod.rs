//! Resources as tests apply them, and an operator that looks at them.

mod agencies;
mod alerts;
mod deletion;
mod looks;
mod rollouts;
mod server;
pub mod world;

use api::Kind;
use serde_json::Value;

use crate::kind::{Applied, resource};

pub fn applied(kind: Kind, name: &str, namespace: Option<&str>, spec: Value) -> Applied {
    let mut applied = Applied::new(name, &resource(kind), spec);
    applied.metadata.namespace = namespace.map(str::to_owned);
    applied
}
