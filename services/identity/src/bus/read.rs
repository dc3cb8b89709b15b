//! Answers about one person, with only what the asker needs.

use std::time::Duration;

use ::bus::Call;
use kernel::{
    Failure, PersonId, Time,
    pinfl::{self, Pinfl},
};
use proto::{
    Empty,
    identity::v1::{Appointment, Contacts, Officer, Person, ReadPersonRequest},
};

use crate::{
    domain::person::Appointment as Held,
    provider::Provider,
    store::{self, Record},
};

/// Whoever signed in longer ago shows again that it is them before they take everything away.
const FRESH: Duration = Duration::from_secs(15 * 60);

pub async fn person(
    provider: &Provider,
    request: &ReadPersonRequest,
    caller: &str,
    agency: &str,
) -> Result<Person, Failure> {
    Ok(whole(known(provider, request, caller, agency, "identity.person-read").await?))
}

/// Everything of the person themselves, who has just shown that it is them: a session left open gives nothing away.
pub async fn own(provider: &Provider, call: &Call<Empty>) -> Result<Person, Failure> {
    let person = call.person()?;
    if person.officer {
        return Err(Failure::forbidden("identity.citizen-only", "Sign in as a citizen to take your own data away."));
    }
    let store = &provider.store;
    let now = store.now();
    if now.since(person.authenticated) >= FRESH {
        let message = "You signed in some time ago. Sign in again to take your data away.";
        return Err(Failure::forbidden("identity.sign-in-again", message));
    }
    let mut tx = store.database.begin().await?;
    let known = store.person_in(&mut tx, person.id).await?.ok_or_else(unknown)?;
    let taken = Record {
        act: "identity.data-taken",
        actor: Some(person.actor),
        through: &call.caller,
        subject: person.id.to_vec(),
        agency: "",
        purpose: "",
        detail: serde_json::json!({ "mandate": person.mandate }),
    };
    store::record(&mut tx, now, taken).await?;
    tx.commit().await?;
    Ok(whole(known))
}

fn whole(known: store::persons::Person) -> Person {
    let facts = known.facts;
    Person {
        person: known.id.to_vec(),
        pinfl: facts.pinfl.into_inner(),
        given_name: facts.given_name.into_inner(),
        family_name: facts.family_name.into_inner(),
        patronymic: facts.patronymic.into_inner(),
        birth_date: facts.birth_date.into_inner(),
        sex: facts.sex,
        passport: facts.passport.into_inner(),
        address: facts.address.into_inner(),
        phone: facts.phone.into_inner(),
        email: facts.email.into_inner(),
        tin: facts.tin.into_inner(),
        legal_name: facts.legal_name.into_inner(),
    }
}

/// A company is reached through whoever directs it: nobody asserts a phone or an address of its own.
pub async fn contacts(
    provider: &Provider,
    request: &ReadPersonRequest,
    caller: &str,
    agency: &str,
) -> Result<Contacts, Failure> {
    let asked = known(provider, request, caller, agency, "identity.contacts-read").await?;
    let reached = match provider.store.director_of(asked.id).await? {
        Some(director) => {
            let of_theirs = ReadPersonRequest { person: director.to_vec(), case_id: request.case_id.clone() };
            known(provider, &of_theirs, caller, agency, "identity.contacts-read").await?.facts
        }
        None => asked.facts,
    };
    Ok(Contacts {
        person: asked.id.to_vec(),
        phone: reached.phone.into_inner(),
        email: reached.email.into_inner(),
        language: asked.language.tag().to_owned(),
    })
}

/// Only roles in force now: what begins tomorrow is nobody's business today.
pub async fn officer(provider: &Provider, request: &ReadPersonRequest) -> Result<Officer, Failure> {
    let person = PersonId::from_slice(&request.person)?;
    let officer = provider.store.officer(person).await?.ok_or_else(unknown)?;
    let known = provider.store.person(person).await?.ok_or_else(unknown)?;
    let party = Pinfl::parse(known.facts.pinfl.reveal())?.party(&provider.lookup);
    let now = provider.clock.now();
    let in_force = officer.appointments.into_iter().filter(|appointment| appointment.is_in_force(now));
    Ok(Officer {
        person: person.to_vec(),
        display_name: officer.display_name,
        party: party.to_vec(),
        party_key: pinfl::party_key(&provider.lookup).to_vec(),
        appointments: in_force.map(appointment).collect(),
        directs: provider.store.directed_by(person).await?.into_iter().map(|company| company.to_vec()).collect(),
    })
}

pub(super) fn appointment(held: Held) -> Appointment {
    Appointment {
        agency: held.agency,
        office: held.office,
        role: held.role,
        from_us: held.from.micros(),
        to_us: held.to.map_or(0, Time::micros),
    }
}

/// The person, with a row in the audit that says who asked and for which case.
async fn known(
    provider: &Provider,
    request: &ReadPersonRequest,
    caller: &str,
    agency: &str,
    act: &'static str,
) -> Result<store::persons::Person, Failure> {
    let id = PersonId::from_slice(&request.person)?;
    let store = &provider.store;
    let mut tx = store.database.begin().await?;
    let person = store.person_in(&mut tx, id).await?.ok_or_else(unknown)?;
    store.needed(&mut tx, id).await?;
    let read = Record {
        act,
        actor: None,
        through: caller,
        subject: id.to_vec(),
        agency,
        purpose: "",
        detail: serde_json::json!({ "case": hex(&request.case_id) }),
    };
    store::record(&mut tx, store.now(), read).await?;
    tx.commit().await?;
    Ok(person)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unknown() -> Failure {
    Failure::not_found("identity.person-unknown", "The person is not known.")
}
