//! A service with open cases is not taken away by a slip: whoever means it says so on the definition.

use serde_json::Value;

use super::{
    refusal::About,
    review::{Refusal, Verdict},
};
use crate::ending::END_CASES;

/// Judges the deletion of a definition by what its status says; what says nothing has no cases.
pub fn judge(about: About<'_>, definition: &Value) -> Verdict {
    let open = definition.pointer("/status/openCases").and_then(Value::as_i64).unwrap_or_default();
    let meant = definition.pointer("/metadata/annotations").and_then(|all| all.get(END_CASES));
    if open <= 0 || meant.and_then(Value::as_str) == Some("true") {
        return Verdict::allowed();
    }
    let cases = if open == 1 { "1 case is".to_owned() } else { format!("{open} cases are") };
    let About { kind, name } = about;
    let code = "service.open-cases";
    let message = format!(
        "{cases} open. To close the service to new cases and let the open ones end, write \
         `kubectl annotate sd {name} {END_CASES}=true` and delete it again ({code})"
    );
    Verdict::Refused(Box::new(Refusal {
        code: 403,
        reason: "Forbidden",
        message,
        kind: kind.to_owned(),
        name: name.to_owned(),
        causes: Vec::new(),
        warnings: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(definition: Value) -> Option<String> {
        match judge(About { kind: "ServiceDefinition", name: "copy" }, &definition) {
            Verdict::Allowed { .. } => None,
            Verdict::Refused(refusal) => Some(refusal.message),
        }
    }

    #[test]
    fn a_service_with_open_cases_goes_only_when_that_is_meant() {
        let annotated =
            |value: &str| json!({"metadata": {"annotations": {END_CASES: value}}, "status": {"openCases": 3}});
        let refused = refusal(json!({"metadata": {}, "status": {"openCases": 3}})).unwrap();
        assert!(
            refused.starts_with("3 cases are open.") && refused.contains("annotate sd copy xizmat.dev/end-cases=true")
        );
        assert!(refusal(annotated("false")).is_some());
        assert_eq!(refusal(annotated("true")), None);
        assert_eq!(refusal(json!({"status": {"openCases": 0}})), None);
        assert_eq!(refusal(json!({"status": {"openCases": "many"}})), None);
        assert_eq!(refusal(Value::Null), None);
    }
}
