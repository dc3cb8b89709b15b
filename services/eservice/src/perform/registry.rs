//! Registry calls: for a step of a submitted case, and to fill a form in with what the state already knows.

use std::{collections::BTreeMap, time::Duration};

use kernel::{Failure, Hash};
use process::{ActionResult, OpenAction, command::PrefillResult};
use proto::{
    ActionRef,
    exchange::v1::{CallRegistryReply, CallRegistryRequest},
};
use serde_json::Value;

use super::ask::{action_ref, applicant};
use crate::{
    domain::{changed, registries, text},
    host::{Host, Service},
    store::cases::Case,
};

/// The longest that a registry is waited for.
const PATIENCE_MAX: Duration = Duration::from_secs(30);
/// Nobody waits longer than this for a form.
const PREFILL_PATIENCE: Duration = Duration::from_secs(2);

pub struct Call<'a> {
    pub registry: &'a str,
    pub operation: &'a str,
    pub input: &'a Value,
    pub purpose: &'a BTreeMap<String, String>,
    pub step: &'a str,
}

pub async fn call(
    host: &Host,
    case: &Case,
    service: &Service,
    action: &OpenAction,
    call: &Call<'_>,
) -> Result<ActionResult, Failure> {
    let left = action.expires.map_or(PATIENCE_MAX, |expires| expires.since(host.now()));
    let step = service.definition().step(call.step).and_then(|step| step.call.as_ref());
    let basis = step.and_then(|step| step.legal_basis.as_ref());
    let request = CallRegistryRequest {
        action: Some(action_ref(case, action)),
        purpose: Some(proto::Text { by_language: call.purpose.clone() }),
        legal_basis: basis.map(|basis| text::to_proto(&basis.title)),
        ..question(case, service, call.registry, call.operation, call.input)?
    };
    let reply = host.platform.call_registry(&case.agency, &request, left.min(PATIENCE_MAX)).await?;
    result(reply, call.registry, call.operation)
}

fn question(
    case: &Case,
    service: &Service,
    registry: &str,
    operation: &str,
    input: &Value,
) -> Result<CallRegistryRequest, Failure> {
    let applicant = applicant(case)?;
    let pinfl = applicant.profile.get("pinfl").and_then(Value::as_str).unwrap_or_default();
    // Whoever agreed may be asked about as the applicant is: the exchange compares the question with one of them, not with both. A
    // company is no person to compare it with.
    let asks_about = |number: &str| input.as_object().is_some_and(|named| named.values().any(|value| value == number));
    let mut consenting = case.state.consenting().filter_map(|party| Some((party.person, party.number.pinfl()?)));
    let other = consenting.find(|(_, number)| asks_about(number) && !asks_about(pinfl));
    let (person, pinfl) = other.unwrap_or((applicant.person, pinfl));
    Ok(CallRegistryRequest {
        owner: service.definition().registry_owner(registry).to_owned(),
        registry: registry.to_owned(),
        operation: operation.to_owned(),
        input: input.to_string().into_bytes(),
        person: person.to_vec(),
        subject_pinfl: pinfl.to_owned(),
        ..CallRegistryRequest::default()
    })
}

fn result(reply: CallRegistryReply, registry: &str, operation: &str) -> Result<ActionResult, Failure> {
    Ok(match reply.outcome.as_str() {
        "found" => ActionResult::Answered { body: body(&reply.output)?, source: format!("{registry}/{operation}") },
        "not-found" => ActionResult::NotFound,
        // Whoever comes with a document of another state, or is nobody, has no number by which a register could know them.
        _ if reply.code == "exchange.no-subject" => ActionResult::NotFound,
        "unavailable" => ActionResult::Unavailable { code: reply.code },
        _ => ActionResult::Refused { code: reply.code },
    })
}

fn body(output: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(output)
        .map_err(|_| Failure::internal("action.garbled-answer", "A registry's answer could not be understood."))
}

/// Asks for what a form is filled in with. Whatever goes wrong, the form is asked plainly.
pub async fn prefill(host: &Host, case: &Case, service: &Service, registry: &str, operation: &str) -> PrefillResult {
    let answer = async {
        let (purpose, basis) = registries::filling(service.definition());
        let request = CallRegistryRequest {
            action: Some(prefill_ref(case, registry, operation)),
            purpose: Some(text::to_proto(purpose)),
            legal_basis: basis.map(|basis| text::to_proto(&basis.title)),
            // The exchange gives the person's own number as the operation's data subject.
            ..question(case, service, registry, operation, &Value::Object(serde_json::Map::new()))?
        };
        let asked = host.platform.call_registry(&case.agency, &request, PREFILL_PATIENCE);
        let reply = tokio::time::timeout(PREFILL_PATIENCE, asked).await;
        let reply =
            reply.map_err(|_| Failure::unavailable("prefill.late", "The registry did not answer in time."))??;
        result(reply, registry, operation)
    };
    match answer.await {
        Ok(ActionResult::Answered { body, .. }) => PrefillResult::Found { body },
        Ok(ActionResult::NotFound) => PrefillResult::NotFound,
        Ok(other) => {
            tracing::info!(case = %case.id, registry, operation, ?other, "a form is not filled in beforehand");
            PrefillResult::Unavailable
        }
        Err(failure) => {
            tracing::info!(case = %case.id, registry, operation, ?failure, "a form is not filled in beforehand");
            PrefillResult::Unavailable
        }
    }
}

/// Asked once a case: the identity follows from case and operation.
fn prefill_ref(case: &Case, registry: &str, operation: &str) -> ActionRef {
    let id = Hash::of_parts(&[b"xizmat prefill", case.id.as_bytes(), registry.as_bytes(), operation.as_bytes()]);
    ActionRef {
        case: Some(changed::case_ref(&case.state)),
        action_id: id.to_vec(),
        step: "prefill".to_owned(),
        cause: id.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_no_number_is_unknown_to_a_register_and_any_other_refusal_stays_one() {
        let refused = |code: &str| {
            let reply =
                CallRegistryReply { outcome: "refused".into(), code: code.into(), ..CallRegistryReply::default() };
            result(reply, "civil-status", "find").unwrap()
        };
        assert!(matches!(refused("exchange.no-subject"), ActionResult::NotFound));
        assert!(matches!(refused("exchange.no-grant"), ActionResult::Refused { .. }));
    }
}
