//! What a call of a registry may ask and what of the answer is passed on.

use api::{Operation, Registry, Sensitivity};
use kernel::pinfl::Pinfl;
use serde_json::{Map, Value};

use super::{contract, grant::Version};

/// Why a call does not pass; recorded, and told to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
}

pub fn refusal(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal { code, message: message.into() }
}

/// Which service asks which operation of a registry.
pub struct Asked<'a> {
    pub agency: &'a str,
    pub service: &'a str,
    pub owner: &'a str,
    pub registry: &'a str,
    pub operation: &'a str,
}

/// The operation, and the grant in force under which it may be asked.
pub fn allowed<'a>(
    asked: &Asked<'_>,
    registry: Option<&'a Registry>,
    in_force: &'a [Version],
) -> Result<(&'a Operation, &'a Version), Refusal> {
    let registry = registry
        .ok_or_else(|| refusal("exchange.no-registry", "There is no such registry, or its owner withdrew it."))?;
    let operation = registry
        .operation(asked.operation)
        .ok_or_else(|| refusal("exchange.no-operation", "The registry has no such operation."))?;
    let grant = in_force
        .iter()
        .find(|version| {
            let gives = version.agency == asked.owner;
            gives && version.covers(asked.agency, asked.service, asked.registry, asked.operation)
        })
        .ok_or_else(|| refusal("exchange.no-grant", "The registry's owner has not granted this question."))?;
    Ok((operation, grant))
}

/// The question as the registry gets it: it fits the contract and names exactly the citizen of the case (trust, rule 3).
/// Where it names nobody, the citizen's number is put in.
pub fn question(operation: &Operation, grant: &Version, input: &[u8], subject_pinfl: &str) -> Result<Vec<u8>, Refusal> {
    let refused = |why: String| refusal("exchange.input", format!("The question is refused: {why}."));
    if input.len() > contract::BYTES_MAX {
        return Err(refused("it is too large".into()));
    }
    let mut value: Value = serde_json::from_slice(input).map_err(|_| refused("it is not JSON".into()))?;
    if !grant.about_anyone() {
        bind(operation, &mut value, subject_pinfl)?;
    }
    let question = value.to_string().into_bytes();
    contract::read(&operation.input, &question).map_err(refused)?;
    Ok(question)
}

fn bind(operation: &Operation, value: &mut Value, subject_pinfl: &str) -> Result<(), Refusal> {
    let Some(field) = &operation.data_subject else {
        if operation.sensitivity == Sensitivity::Public {
            return Ok(());
        }
        return Err(refusal("exchange.no-data-subject", "The operation does not say about whom it is asked."));
    };
    let subject = Pinfl::parse(subject_pinfl)
        .map_err(|_| refusal("exchange.no-subject", "The case has no citizen about whom may be asked."))?;
    let not_named = || refusal("exchange.input", "The question is refused: it is not an object.");
    let asked = value.as_object_mut().ok_or_else(not_named)?.entry(field).or_insert_with(|| subject.reveal().into());
    if asked.as_str() != Some(subject.reveal()) {
        return Err(refusal("exchange.other-person", "The grant allows to ask about the citizen of the case only."));
    }
    Ok(())
}

/// Checks the answer and keeps only the fields that the grant passes on.
pub fn answer(operation: &Operation, grant: &Version, output: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let value = contract::read(&operation.output, output)
        .map_err(|why| refusal("exchange.answer", format!("The registry's answer is refused: {why}.")))?;
    let Value::Object(mut fields) = value else {
        return Err(refusal("exchange.answer", "The registry's answer is refused: it is not an object."));
    };
    if !grant.spec.fields.is_empty() {
        fields.retain(|name, _| grant.spec.fields.iter().any(|granted| granted == name));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use kernel::Hash;
    use serde_json::json;

    use super::*;

    const REGISTRY: &str = include_str!("../../../../examples/civil-status/registry.yaml");
    const CITIZEN: &str = "41503920170217";
    const OTHER: &str = "31203850000015";

    fn operation() -> Operation {
        let registry: Value = serde_saphyr::from_str(REGISTRY).unwrap();
        let registry: Registry = serde_json::from_value(registry).unwrap();
        registry.operation("my-marriages").unwrap().clone()
    }

    fn granted(about: &str, fields: &[&str]) -> Version {
        let text = json!({"en": "Issuing a copy"});
        let spec = json!({
            "from": "civil-status", "to": "justice", "registry": "civil-status", "operations": ["my-marriages"],
            "about": about, "fields": fields, "purpose": text, "legalBasis": {"title": text}, "perMinute": 10,
            "until": "2030-12-31",
        });
        Version {
            agency: "civil-status".into(),
            name: "marriages".into(),
            hash: Hash::of(b"spec"),
            spec: serde_json::from_value(spec).unwrap(),
            order: 1,
            approvals: 1,
            approvals_needed: 1,
            revoked: false,
            newest: true,
        }
    }

    #[test]
    fn anyone_but_the_citizen_of_the_case_is_asked_about_only_where_the_grant_says_so() {
        let about = |grant: &str, pinfl: &str| {
            let input = json!({ "pinfl": pinfl }).to_string();
            question(&operation(), &granted(grant, &[]), input.as_bytes(), CITIZEN).map_err(|refused| refused.code)
        };
        assert!(about("case", CITIZEN).is_ok());
        assert_eq!(about("case", OTHER), Err("exchange.other-person"));
        assert!(about("anyone", OTHER).is_ok());
        assert_eq!(about("anyone", "1"), Err("exchange.input"), "the contract holds all the same");
        let unbound = Operation { data_subject: None, ..operation() };
        let input = json!({ "pinfl": CITIZEN }).to_string();
        let refused = question(&unbound, &granted("case", &[]), input.as_bytes(), CITIZEN).unwrap_err();
        assert_eq!(refused.code, "exchange.no-data-subject", "whom it is about cannot be told");
    }

    #[test]
    fn only_what_the_grant_gives_of_an_answer_is_passed_on() {
        let output = json!({
            "date": "2012-06-16", "office": "tashkent-yunusabad", "actNumber": "412", "spouse1": "A", "spouse2": "B",
        });
        let passed = |fields: &[&str]| {
            let answered = answer(&operation(), &granted("case", fields), output.to_string().as_bytes()).unwrap();
            answered.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(passed(&["date", "office"]), ["date", "office"]);
        assert_eq!(passed(&[]).len(), 5, "without a list all of it");
    }
}
