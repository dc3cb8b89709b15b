//! Of what kind each difference of a definition is, as the register judges it: running, presentation or law.

use api::ServiceDefinition;
use process::change::{Kind, classify};
use serde_json::Value;

/// The kinds of all differences, by path.
pub struct Kinds {
    differences: Vec<(String, Kind)>,
    /// What cannot be read as a definition any more is compared with nothing.
    readable: bool,
}

impl Kinds {
    pub fn between(before: &Value, after: &ServiceDefinition) -> Self {
        let Ok(before) = serde_json::from_value::<ServiceDefinition>(before.clone()) else {
            return Self { differences: Vec::new(), readable: false };
        };
        let found = classify(&before, after).differences.into_iter();
        Self { differences: found.map(|difference| (difference.path, difference.kind)).collect(), readable: true }
    }

    /// The strictest of what lies at the path, around it or inside it; what nobody judged is law.
    pub fn of(&self, path: &str) -> Kind {
        let near = self.differences.iter().filter(|(known, _)| is_within(path, known) || is_within(known, path));
        near.map(|(_, kind)| *kind).max().unwrap_or(Kind::Law)
    }

    /// Nothing, where nothing differs.
    pub fn strictest(&self) -> Option<Kind> {
        if self.readable { self.differences.iter().map(|(_, kind)| *kind).max() } else { Some(Kind::Law) }
    }
}

fn is_within(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition(fees: Value) -> Value {
        let spec = json!({"agency": "justice", "title": {"en": "Copy"}, "fees": fees});
        let metadata = json!({"name": "copy", "namespace": "justice"});
        json!({"apiVersion": api::API_VERSION, "kind": "ServiceDefinition", "metadata": metadata, "spec": spec})
    }

    #[test]
    fn a_difference_inside_a_part_is_of_the_kind_of_the_part() {
        let fee =
            |title: &str, amount: &str| json!([{"name": "duty", "title": {"en": title}, "amount": amount, "to": []}]);
        let after: ServiceDefinition = serde_json::from_value(definition(fee("Duty", "2"))).unwrap();
        let kinds = Kinds::between(&definition(fee("A duty", "1")), &after);
        assert_eq!(kinds.of("spec.fees[0].title.en"), Kind::Presentation);
        assert_eq!((kinds.of("spec.fees[0].amount"), kinds.strictest()), (Kind::Law, Some(Kind::Law)));
        assert_eq!(kinds.of("spec.fees[0].titles"), Kind::Law, "a longer name is another part");
    }

    #[test]
    fn what_cannot_be_read_any_more_is_law() {
        let after: ServiceDefinition = serde_json::from_value(definition(json!([]))).unwrap();
        let kinds = Kinds::between(&json!({"spec": {"old": true}}), &after);
        assert_eq!((kinds.of("spec.title.en"), kinds.strictest()), (Kind::Law, Some(Kind::Law)));
    }
}
