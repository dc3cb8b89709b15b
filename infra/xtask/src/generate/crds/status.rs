//! What the operator reports: conditions as kstatus and `kubectl wait` read them, and what `kubectl get` shows of a service.

use api::Kind;
use serde_json::{Map, Value, json};

/// Longest reason and message of a condition, as everywhere in Kubernetes.
const REASON_MAX: usize = 1024;
const MESSAGE_MAX: usize = 32_768;
/// What nobody has looked at yet. Without a number kstatus takes a resource for current before the operator has seen it.
const UNSEEN: i64 = -1;

pub fn schema(kind: Kind) -> Value {
    let mut properties = Map::from_iter([
        ("observedGeneration".to_owned(), observed()),
        (
            "conditions".to_owned(),
            json!({
                "type": "array", "items": condition(), "description": "What holds now.",
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
            }),
        ),
        ("revision".to_owned(), text("Hash of the revision that was admitted.")),
    ]);
    match kind {
        Kind::ServiceDefinition => properties.extend(service()),
        Kind::Grant | Kind::GrantRequest => properties.extend([("approval".to_owned(), approval())]),
        Kind::Agency | Kind::Registry => {}
    }
    json!({
        "type": "object", "description": "What the platform reports.", "default": {"observedGeneration": UNSEEN},
        "properties": properties,
    })
}

/// As the exchange has it.
fn approval() -> Value {
    let moment = json!({
        "type": "string", "format": "date-time",
        "description": "First moment at which the version in force holds no longer.",
    });
    json!({
        "type": "object", "description": "What officers approved, and what is enforced of it.",
        "properties": {
            "grant": text("Name of the grant; of a request: of the one that answers it."),
            "hash": text("Hash of the spec that was applied last: what an approval signs."),
            "given": count("Officers who approved that spec."),
            "needed": count("Officers who must approve it."),
            "inForce": text("Hash of the version in force; another one while a changed spec waits."),
            "validUntil": moment,
        },
    })
}

fn service() -> [(String, Value); 8] {
    let revision = json!({
        "type": "object", "required": ["revision"], "description": "A revision, and who follows it.",
        "properties": {
            "revision": text("Beginning of its hash."),
            "share": count("How many of a hundred people begin with it."),
            "openCases": count("Cases on it that have not ended."),
            "drafts": count("Applications on it that are not submitted."),
            "effectiveFrom": text("First day on which submissions follow it."),
        },
    });
    let revisions = json!({
        "type": "array", "items": revision, "description": "Revisions that are in force or that cases run on, newest first.",
        "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["revision"],
    });
    [
        ("url".to_owned(), text("Address at which citizens find the service.")),
        ("activeRevision".to_owned(), text("Name of the revision that new applications follow.")),
        ("openCases".to_owned(), count("Cases that have not ended, on all revisions.")),
        ("revisions".to_owned(), revisions),
        ("replicas".to_owned(), count("How many copies there are.")),
        ("readyReplicas".to_owned(), count("How many copies take requests.")),
        ("selector".to_owned(), text("Labels of its pods, for autoscalers.")),
        ("rollout".to_owned(), rollout()),
    ]
}

fn rollout() -> Value {
    json!({
        "type": "object", "description": "How far a new revision has got, while it is brought in.",
        "properties": {
            "revision": text("Beginning of the hash of the new revision."),
            "against": text("Beginning of the hash of the revision it is compared with."),
            "share": count("How many of a hundred people begin with it."),
            "step": text("Which step it stands at, as `2/3`."),
            "since": {"type": "string", "format": "date-time", "description": "Since when it stands there."},
            "cases": count("Cases that it is judged by."),
            "judged": {"type": "boolean", "description": "Whether the last step was judged by enough cases."},
            "message": text("What it waits for, or why it went on or back."),
        },
    })
}

/// Of a ServiceRevision.
pub fn revision() -> Value {
    json!({
        "type": "object", "description": "What the platform reports.",
        "properties": {
            "share": count("How many of a hundred people begin with it."),
            "openCases": count("Cases on it that have not ended."),
            "drafts": count("Applications on it that are not submitted."),
            "kept": count("Ended cases on it that are still kept."),
        },
    })
}

fn count(what: &str) -> Value {
    json!({"type": "integer", "format": "int32", "minimum": 0, "description": what})
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

fn observed() -> Value {
    json!({
        "type": "integer", "format": "int64", "minimum": UNSEEN,
        "description": "Generation that this describes; -1 before the operator has looked at it.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_looked_at_has_an_observed_generation_all_the_same() {
        for kind in Kind::ALL {
            let status = schema(kind);
            assert_eq!(status["default"], json!({"observedGeneration": UNSEEN}), "{}", kind.name());
            assert_eq!(status["properties"]["observedGeneration"]["minimum"], UNSEEN, "{}", kind.name());
        }
    }
}
