//! What the API server judges itself, before anything is stored: rules that no type says, in CEL where a schema cannot.

use api::Kind;
use serde_json::{Value, json};

use crate::generate::Outcome;

/// Names of a resource become names of what runs for it, which add at most eleven letters; a label holds 63.
const NAME_MAX: usize = 52;
/// As `xizmat check` reads a name. The API server alone would take dots and a leading digit too.
const NAME: &str = "^[a-z]([a-z0-9-]*[a-z0-9])?$";
/// The API server admits a rule only with an upper bound of its cost; a list without an end has none.
const STEPS_MAX: usize = 1000;

/// As `xizmat check` counts the steps of a rollout.
const SHARES_MAX: usize = 10;
/// As `xizmat check` reads an engineer and a NATS user key.
const ENGINEERS_MAX: usize = 100;
const ENGINEER_MAX: usize = 253;
/// Of what begins with `system:` only a tool's account writes for an agency, and none of the cluster's own.
const USER: &str = "!self.startsWith('system:') || self.matches('^system:serviceaccount:[a-z0-9-]+:[a-z0-9.-]+$') \
                    && !self.startsWith('system:serviceaccount:kube-')";
const GROUP: &str = "!self.startsWith('system:')";
const NATS_USER: &str = "^U[A-Z2-7]{55}$";
/// As `xizmat check` reads an area: the country, a region, a district or city, a settlement.
const SOATO: &str = "^17([0-9]{2}([0-9]{3}([0-9]{3})?)?)?$";
const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// Kinds of steps, as written.
const STEPS: [&str; 16] = [
    "form",
    "task",
    "payment",
    "call",
    "decide",
    "document",
    "signature",
    "notify",
    "wait",
    "refund",
    "emit",
    "parallel",
    "forEach",
    "subprocess",
    "set",
    "end",
];
const WAITS: [&str; 4] = ["for", "until", "event", "message"];
/// Words that CEL keeps for itself are written between underscores.
const RESERVED: [&str; 1] = ["for"];

/// Adds the rules of this kind to its schema.
pub fn add(kind: Kind, schema: &mut Value) -> Outcome<()> {
    schema["properties"]["metadata"]["properties"]["name"] =
        json!({"type": "string", "maxLength": NAME_MAX, "pattern": NAME});
    if matches!(kind, Kind::ServiceDefinition | Kind::Registry) {
        let message = "the agency never changes; delete the resource, and apply it in the other agency's namespace";
        rule(schema, "spec.agency", "self == oldSelf", message)?;
    }
    match kind {
        Kind::Agency => agency(schema),
        Kind::ServiceDefinition => service(schema),
        Kind::Grant | Kind::GrantRequest => {
            at(schema, "spec.until")?["pattern"] = DAY.into();
            Ok(())
        }
        Kind::Registry => Ok(()),
    }
}

fn service(schema: &mut Value) -> Outcome<()> {
    at(schema, "spec.process.steps")?["maxItems"] = STEPS_MAX.into();
    at(schema, "spec.effectiveFrom.date")?["pattern"] = DAY.into();
    at(schema, "spec.rollout.minCases")?["minimum"] = 1.into();
    let shares = at(schema, "spec.rollout.steps")?;
    (shares["minItems"], shares["maxItems"]) = (1.into(), SHARES_MAX.into());
    let hosted = "has(self.level) && self.level != 'hosted' || has(self.data) && has(self.forms) && has(self.process)";
    rule(schema, "spec", hosted, "a hosted service needs `data`, `forms` and `process`, or write `level: listed`")?;
    exactly_one(schema, "spec.process.steps[]", "a step", &STEPS)?;
    exactly_one(schema, "spec.process.steps[].wait", "a wait", &WAITS)?;
    rule(schema, "spec.deployment.replicas", "self.min <= self.max", "`min` must not be greater than `max`")
}

/// What was admitted stays as it was.
pub fn never_changes(schema: &mut Value) -> Outcome<()> {
    rule(schema, "spec", "self == oldSelf", "a revision never changes; apply a changed ServiceDefinition")
}

/// Whom an agency names gets rights: never the cluster's own users and groups.
fn agency(schema: &mut Value) -> Outcome<()> {
    at(schema, "spec.publicKey.nats")?["pattern"] = NATS_USER.into();
    at(schema, "spec.offices[].soato[]")?["pattern"] = SOATO.into();
    at(schema, "spec.offices[].closed[].date")?["pattern"] = DAY.into();
    at(schema, "spec.engineers")?["maxItems"] = ENGINEERS_MAX.into();
    exactly_one(schema, "spec.engineers[]", "an engineer", &["user", "group"])?;
    for (field, allowed) in [("user", USER), ("group", GROUP)] {
        let place = format!("spec.engineers[].{field}");
        let name = at(schema, &place)?;
        name["minLength"] = 1.into();
        name["maxLength"] = ENGINEER_MAX.into();
        let message = "names that begin with `system:` belong to the cluster itself";
        rule(schema, &place, allowed, message)?;
    }
    Ok(())
}

fn exactly_one(schema: &mut Value, place: &str, what: &str, fields: &[&str]) -> Outcome<()> {
    let there: Vec<_> = fields.iter().map(|field| format!("has(self.{})", escaped(field))).collect();
    let one = format!("[{}].exists_one(there, there)", there.join(", "));
    rule(schema, place, &one, &format!("{what} has exactly one of `{}`", fields.join("`, `")))
}

fn escaped(field: &str) -> String {
    if RESERVED.contains(&field) { format!("__{field}__") } else { field.to_owned() }
}

fn rule(schema: &mut Value, place: &str, rule: &str, message: &str) -> Outcome<()> {
    let found = at(schema, place)?;
    match found["x-kubernetes-validations"].as_array_mut() {
        Some(rules) => rules.push(json!({"rule": rule, "message": message})),
        None => found["x-kubernetes-validations"] = json!([{"rule": rule, "message": message}]),
    }
    Ok(())
}

/// The schema of a field, by its path; `[]` is what a list holds.
pub fn at<'a>(schema: &'a mut Value, place: &str) -> Outcome<&'a mut Value> {
    let pointer: String = place
        .split('.')
        .map(|field| match field.strip_suffix("[]") {
            Some(list) => format!("/properties/{list}/items"),
            None => format!("/properties/{field}"),
        })
        .collect();
    schema.pointer_mut(&pointer).ok_or_else(|| format!("no field `{place}` to put a rule on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields of a step beside its kind.
    const WAYS: [&str; 12] = [
        "name",
        "who",
        "next",
        "timeout",
        "onTimeout",
        "onNotFound",
        "onUnavailable",
        "retry",
        "onError",
        "onDeclined",
        "invite",
        "compensate",
    ];

    #[test]
    fn every_field_of_a_step_is_a_kind_or_a_way() {
        let schema = super::super::schema(Kind::ServiceDefinition).unwrap();
        let step = &schema["properties"]["spec"]["properties"]["process"]["properties"]["steps"]["items"];
        let fields: Vec<_> = step["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        for field in &fields {
            assert!(STEPS.contains(field) || WAYS.contains(field), "`{field}`: a kind of step or not?");
        }
        assert!(STEPS.iter().all(|kind| fields.contains(kind)));
        assert_eq!(step["properties"]["wait"]["properties"].as_object().unwrap().len(), WAITS.len());
    }

    #[test]
    fn what_no_check_would_take_is_refused_before_it_is_stored() {
        let of = |kind: Kind, place: &str| {
            let mut schema = super::super::schema(kind).unwrap();
            at(&mut schema, place).unwrap().clone()
        };
        for (kind, day) in [
            (Kind::Grant, "spec.until"),
            (Kind::GrantRequest, "spec.until"),
            (Kind::ServiceDefinition, "spec.effectiveFrom.date"),
        ] {
            assert_eq!(of(kind, day)["pattern"], DAY, "{day}");
        }
        assert_eq!(of(Kind::ServiceDefinition, "spec.rollout.minCases")["minimum"], 1);
        let shares = of(Kind::ServiceDefinition, "spec.rollout.steps");
        assert_eq!((&shares["minItems"], &shares["maxItems"]), (&json!(1), &json!(SHARES_MAX)));
    }

    #[test]
    fn words_that_the_rules_language_keeps_for_itself_are_escaped() {
        let schema = super::super::schema(Kind::ServiceDefinition).unwrap().to_string();
        assert!(schema.contains("has(self.__for__)"));
        assert!(!schema.contains("has(self.for)"));
    }
}
