//! Whether what is wanted is there already: then nothing is written.

use serde_json::Value;

/// Everything that is wanted is there with the same value; what the API server or others added beside it is theirs.
/// A list has one owner: it is the same length.
pub fn holds(wanted: &Value, live: &Value) -> bool {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => {
            wanted.iter().all(|(field, value)| live.get(field).is_some_and(|live| holds(value, live)))
        }
        (Value::Array(wanted), Value::Array(live)) => {
            wanted.len() == live.len() && wanted.iter().zip(live).all(|(wanted, live)| holds(wanted, live))
        }
        (wanted, live) => wanted == live,
    }
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
    }
}
