//! Whether the definition is its namespace's own and passes the same check as at the author's desk.

use api::Kind;
use kube::ResourceExt;
use process::check::{self, Options};
use serde_json::Value;

use super::references::{self, Needs};
use crate::{
    host,
    kind::{Applied, as_written},
    outcome::{Stopped, refused, unsound},
    rollout::{self, Plan},
};

pub struct Sound {
    pub name: String,
    /// The definition as JSON.
    pub definition: Vec<u8>,
    /// It runs, but not every text is there: it is tried out, not published.
    pub draft: bool,
    /// First day (ISO 8601); empty: at once.
    pub from: String,
    /// How a changed presentation is brought in.
    pub plan: Option<Plan>,
    /// What it needs of other agencies.
    pub needs: Needs,
}

pub fn validate(applied: &Applied, agency: &str, trial: bool) -> Result<Sound, Stopped> {
    let named = applied.spec.get("agency").and_then(Value::as_str).unwrap_or_default();
    if named != agency {
        let message = format!("spec.agency: this namespace is `{agency}`\u{2019}s, not `{named}`\u{2019}s.");
        return Err(refused("WrongAgency", message));
    }
    host::wish(&applied.name_any(), &applied.spec)?;
    let definition = as_written(Kind::ServiceDefinition, applied).to_string().into_bytes();
    let report = check::check_json(&definition, &Options::default());
    let publishes = report.publishes();
    if !(publishes || trial && report.runs()) {
        return Err(unsound(&report.problems));
    }
    let plan = rollout::plan(&applied.spec);
    let needs = report.definition.as_ref().map(references::needs).unwrap_or_default();
    let from = report.definition.and_then(|definition| definition.spec.effective_from).map(|from| from.date);
    let from = from.unwrap_or_default();
    Ok(Sound { name: applied.name_any(), definition, draft: !publishes, from, plan, needs })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{outcome::Outcome, tests::applied};

    fn refusal(spec: Value) -> (&'static str, String) {
        let definition = applied(Kind::ServiceDefinition, "copy", Some("justice"), spec);
        match validate(&definition, "justice", false).map_err(|stopped| *stopped) {
            Err(Outcome::Refused { reason, message }) => (reason, message),
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("passed"),
        }
    }

    #[test]
    fn a_definition_cannot_speak_for_another_agency_than_its_namespace() {
        assert_eq!(refusal(json!({"agency": "health", "title": {"en": "Copy"}})).0, "WrongAgency");
    }

    #[test]
    fn a_refusal_says_where_and_what_with_a_code() {
        let (reason, message) = refusal(json!({"agency": "justice", "title": {"en": "Copy"}, "levle": "listed"}));
        assert_eq!(reason, "Invalid");
        assert!(message.contains("spec.levle: "), "{message}");
        assert!(message.contains("spec.level") || message.contains("`level`"), "what to write instead: {message}");
    }
}
