//! The court's register of convictions: it answers about everybody, for nearly all that there is nothing.

use kernel::Failure;
use serde::{Deserialize, Serialize};

use super::{Records, archive::Refusal};

const FICTIONAL: &str = include_str!("../../data/court.json");

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Conviction {
    #[serde(skip_serializing)]
    pinfl: String,
    article: String,
    court: String,
    date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    pinfl: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    state: &'static str,
    #[serde(flatten)]
    conviction: Option<&'a Conviction>,
}

pub struct Court(Vec<Conviction>);

impl Court {
    pub fn read() -> Result<Self, Failure> {
        let convictions = serde_json::from_str(FICTIONAL)
            .map_err(|error| Failure::invalid("sandbox.records", format!("The records are malformed: {error}.")))?;
        Ok(Self(convictions))
    }
}

impl Records for Court {
    fn registry(&self) -> &'static str {
        "convictions"
    }

    fn operations(&self) -> &'static [&'static str] {
        &["find"]
    }

    fn answer(&self, _: &str, question: &[u8]) -> Result<Vec<u8>, Refusal> {
        let question: Question = serde_json::from_slice(question).map_err(|_| Refusal::Malformed)?;
        let conviction = self.0.iter().find(|one| one.pinfl == question.pinfl);
        let state = if conviction.is_some() { "match" } else { "clean" };
        serde_json::to_vec(&Answer { state, conviction }).map_err(|_| Refusal::Failing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_convicted_is_told_with_the_article_and_everybody_else_is_clean() {
        let court = Court::read().unwrap();
        let ask = |pinfl: &str| {
            let told = court.answer("find", serde_json::json!({"pinfl": pinfl}).to_string().as_bytes()).unwrap();
            serde_json::from_slice::<serde_json::Value>(&told).unwrap()
        };
        assert_eq!(ask("41503920170217"), serde_json::json!({"state": "clean"}));
        let found = ask("31405830170552");
        assert_eq!((found["state"].as_str(), found["date"].as_str()), (Some("match"), Some("2022-04-18")));
        assert!(found.get("pinfl").is_none());
        assert_eq!(court.answer("find", b"{").unwrap_err(), Refusal::Malformed);
    }
}
