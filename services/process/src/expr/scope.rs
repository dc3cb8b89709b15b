//! What an expression may see: the case, the facts, the law and the clock, all handed in.

use kernel::Time;
use serde_json::Value as Json;

use crate::{
    calendar::Calendar,
    reference::{Reference, ReferenceValue},
};

use super::Value;

#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub data: &'a Json,
    pub facts: &'a Json,
    pub case: &'a Json,
    pub applicant: &'a Json,
    pub now: Time,
    /// The day whose reference values count: the day of submission.
    pub as_of: Time,
    pub reference: &'a Reference,
    pub calendar: &'a Calendar,
    pub offices: &'a [api::Office],
}

impl<'a> Scope<'a> {
    pub(super) fn variable(&self, name: &str) -> Option<Value<'a>> {
        Some(match name {
            // A check before the start has answers where a case has data; the types admit the one or the other.
            "data" | "answers" => Value::Json(self.data),
            "facts" => Value::Json(self.facts),
            "case" => Value::Json(self.case),
            "applicant" => Value::Json(self.applicant),
            "ref" => Value::Reference,
            _ => return None,
        })
    }

    /// The office that answers for a place: by its own name, else by the longest SOATO code the given one begins with.
    pub fn office_for(&self, place: &str) -> Option<&'a api::Office> {
        office_for(self.offices, place)
    }
}

pub fn office_for<'a>(offices: &'a [api::Office], place: &str) -> Option<&'a api::Office> {
    let by_name = offices.iter().find(|office| office.name == place);
    by_name.or_else(|| {
        let matching = |office: &&api::Office| {
            let areas = office.soato.iter().filter(|area| !area.is_empty() && place.starts_with(area.as_str()));
            areas.map(String::len).max()
        };
        offices.iter().filter(|office| matching(office).is_some()).max_by_key(matching)
    })
}

/// A result and the reference values it rests on.
#[derive(Debug, Clone)]
pub struct Evaluated<'a> {
    pub value: Value<'a>,
    pub references: Vec<&'a ReferenceValue>,
}
