//! The notaries' records of powers of attorney: told only to whom they name as the representative, revoked on demand.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use kernel::Failure;
use serde::{Deserialize, Serialize};

use super::{Records, archive::Refusal};

const FICTIONAL: &str = include_str!("../../data/notary.json");

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    number: String,
    attorney: String,
    principal: String,
    family_name: String,
    given_name: String,
    patronymic: String,
    services: Vec<String>,
    until: String,
    state: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    pinfl: String,
    number: String,
}

/// `{"number": "2026-0412-7731", "state": "revoked"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    number: String,
    state: String,
}

pub struct Notary(Mutex<Vec<Record>>);

impl Notary {
    pub fn read() -> Result<Self, Failure> {
        let records = serde_json::from_str(FICTIONAL)
            .map_err(|error| Failure::invalid("sandbox.records", format!("The records are malformed: {error}.")))?;
        Ok(Self(Mutex::new(records)))
    }

    /// The tester's hand on the records.
    pub fn records(self: &Arc<Self>) -> Router {
        Router::new().route("/", post(change)).with_state(self.clone())
    }
}

async fn change(State(notary): State<Arc<Notary>>, Json(change): Json<Change>) -> StatusCode {
    let mut records = notary.0.lock().expect("no holder of this lock panics");
    match records.iter_mut().find(|record| record.number == change.number) {
        Some(record) => {
            record.state = change.state;
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

impl Records for Notary {
    fn registry(&self) -> &'static str {
        "notary"
    }

    fn operations(&self) -> &'static [&'static str] {
        &["power-of-attorney"]
    }

    fn answer(&self, _: &str, question: &[u8]) -> Result<Vec<u8>, Refusal> {
        let question: Question = serde_json::from_slice(question).map_err(|_| Refusal::Malformed)?;
        let records = self.0.lock().expect("no holder of this lock panics");
        let named = |record: &&Record| record.number == question.number && record.attorney == question.pinfl;
        let record = records.iter().find(named).ok_or(Refusal::NotFound)?;
        serde_json::to_vec(record).map_err(|_| Refusal::Failing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_told_to_its_representative_only() {
        let notary = Notary::read().unwrap();
        let ask = |pinfl: &str, number: &str| {
            let question = serde_json::json!({"pinfl": pinfl, "number": number}).to_string();
            notary.answer("power-of-attorney", question.as_bytes()).map_err(Refusal::status)
        };
        assert!(String::from_utf8(ask("30207880170130", "2026-0412-7731").unwrap()).unwrap().contains("Karimova"));
        assert_eq!(ask("41105950350124", "2026-0412-7731"), Err("not-found"), "another's");
        assert_eq!(ask("30207880170130", "2026-0000-0000"), Err("not-found"));
        assert_eq!(notary.answer("power-of-attorney", b"{"), Err(Refusal::Malformed));
    }
}
