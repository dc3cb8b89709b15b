//! An agency's event that begins a case: which start it is for, what it has to say, and what the case takes from it.

use std::collections::BTreeMap;

use api::{FromEvent, ServiceDefinition, Start, StartKind};
use kernel::Time;
use serde_json::Value;

use crate::{
    Refusal,
    case::{Announced, Beginning, Carried, HeldFact},
    paths,
    process::{Process, compile_schema},
    start::nothing,
};

/// How such a case came, in the words of the case.
pub const CHANNEL: &str = "event";
/// Longest content of an event.
pub const BYTES_MAX: usize = 32 * 1024;

/// A way in which events begin cases of a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way<'d> {
    pub start: &'d Start,
    pub event: &'d FromEvent,
    /// Whose own system announces it.
    pub agency: &'d str,
}

/// Every event that begins a case of this service, in the order of the definition.
pub fn ways(definition: &ServiceDefinition) -> impl Iterator<Item = Way<'_>> {
    let starts = definition.spec.starts.iter().filter(|start| start.kind == StartKind::Event);
    starts.filter_map(move |start| {
        let event = start.event.as_ref()?;
        Some(Way { start, event, agency: event.agency.as_deref().unwrap_or(&definition.spec.agency) })
    })
}

/// The way that this event takes; none where this revision does not begin with it.
pub fn way<'d>(definition: &'d ServiceDefinition, agency: &str, event: &str) -> Option<Way<'d>> {
    ways(definition).find(|way| way.agency == agency && way.event.name == event)
}

/// What the event says, where it says what the service needs. What is wrong is told without its values.
pub fn said(event: &FromEvent, content: &[u8]) -> Result<Value, Refusal> {
    let unfit = |why: String| Refusal::invalid("start.event-data", why);
    if content.len() > BYTES_MAX {
        return Err(unfit("The event says more than an event may.".to_owned()));
    }
    let said: Value =
        serde_json::from_slice(content).map_err(|_| unfit("What the event says is no JSON.".to_owned()))?;
    let validator = compile_schema(&event.data).map_err(|_| unfit("The event's schema cannot be used.".to_owned()))?;
    if let Err(error) = validator.validate(&said) {
        let place = error.instance_path().as_str().to_owned();
        return Err(unfit(format!("What the event says does not fit its schema at `{place}`.")));
    }
    Ok(said)
}

/// The applicant's number, as the event has it.
pub fn applicant<'s>(event: &FromEvent, said: &'s Value) -> Option<&'s str> {
    paths::get(said, &event.applicant).and_then(Value::as_str)
}

/// How the case begins: each value is held like a registry's answer, with where it came from, and nobody types over it.
pub(crate) fn beginning(way: &Way<'_>, announced: &Announced, said: &Value, now: Time) -> Beginning {
    let mut data = Value::Object(serde_json::Map::new());
    let mut prefill = BTreeMap::new();
    for taken in &way.event.set {
        if let Some(value) = paths::get(said, &taken.from).filter(|value| !value.is_null()) {
            paths::put(&mut data, &taken.at, value.clone());
            let held = HeldFact { value: value.clone(), source: source(way), read: now };
            prefill.insert(taken.at.clone(), held);
        }
    }
    Beginning {
        start: way.start.name.clone(),
        origin: None,
        taken_in: None,
        announced: Some(announced.clone()),
        carried: Carried { data, prefill, ..nothing() },
    }
}

/// Where such a value came from, written as of a registry.
pub fn source(way: &Way<'_>) -> String {
    format!("{}/{}", way.agency, way.event.name)
}

/// The way by which this case is to begin; none where the revision has no such start.
pub(crate) fn way_of<'p>(process: &'p Process, start: &str, announced: &Announced) -> Option<Way<'p>> {
    way(process.definition(), &announced.agency, &announced.event).filter(|way| way.start.name == start)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> FromEvent {
        serde_json::from_value(json!({
            "name": "child-born", "applicant": "mother.pinfl", "set": [],
            "data": {
                "type": "object", "required": ["mother"], "additionalProperties": false,
                "properties": {
                    "mother": {"type": "object", "required": ["pinfl"], "properties": {"pinfl": {"type": "string", "maxLength": 14}}},
                    "born": {"type": "string", "format": "date"},
                },
            },
        }))
        .unwrap()
    }

    #[test]
    fn what_an_event_says_is_taken_as_its_schema_wants_it_and_refused_without_a_value_of_it() {
        let event = event();
        let right = json!({"mother": {"pinfl": "31203850000015"}, "born": "2026-11-24"});
        let said = said(&event, right.to_string().as_bytes()).unwrap();
        assert_eq!(applicant(&event, &said), Some("31203850000015"));
        for wrong in [
            json!({"born": "2026-11-24"}).to_string(),
            json!({"mother": {"pinfl": 1}}).to_string(),
            json!({"mother": {"pinfl": "Karimova-Karimova"}}).to_string(),
            json!({"mother": {"pinfl": "1"}, "born": "Karimova"}).to_string(),
            json!({"mother": {"pinfl": "1"}, "more": "Karimova"}).to_string(),
            "Karimova".to_owned(),
            format!("{{\"mother\": {{\"pinfl\": \"1\"}}, \"born\": \"{}\"}}", "Karimova".repeat(BYTES_MAX)),
        ] {
            let refused = super::said(&event, wrong.as_bytes()).unwrap_err();
            assert_eq!(refused.code, "start.event-data", "{wrong:.60}");
            assert!(!refused.message.contains("Karimova"), "{}", refused.message);
        }
    }
}
