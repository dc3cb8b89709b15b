//! The archive's records of marriages, births and changed names, and the four questions it answers about them.

use kernel::Failure;
use serde::{Deserialize, Serialize};

use super::Records;

const FICTIONAL: &str = include_str!("../../data/civil-status.json");
const BIRTHS: &str = include_str!("../../data/children.json");
const NAMES: &str = include_str!("../../data/names.json");

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
struct Birth {
    parents: Vec<String>,
    child: Child,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Child {
    /// Of the record of the birth.
    number: String,
    pinfl: String,
    family_name: String,
    given_name: String,
    patronymic: String,
    birth_date: String,
}

/// What somebody was called before.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerName {
    #[serde(skip_serializing)]
    pinfl: String,
    name: String,
}

/// Whatever their age: who may act for whom is not the archive's to say.
#[derive(Serialize)]
struct Children<'a> {
    children: Vec<&'a Child>,
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

pub struct Archive {
    marriages: Vec<Entry>,
    births: Vec<Birth>,
    names: Vec<FormerName>,
}

impl Archive {
    pub fn read() -> Result<Self, Failure> {
        let malformed = |error: serde_json::Error| {
            Failure::invalid("sandbox.records", format!("The records are malformed: {error}."))
        };
        let marriages = serde_json::from_str(FICTIONAL).map_err(malformed)?;
        let births = serde_json::from_str(BIRTHS).map_err(malformed)?;
        let names = serde_json::from_str(NAMES).map_err(malformed)?;
        Ok(Self { marriages, births, names })
    }

    fn former_name(&self, pinfl: &str) -> Result<Vec<u8>, Refusal> {
        let known = self.names.iter().find(|known| known.pinfl == pinfl).ok_or(Refusal::NotFound)?;
        serde_json::to_vec(known).map_err(|_| Refusal::Failing)
    }

    fn children(&self, parent: &str) -> Result<Vec<u8>, Refusal> {
        let own = self.births.iter().filter(|birth| birth.parents.iter().any(|known| known == parent));
        let children: Vec<&Child> = own.map(|birth| &birth.child).collect();
        if children.is_empty() {
            return Err(Refusal::NotFound);
        }
        serde_json::to_vec(&Children { children }).map_err(|_| Refusal::Failing)
    }
}

impl Records for Archive {
    fn registry(&self) -> &'static str {
        "civil-status"
    }

    fn operations(&self) -> &'static [&'static str] {
        &["my-marriages", "find", "my-children", "former-name"]
    }

    fn answer(&self, operation: &str, question: &[u8]) -> Result<Vec<u8>, Refusal> {
        let question: Question = serde_json::from_slice(question).map_err(|_| Refusal::Malformed)?;
        match operation {
            "my-children" => return self.children(&question.pinfl),
            "former-name" => return self.former_name(&question.pinfl),
            _ => {}
        }
        let own = |entry: &&Entry| entry.pinfls.contains(&question.pinfl);
        let exact = |entry: &&Entry| {
            question.date.as_deref() == Some(entry.record.date.as_str())
                && question.office.as_deref() == Some(entry.record.office.as_str())
        };
        let found = match operation {
            "my-marriages" => {
                self.marriages.iter().filter(own).max_by(|one, other| one.record.date.cmp(&other.record.date))
            }
            _ => self.marriages.iter().filter(own).find(exact),
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

    #[test]
    fn a_child_is_told_to_its_parent_only() {
        let archive = Archive::read().unwrap();
        let told = archive.answer("my-children", br#"{"pinfl": "30207880170130"}"#).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["children"].as_array().unwrap().len(), 2);
        for child in told["children"].as_array().unwrap() {
            let pinfl = kernel::pinfl::Pinfl::parse(child["pinfl"].as_str().unwrap()).unwrap();
            assert_eq!(pinfl.birth_date(), child["birthDate"].as_str().unwrap());
        }
        let other = archive.answer("my-children", br#"{"pinfl": "41503920170217"}"#);
        assert_eq!(other.unwrap_err(), Refusal::NotFound);
    }

    #[test]
    fn a_former_name_is_told_without_the_number_it_was_found_by() {
        let archive = Archive::read().unwrap();
        let told = archive.answer("former-name", br#"{"pinfl": "41503920170217"}"#).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told, serde_json::json!({"name": "Rahimova Dilnoza Rustamovna"}));
        let other = archive.answer("former-name", br#"{"pinfl": "30207880170130"}"#);
        assert_eq!(other.unwrap_err(), Refusal::NotFound);
    }
}
