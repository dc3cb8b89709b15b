//! The resources as the API server holds them: the name of a kind, and an object whose spec nobody has judged yet.

use api::Kind;
use kube::core::{ApiResource, GroupVersionKind, Object};
use serde_json::{Value, json};

use crate::status::Status;

/// A resource of any kind. Its spec stays JSON until it is judged: one that cannot be read must not blind the operator to
/// the others.
pub type Applied = Object<Value, Status>;

pub const GROUP: &str = "xizmat.dev";
pub const VERSION: &str = "v1alpha1";

pub fn resource(kind: Kind) -> ApiResource {
    let plural = match kind {
        Kind::Agency => "agencies",
        Kind::Registry => "registries",
        Kind::GrantRequest => "grantrequests",
        Kind::Grant => "grants",
        Kind::ServiceDefinition => "servicedefinitions",
    };
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(GROUP, VERSION, kind.name()), plural)
}

/// The resource as its author wrote it, without what the API server added. An agency has no namespace.
pub fn as_written<S: Clone>(kind: Kind, applied: &Object<Value, S>) -> Value {
    let metadata = &applied.metadata;
    written(kind, metadata.name.as_deref(), metadata.namespace.as_deref(), applied.spec.clone())
}

pub fn written(kind: Kind, name: Option<&str>, namespace: Option<&str>, mut spec: Value) -> Value {
    let mut metadata = json!({"name": name});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    // Written by autoscalers and `kubectl scale`; it is no part of what the author defines.
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("replicas");
    }
    json!({"apiVersion": api::API_VERSION, "kind": kind.name(), "metadata": metadata, "spec": spec})
}
