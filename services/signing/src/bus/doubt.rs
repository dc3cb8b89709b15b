//! A seal whose key may be in other hands: one officer says so, another withdraws it, and a new one is made when it is needed.

use std::sync::Arc;

use ::bus::{Call, Person, subject};
use kernel::{ErrorKind, Failure, Time};
use proto::{
    identity::v1::{Officer, ReadPersonRequest, operations::READ_OFFICER},
    signing::v1::{
        DoubtSealRequest, ListSealedRequest, ListSealsRequest, SealStands, SealedDocument, SealedPage, Seals,
        WithdrawSealRequest,
    },
};
use sql::{Tx, audit};

use super::Office;
use crate::{
    domain::keeper::keeps_seals,
    store::doubts::{self, Doubt, Held},
};

const REASON_CHARS_MAX: usize = 500;
/// An agency has one every three years, and one more for each that was withdrawn.
const SEALS_MAX: i64 = 50;
const DOCUMENTS: i64 = 200;

pub async fn list(office: &Arc<Office>, call: Call<ListSealsRequest>) -> Result<Seals, Failure> {
    let person = keeper(office, call.person()?, &call.agency).await?;
    let mut tx = office.database.read().await?;
    let held = doubts::list(&mut tx, &call.agency, SEALS_MAX).await?;
    Ok(Seals { seals: held.iter().map(|one| stands(one, person)).collect() })
}

pub async fn doubt(office: &Arc<Office>, call: Call<DoubtSealRequest>) -> Result<SealStands, Failure> {
    let request = &call.request;
    let person = keeper(office, call.person()?, &call.agency).await?;
    let reason = request.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX || reason.chars().any(char::is_control) {
        return Err(Failure::invalid("seal.reason", "Say in at most 500 letters why the seal is not to be trusted."));
    }
    let (now, since) = (office.clock.now(), Time::from_micros(request.from_us));
    let mut tx = office.database.begin().await?;
    let held = doubts::find(&mut tx, &call.agency, &request.serial).await?.ok_or_else(unknown)?;
    if since > now || since < held.since {
        let message = "The moment lies between the seal's first day and now. Name the earliest at which its key may have been taken.";
        return Err(Failure::invalid("seal.doubted-from", message));
    }
    let word = Doubt { reason: reason.to_owned(), since, by: person.actor, withdrawn_by: None };
    let says = |before: &Doubt| (&before.reason, before.since, before.by) == (&word.reason, word.since, word.by);
    // Said again: the same answer.
    if !held.doubt.as_ref().is_some_and(says) {
        if held.revoked.is_some() {
            let message = "This seal was withdrawn before. Look at the list of the agency's seals.";
            return Err(Failure::conflict("seal.withdrawn", message));
        }
        if !doubts::add(&mut tx, (&call.agency, &request.serial), &word, now).await? {
            let message = "Somebody doubts this seal already. Withdraw it, if you agree.";
            return Err(Failure::conflict("seal.doubted", message));
        }
        let detail = serde_json::json!({"serial": hex::encode(&request.serial), "from": since, "reason": reason});
        note(&mut tx, person, ("seal.doubted", &call.agency, &request.serial), detail, now).await?;
        tracing::error!(agency = call.agency, "a seal is doubted; another officer has to withdraw it");
    }
    stood(tx, person, &call.agency, &request.serial).await
}

pub async fn withdraw(office: &Arc<Office>, call: Call<WithdrawSealRequest>) -> Result<SealStands, Failure> {
    let (agency, asked) = (&call.agency, &call.request);
    let serial = &asked.serial;
    let person = keeper(office, call.person()?, agency).await?;
    let now = office.clock.now();
    let mut tx = office.database.begin().await?;
    let held = doubts::find(&mut tx, agency, serial).await?.ok_or_else(unknown)?;
    let Some(doubt) = held.doubt else {
        return Err(Failure::conflict("seal.not-doubted", "Nobody doubts this seal. Say first why, and since when."));
    };
    if doubt.by == person.actor {
        let message = "You doubted this seal yourself. Another administrator, head or lawyer has to withdraw it.";
        return Err(Failure::forbidden("seal.two-persons", message));
    }
    if doubt.since.micros() != asked.doubted_from_us || ![doubt.reason.as_str(), ""].contains(&asked.reason.as_str()) {
        return Err(said_otherwise());
    }
    // Asked again: the same answer.
    if held.revoked.is_none() {
        if !doubts::withdraw(&mut tx, serial, &doubt, person.actor, now).await? {
            return Err(said_otherwise());
        }
        let detail = serde_json::json!({"serial": hex::encode(serial), "from": doubt.since, "doubtedBy": doubt.by});
        note(&mut tx, person, ("seal.withdrawn", agency, serial), detail, now).await?;
        tracing::error!(agency, "a seal was withdrawn");
    }
    stood(tx, person, agency, serial).await
}

pub async fn sealed(office: &Arc<Office>, call: Call<ListSealedRequest>) -> Result<SealedPage, Failure> {
    let (agency, asked) = (&call.agency, &call.request);
    keeper(office, call.person()?, agency).await?;
    let mut tx = office.database.read().await?;
    let held = doubts::find(&mut tx, agency, &asked.serial).await?.ok_or_else(unknown)?;
    let since = held.doubt.map_or(held.since, |doubt| doubt.since);
    let mut found = doubts::sealed_since(&mut tx, &asked.serial, since, (&asked.after, DOCUMENTS + 1)).await?;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > DOCUMENTS;
    if more {
        found.pop();
    }
    let told = |one: doubts::Sealed| SealedDocument {
        number: one.number,
        service: one.service,
        kind: one.kind,
        sealed_us: one.sealed.micros(),
    };
    Ok(SealedPage { documents: found.into_iter().map(told).collect(), more })
}

/// Whoever answers for the agency's seals. Anybody else learns that there is nothing, and leaves a row.
async fn keeper<'a>(office: &Office, person: &'a Person, agency: &str) -> Result<&'a Person, Failure> {
    subject::token(agency)?;
    if person.officer {
        let request = ReadPersonRequest { person: person.actor.to_vec(), case_id: Vec::new() };
        let known: Result<Officer, Failure> = office.bus.request(&READ_OFFICER, subject::PLATFORM, &request).await;
        match known {
            Ok(officer) if keeps_seals(&officer, agency, office.clock.now()) => return Ok(person),
            Err(failure) if failure.kind != ErrorKind::NotFound => return Err(failure),
            _ => {}
        }
    }
    let mut tx = office.database.begin().await?;
    let detail = serde_json::json!({"officer": person.officer});
    note(&mut tx, person, ("seal.refused", agency, &[]), detail, office.clock.now()).await?;
    tx.commit().await?;
    Err(unknown())
}

async fn note(
    tx: &mut Tx,
    person: &Person,
    (act, agency, serial): (&str, &str, &[u8]),
    detail: serde_json::Value,
    now: Time,
) -> Result<(), Failure> {
    let act = audit::Act {
        time: now,
        actor: Some(person.actor),
        act: act.to_owned(),
        subject: serial.to_vec(),
        agency: agency.to_owned(),
        detail: detail.to_string(),
        ..audit::Act::default()
    };
    Ok(audit::append(tx, &act).await?)
}

/// How the seal stands now, when that is kept.
async fn stood(mut tx: Tx, person: &Person, agency: &str, serial: &[u8]) -> Result<SealStands, Failure> {
    let held = doubts::find(&mut tx, agency, serial).await?.ok_or_else(unknown)?;
    tx.commit().await?;
    Ok(stands(&held, person))
}

fn stands(held: &Held, person: &Person) -> SealStands {
    let doubt = held.doubt.as_ref();
    SealStands {
        serial: held.serial.clone(),
        since_us: held.since.micros(),
        until_us: held.until.micros(),
        reason: doubt.map(|doubt| doubt.reason.clone()).unwrap_or_default(),
        doubted_from_us: doubt.map_or(0, |doubt| doubt.since.micros()),
        own: doubt.is_some_and(|doubt| doubt.by == person.actor),
        withdrawn_us: held.revoked.map_or(0, Time::micros),
    }
}

fn said_otherwise() -> Failure {
    let message =
        "What is said of this seal changed meanwhile. Read from when it is in doubt, and why, and withdraw it then.";
    Failure::stale("seal.doubt-changed", message)
}

fn unknown() -> Failure {
    Failure::not_found("seal.unknown", "There is no such seal, or it is not for you to keep.")
}
