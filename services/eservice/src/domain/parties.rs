//! Whom a case names, as keyed hashes of their PINFLs: an officer who is one of them neither opens nor decides it.

use std::collections::BTreeSet;

use kernel::{
    Failure, Hash,
    pinfl::{Pinfl, party_key},
};
use process::{CaseState, case::Number};
use proto::identity::v1::Officer;
use serde_json::Value;

/// Every PINFL that is a whole value anywhere in the case: in what identity says about the applicant, in its data, in what
/// registries answered. A number is known by its form and check digit, not by what a schema calls it: a field that nobody
/// marked would open the case to the person it names. Sentences are not searched: an applicant could keep officers away by
/// writing their numbers into one.
pub fn named(key: &[u8; 32], state: &CaseState) -> BTreeSet<Hash> {
    let mut found = BTreeSet::new();
    let mut note = |text: &str| {
        if let Ok(pinfl) = Pinfl::parse(text) {
            found.insert(pinfl.party(key));
        }
    };
    let profile = state.applicant.iter().flat_map(|applicant| applicant.profile.values());
    let held = state.prefill.values().map(|fact| &fact.value);
    let received = state.messages.iter().map(|message| &message.body);
    let asked = state.parties.values().map(|party| &party.number);
    let numbers = asked.chain(state.subjects.values().map(|subject| &subject.number));
    numbers.filter_map(Number::pinfl).for_each(&mut note);
    if let Some(mandate) = state.applicant.as_ref().and_then(|applicant| applicant.mandate.as_ref()) {
        note(&mandate.attorney);
    }
    for value in profile.chain(held).chain(received).chain([&state.data, &state.facts]) {
        each_text(value, &mut note);
    }
    found
}

fn each_text(value: &Value, note: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => note(text),
        Value::Number(number) => note(&number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, note)),
        Value::Object(fields) => fields.values().for_each(|value| each_text(value, note)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether the case names this officer.
pub fn names(key: &[u8; 32], state: &CaseState, officer: &Officer) -> Result<bool, Failure> {
    names_party(key, state, (&officer.party, &officer.party_key))
}

/// The same of a hash, and of what tells which key made it.
pub fn names_party(key: &[u8; 32], state: &CaseState, party: (&[u8], &[u8])) -> Result<bool, Failure> {
    Ok(named(key, state).contains(&known(key, party)?))
}

/// Whether a number is the officer's own.
pub fn is(key: &[u8; 32], pinfl: &Pinfl, officer: &Officer) -> Result<bool, Failure> {
    Ok(pinfl.party(key) == known(key, (&officer.party, &officer.party_key))?)
}

/// It cannot be told when identity hashes under another key: then nobody works on the case.
fn known(key: &[u8; 32], (party, made_by): (&[u8], &[u8])) -> Result<Hash, Failure> {
    if made_by != party_key(key).as_bytes() {
        return Err(Failure::internal(
            "case.lookup-key",
            "Identity and the e-service hosts have different look-up keys: give both the same `lookup_key_file`.",
        ));
    }
    Hash::from_slice(party)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: [u8; 32] = [3; 32];
    const SPOUSE: &str = "41503920170217";

    fn officer(key: &[u8; 32]) -> Officer {
        let party = Pinfl::parse(SPOUSE).unwrap().party(key);
        Officer { party: party.to_vec(), party_key: party_key(key).to_vec(), ..Officer::default() }
    }

    fn state(change: impl Fn(&mut CaseState)) -> CaseState {
        let mut state = CaseState::absent(kernel::CaseId::from_bytes([1; 16]));
        change(&mut state);
        state
    }

    #[test]
    fn whoever_stands_anywhere_in_the_case_is_named_by_it() {
        let places: [&dyn Fn(&mut CaseState); 4] = [
            &|state| state.data = json!({"marriage": {"parties": [{"number": SPOUSE}]}}),
            &|state| state.facts = json!({"record": {"spouse2": "4150392 0170217"}}),
            &|state| state.facts = json!({"record": {"spouse2": 41_503_920_170_217_u64}}),
            &|state| state.data = json!({"spouse": {"pinfl": SPOUSE}}),
        ];
        for (place, change) in places.into_iter().enumerate() {
            assert!(names(&KEY, &state(change), &officer(&KEY)).unwrap(), "place {place}");
        }
        let sentence = format!("Not to {SPOUSE}, please");
        let other = json!({"number": "30207880170130", "reference": "41503920170218", "note": sentence});
        let other = state(|state| state.data = other.clone());
        assert!(!names(&KEY, &other, &officer(&KEY)).unwrap());
    }

    #[test]
    fn under_another_key_nobody_can_be_recognised_and_nobody_works_on_a_case() {
        let named = state(|state| state.data = json!({"number": SPOUSE}));
        assert_eq!(names(&KEY, &named, &officer(&[4; 32])).unwrap_err().code, "case.lookup-key");
    }
}
