//! A small permit service that uses every kind of step: what the tests of this crate run.

use api::ServiceDefinition;
use kernel::{
    Language, Time,
    id::{CaseId, PersonId},
};
use serde_json::{Value, json};

use crate::{Command, Facts, Process, calendar::Calendar, case::Applicant, reference::Reference};

pub const SERVICE: &str = include_str!("service.yaml");

pub fn definition() -> ServiceDefinition {
    serde_saphyr::from_str(SERVICE).unwrap()
}

pub fn process() -> Process {
    Process::compile(&definition()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub fn offices() -> Vec<api::Office> {
    let office = |name: &str, soato: &str| {
        let office = json!({"name": name, "title": {"uz": name}, "soato": [soato]});
        serde_json::from_value(office).unwrap()
    };
    vec![office("nukus", "1735401"), office("toshkent", "1726")]
}

pub struct Law {
    reference: Reference,
    calendar: Calendar,
    offices: Vec<api::Office>,
}

impl Law {
    pub fn new() -> Self {
        Self { reference: Reference::standard(), calendar: Calendar::standard(), offices: offices() }
    }

    pub fn at(&self, now: Time, jitter: u64) -> Facts<'_> {
        let Self { reference, calendar, offices } = self;
        Facts { now, jitter, reference, calendar, offices, era: 0 }
    }
}

/// Tuesday, 24 November 2026, 10:00 in Tashkent.
pub fn tuesday() -> Time {
    "2026-11-24T05:00:00Z".parse().unwrap()
}

pub fn applicant() -> PersonId {
    PersonId::from_bytes([2; 16])
}

pub fn officer() -> PersonId {
    PersonId::from_bytes([3; 16])
}

pub fn open(case: u8) -> Command {
    let profile = json!({"name": "Karimova Nilufar", "pinfl": "31203850000015", "birthDate": "1985-03-12"});
    let Value::Object(profile) = profile else { unreachable!("written as an object") };
    Command::OpenDraft {
        case_id: CaseId::from_bytes([case; 16]),
        applicant: Applicant {
            person: applicant(),
            actor: applicant(),
            mandate: None,
            assurance: "high".to_owned(),
            profile,
        },
        language: Language::Uz,
        channel: "web".to_owned(),
        beginning: None,
    }
}

pub fn scenario(yaml: &str) -> crate::scenario::Report {
    let scenario = crate::scenario::parse(yaml).unwrap();
    crate::scenario::run(&process(), &offices(), &scenario)
}

/// Plays a scenario and fails with everything that came out otherwise.
pub fn holds(yaml: &str) {
    let report = scenario(yaml);
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert!(report.passed(), "{}\n{}\n{}", report.title, failures.join("\n"), report.trace.join("\n"));
}
