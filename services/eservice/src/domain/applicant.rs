//! What identity says about the person who applies, as the case keeps it (sealed) and expressions read it.

use kernel::PersonId;
use process::case::{Applicant, Mandate};
use proto::identity::v1::Person;
use serde_json::{Map, Value};

/// Who acts for whom, and how surely they are known in this session.
pub struct Standing {
    pub person: PersonId,
    pub actor: PersonId,
    pub mandate: Option<Mandate>,
    pub assurance: String,
}

pub fn applicant(standing: Standing, person: &Person) -> Applicant {
    Applicant {
        person: standing.person,
        actor: standing.actor,
        mandate: standing.mandate,
        assurance: standing.assurance,
        profile: profile(person),
    }
}

/// Family name, given name, patronymic; of a company its name.
pub fn name(person: &Person) -> String {
    if !person.legal_name.is_empty() {
        return person.legal_name.clone();
    }
    full_name([&person.family_name, &person.given_name, &person.patronymic])
}

pub fn full_name(parts: [&str; 3]) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn profile(person: &Person) -> Map<String, Value> {
    let name = name(person);
    let entries = [
        ("name", name.as_str()),
        ("pinfl", &person.pinfl),
        ("tin", &person.tin),
        ("birthDate", &person.birth_date),
        ("sex", &person.sex),
        ("phone", &person.phone),
        ("email", &person.email),
        ("given_name", &person.given_name),
        ("family_name", &person.family_name),
        ("patronymic", &person.patronymic),
        ("passport", &person.passport),
        ("address", &person.address),
    ];
    let known = entries.into_iter().filter(|(_, value)| !value.is_empty());
    known.map(|(name, value)| (name.to_owned(), Value::String(value.to_owned()))).collect()
}

/// Levels in their order; an unknown word is below all.
fn rank(assurance: &str) -> u8 {
    match assurance {
        "low" => 1,
        "substantial" => 2,
        "high" => 3,
        _ => 0,
    }
}

/// Whether a session's assurance suffices for what a service demands.
pub fn suffices(assurance: &str, demanded: api::Assurance) -> bool {
    let demanded = match demanded {
        api::Assurance::None => 0,
        api::Assurance::Low => 1,
        api::Assurance::Substantial => 2,
        api::Assurance::High => 3,
    };
    rank(assurance) >= demanded
}
