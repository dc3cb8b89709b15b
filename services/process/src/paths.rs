//! Dotted paths into JSON objects: `marriage.date`.

use serde_json::{Map, Value};

pub fn get<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(root, |value, segment| value.as_object()?.get(segment))
}

/// Puts a value, making the objects on the way; what is not an object on the way is replaced.
pub fn put(root: &mut Value, path: &str, value: Value) {
    let mut at = root;
    let mut segments = path.split('.').peekable();
    while let Some(segment) = segments.next() {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(fields) = at else { return };
        if segments.peek().is_none() {
            fields.insert(segment.to_owned(), value);
            return;
        }
        at = fields.entry(segment.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    }
}

/// Makes the objects above a path, so that what is missing is told at the path itself.
pub fn make_parents(root: &mut Value, path: &str) {
    if let Some((parents, _)) = path.rsplit_once('.')
        && get(root, parents).is_none()
    {
        put(root, parents, Value::Object(Map::new()));
    }
}

/// Takes a value away, and the objects that it leaves empty.
pub fn remove(root: &mut Value, path: &str) {
    let Value::Object(fields) = root else { return };
    match path.split_once('.') {
        None => {
            fields.remove(path);
        }
        Some((first, rest)) => {
            if let Some(inner) = fields.get_mut(first) {
                remove(inner, rest);
                if inner.as_object().is_some_and(Map::is_empty) {
                    fields.remove(first);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_put_is_found_and_what_is_removed_leaves_nothing_behind() {
        let mut data = json!({});
        put(&mut data, "marriage.date", json!("2020-01-01"));
        put(&mut data, "marriage.office", json!("nukus"));
        assert_eq!(get(&data, "marriage.office"), Some(&json!("nukus")));
        assert_eq!(get(&data, "marriage.date.year"), None);
        remove(&mut data, "marriage.date");
        remove(&mut data, "marriage.office");
        remove(&mut data, "never.there");
        assert_eq!(data, json!({}));
    }
}
