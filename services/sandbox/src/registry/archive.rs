//! The archive's records of marriages, and the two questions it answers about them.

use kernel::Failure;
use serde::{Deserialize, Serialize};

use super::Records;

const FICTIONAL: &str = include_str!("../../data/civil-status.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Whose marriage it is.
    pinfls: Vec<String>,
    record: Record,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    date: String,
    office: String,
    place: String,
    act_number: String,
    spouse1: String,
    spouse2: String,
    /// Older records hold names only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spouse1_pinfl: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spouse2_pinfl: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    pinfl: String,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    office: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    NotFound,
    Malformed,
    Failing,
}

impl Refusal {
    pub fn status(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Malformed => "malformed",
            Self::Failing => "failing",
        }
    }

    pub fn code(self) -> usize {
        match self {
            Self::NotFound => 404,
            Self::Malformed => 400,
            Self::Failing => 500,
        }
    }
}

pub struct Archive(Vec<Entry>);

impl Archive {
    pub fn read() -> Result<Self, Failure> {
        let entries = serde_json::from_str(FICTIONAL)
            .map_err(|error| Failure::invalid("sandbox.records", format!("The records are malformed: {error}.")))?;
        Ok(Self(entries))
    }
}

impl Records for Archive {
    fn registry(&self) -> &'static str {
        "civil-status"
    }

    fn operations(&self) -> &'static [&'static str] {
        &["my-marriages", "find"]
    }

    fn answer(&self, operation: &str, question: &[u8]) -> Result<Vec<u8>, Refusal> {
        let question: Question = serde_json::from_slice(question).map_err(|_| Refusal::Malformed)?;
        let own = |entry: &&Entry| entry.pinfls.contains(&question.pinfl);
        let exact = |entry: &&Entry| {
            question.date.as_deref() == Some(entry.record.date.as_str())
                && question.office.as_deref() == Some(entry.record.office.as_str())
        };
        let found = match operation {
            "my-marriages" => self.0.iter().filter(own).max_by(|one, other| one.record.date.cmp(&other.record.date)),
            _ => self.0.iter().filter(own).find(exact),
        };
        let entry = found.ok_or(Refusal::NotFound)?;
        serde_json::to_vec(&entry.record).map_err(|_| Refusal::Failing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_by_its_person_date_and_office_only() {
        let archive = Archive::read().unwrap();
        let mine = archive.answer("my-marriages", br#"{"pinfl": "41503920170217"}"#).unwrap();
        assert!(String::from_utf8(mine).unwrap().contains("tashkent-yunusabad"));
        let find = |date, office| {
            let question = serde_json::json!({"pinfl": "41503920170217", "date": date, "office": office});
            archive.answer("find", question.to_string().as_bytes())
        };
        assert!(find("2015-09-12", "tashkent-yunusabad").is_ok());
        assert_eq!(find("2015-09-13", "tashkent-yunusabad").unwrap_err(), Refusal::NotFound);
        assert_eq!(archive.answer("my-marriages", br#"{"pinfl": "30207880170130"}"#).unwrap_err(), Refusal::NotFound);
        assert_eq!(archive.answer("find", b"{").unwrap_err(), Refusal::Malformed);
    }
}
