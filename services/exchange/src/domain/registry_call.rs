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
