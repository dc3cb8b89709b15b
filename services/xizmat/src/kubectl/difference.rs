//! What is not the same in two resources, by path; items of a list are told apart by their names, not by their places.

use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Where in the applied one, as `xizmat check` writes it: `spec.fees[0].amount`; of what is gone, where it was.
    pub path: String,
    /// What the cluster holds; left out: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The same items in another order.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub moved: bool,
}

pub fn between(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => fields(path, before, after, found),
        (Some(Value::Array(before)), Some(Value::Array(after))) => items(path, before, after, found),
        (before, after) if before == after => {}
        (before, after) => {
            let path = path.to_owned();
            found.push(Difference { path, before: before.cloned(), after: after.cloned(), moved: false });
        }
    }
}

fn fields(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<Difference>) {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in after.keys().chain(gone) {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        compare(&inner, before.get(name), after.get(name), found);
    }
}

fn items(path: &str, before: &[Value], after: &[Value], found: &mut Vec<Difference>) {
    let Some(key) = KEYS.into_iter().find(|key| named(before, key) && named(after, key)) else {
        for index in 0..before.len().max(after.len()) {
            compare(&format!("{path}[{index}]"), before.get(index), after.get(index), found);
        }
        return;
    };
    let place = |list: &[Value], item: &Value| list.iter().position(|other| other.get(key) == item.get(key));
    let mut order = Vec::new();
    for (index, item) in after.iter().enumerate() {
        let known = place(before, item);
        order.extend(known);
        compare(&format!("{path}[{index}]"), known.and_then(|known| before.get(known)), Some(item), found);
    }
    for (index, item) in before.iter().enumerate().filter(|(_, item)| place(after, item).is_none()) {
        compare(&format!("{path}[{index}]"), Some(item), None, found);
    }
    if !order.is_sorted() {
        let names = |list: &[Value]| Some(list.iter().filter_map(|item| item.get(key)).cloned().collect());
        found.push(Difference { path: path.to_owned(), before: names(before), after: names(after), moved: true });
    }
}

/// What tells items apart: their name, the place of their answer in the data, or the value that they stand for.
const KEYS: [&str; 3] = ["name", "at", "value"];

fn named(list: &[Value], key: &str) -> bool {
    let names: Vec<&str> = list.iter().filter_map(|item| item.get(key)?.as_str()).collect();
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    names.len() == list.len() && once.len() == list.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(before: Value, after: Value) -> Vec<String> {
        between(&before, &after).into_iter().map(|difference| difference.path).collect()
    }

    #[test]
    fn a_step_that_is_put_in_front_does_not_change_the_steps_behind_it() {
        let steps =
            |names: &[&str]| json!({"steps": names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>()});
        assert_eq!(paths(steps(&["b", "c"]), steps(&["a", "b", "c"])), ["steps[0]"]);
        assert_eq!(paths(steps(&["a", "b", "c"]), steps(&["a", "c"])), ["steps[1]"]);
    }

    #[test]
    fn a_changed_value_is_told_at_its_place_among_the_applied() {
        let before = json!({"fees": [{"name": "x", "amount": "1"}, {"name": "y", "amount": "2"}]});
        let after = json!({"fees": [{"name": "new", "amount": "0"}, {"name": "y", "amount": "3"}, {"name": "x", "amount": "1"}]});
        let found = between(&before, &after);
        let told: Vec<(&str, bool)> = found.iter().map(|one| (one.path.as_str(), one.moved)).collect();
        assert_eq!(told, [("fees[0]", false), ("fees[1].amount", false), ("fees", true)]);
        assert_eq!((found[1].before.clone(), found[1].after.clone()), (Some(json!("2")), Some(json!("3"))));
    }

    #[test]
    fn lists_without_names_are_compared_by_place() {
        assert_eq!(paths(json!({"a": ["x", "y"]}), json!({"a": ["x", "z", "q"]})), ["a[1]", "a[2]"]);
        let twice = json!({"a": [{"name": "x"}, {"name": "x"}]});
        assert_eq!(paths(twice, json!({"a": [{"name": "x"}]})), ["a[1]"]);
    }
}
