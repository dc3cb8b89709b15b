//! Resources as tests apply them, and a cluster and a platform that answer what a look of the operator asks.

mod cluster;
mod deletion;
mod platform;

use api::Kind;
use serde_json::Value;

use crate::kind::{Applied, resource};

pub fn applied(kind: Kind, name: &str, namespace: Option<&str>, spec: Value) -> Applied {
    let mut applied = Applied::new(name, &resource(kind), spec);
    applied.metadata.namespace = namespace.map(str::to_owned);
    applied
}
