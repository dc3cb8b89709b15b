//! Whether what is wanted is there already: then nothing is written.

use serde_json::Value;

/// Everything that is wanted is there with the same value; what the API server or others added beside it is theirs.
/// A list has one owner: it is the same length. An empty one is left out by the API server.
pub fn holds(wanted: &Value, live: &Value) -> bool {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => {
            let empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
            wanted.iter().all(|(field, value)| live.get(field).map_or_else(|| empty(value), |live| holds(value, live)))
        }
        (Value::Array(wanted), Value::Array(live)) => {
            wanted.len() == live.len() && wanted.iter().zip(live).all(|(wanted, live)| holds(wanted, live))
        }
        (wanted, live) => wanted == live,
    }
}

/// Whether a field is ours there (`managedFields`) that is wanted no longer: another release may want less.
pub fn is_dropped(owned: &Value, wanted: &Value) -> bool {
    owned.as_object().into_iter().flatten().any(|(key, inner)| match key.split_once(':') {
        Some(("f", field)) => wanted.get(field).is_none_or(|wanted| is_dropped(inner, wanted)),
        Some(("k", item)) => {
            let item: Value = serde_json::from_str(item).unwrap_or_default();
            let items = wanted.as_array().into_iter().flatten();
            items.into_iter().find(|wanted| holds(&item, wanted)).is_none_or(|wanted| is_dropped(inner, wanted))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_wanted_value_that_differs_or_lacks_is_written() {
        let live = json!({"spec": {"image": "a", "added": 1, "ports": [{"port": 1, "protocol": "TCP"}]}, "status": {}});
        assert!(holds(&json!({"spec": {"image": "a", "ports": [{"port": 1}]}}), &live));
        assert!(!holds(&json!({"spec": {"image": "b"}}), &live));
        assert!(!holds(&json!({"spec": {"missing": null}}), &live));
        assert!(!holds(&json!({"spec": {"ports": []}}), &live), "somebody added to a list of ours");
        assert!(holds(&json!({"spec": {"nobody": []}}), &live) && !holds(&json!({"spec": {"nobody": [1]}}), &live));
    }

    #[test]
    fn a_field_of_ours_that_is_wanted_no_longer_is_found() {
        let owned = json!({
            "f:metadata": {"f:labels": {"f:a": {}}},
            "f:spec": {"f:ports": {"k:{\"port\":1,\"protocol\":\"TCP\"}": {".": {}, "f:name": {}}}, "f:list": {}},
        });
        let ports = |name: &str| json!([{"port": 1, "protocol": "TCP", name: "health"}]);
        let wanted = |label: &str, ports: Value| json!({"metadata": {"labels": {label: "x"}}, "spec": {"ports": ports, "list": [1]}, "new": true});
        assert!(!is_dropped(&owned, &wanted("a", ports("name"))));
        assert!(is_dropped(&owned, &wanted("b", ports("name"))), "a label");
        assert!(is_dropped(&owned, &wanted("a", ports("title"))), "a field of an item");
        assert!(is_dropped(&owned, &wanted("a", json!([]))), "an item");
    }
}
