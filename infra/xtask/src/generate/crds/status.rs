//! What the operator reports: conditions as kstatus and `kubectl wait` read them, and what `kubectl get` shows of a service.

use api::Kind;
use serde_json::{Map, Value, json};

/// Longest reason and message of a condition, as everywhere in Kubernetes.
const REASON_MAX: usize = 1024;
const MESSAGE_MAX: usize = 32_768;

pub fn schema(kind: Kind) -> Value {
    let mut properties = Map::from_iter([
        ("observedGeneration".to_owned(), generation()),
        (
            "conditions".to_owned(),
            json!({
                "type": "array", "items": condition(), "description": "What holds now.",
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
            }),
        ),
        ("revision".to_owned(), text("Hash of the revision that was admitted.")),
    ]);
    if kind == Kind::ServiceDefinition {
        properties.extend(service());
    }
    json!({"type": "object", "description": "What the platform reports.", "properties": properties})
}

fn service() -> [(String, Value); 6] {
    let count = |what: &str| json!({"type": "integer", "format": "int32", "minimum": 0, "description": what});
    let rollout = json!({
        "type": "object", "description": "How far a new revision has got, while it is brought in.",
        "properties": {"step": text("Which step it stands at, in words.")},
    });
    [
        ("url".to_owned(), text("Address at which citizens find the service.")),
        ("activeRevision".to_owned(), text("Name of the revision that new applications follow.")),
        ("replicas".to_owned(), count("How many copies there are.")),
        ("readyReplicas".to_owned(), count("How many copies take requests.")),
        ("selector".to_owned(), text("Labels of its pods, for autoscalers.")),
        ("rollout".to_owned(), rollout),
    ]
}

fn condition() -> Value {
    json!({
        "type": "object",
        "required": ["type", "status", "lastTransitionTime", "reason", "message"],
        "properties": {
            "type": text("What it tells, for example Ready."),
            "status": {"type": "string", "enum": ["True", "False", "Unknown"], "description": "Whether it holds."},
            "observedGeneration": generation(),
            "lastTransitionTime": {"type": "string", "format": "date-time", "description": "When it last changed."},
            "reason": {
                "type": "string", "minLength": 1, "maxLength": REASON_MAX,
                "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", "description": "Why, in one word.",
            },
            "message": {
                "type": "string", "maxLength": MESSAGE_MAX,
                "description": "Why, for a person: what is wrong and what to write instead.",
            },
        },
    })
}

fn generation() -> Value {
    json!({
        "type": "integer", "format": "int64", "minimum": 0,
        "description": "Generation of the resource that this describes.",
    })
}

fn text(what: &str) -> Value {
    json!({"type": "string", "description": what})
}
