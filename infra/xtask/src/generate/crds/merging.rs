//! What Kustomize must know of our lists to change one item by its name; without it a patch of one fee replaces all fees.

use api::Kind;
use serde_json::{Map, Value, json};

use super::{Generated, Outcome, schema};

const PATH: &str = "infra/gitops/kustomize/base/xizmat.openapi.json";

pub fn generate() -> Outcome<Generated> {
    let mut definitions = Map::new();
    for kind in Kind::ALL {
        let Some(mut definition) = merging(&schema(kind)?) else { continue };
        let group = json!({"group": "xizmat.dev", "version": "v1alpha1", "kind": kind.name()});
        definition["x-kubernetes-group-version-kind"] = json!([group]);
        definitions.insert(format!("dev.xizmat.v1alpha1.{}", kind.name()), definition);
    }
    let content =
        serde_json::to_string_pretty(&json!({"definitions": definitions})).map_err(|error| error.to_string())?;
    Ok(Generated { path: PATH.into(), content: format!("{content}\n") })
}

/// Only the way to lists whose items have a name; nothing for what holds none.
fn merging(schema: &Value) -> Option<Value> {
    if let Some(items) = schema.get("items") {
        let inner = merging(items);
        let name = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
        let Some([Value::String(name)]) = name.map(Vec::as_slice) else {
            return inner.map(|inner| json!({"type": "array", "items": inner}));
        };
        return Some(json!({
            "type": "array", "items": inner.unwrap_or_else(|| json!({"type": "object"})),
            "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": name,
        }));
    }
    let properties: Map<String, Value> = schema.get("properties")?.as_object()?.iter().filter_map(named).collect();
    (!properties.is_empty()).then(|| json!({"type": "object", "properties": properties}))
}

fn named((name, schema): (&String, &Value)) -> Option<(String, Value)> {
    // Nobody applies a status.
    if name == "status" { None } else { Some((name.clone(), merging(schema)?)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_and_a_branch_inside_a_step_are_found_by_their_names() {
        let written: Value = serde_json::from_str(&generate().unwrap().content).unwrap();
        let service = &written["definitions"]["dev.xizmat.v1alpha1.ServiceDefinition"];
        let spec = &service["properties"]["spec"]["properties"];
        for list in ["fees", "forms", "documents"] {
            assert_eq!(spec[list]["x-kubernetes-patch-merge-key"], "name", "{list}");
        }
        let step = &spec["process"]["properties"]["steps"]["items"]["properties"];
        assert_eq!(step["parallel"]["properties"]["branches"]["x-kubernetes-patch-merge-key"], "name");
        assert!(service["properties"].get("status").is_none());
    }
}
