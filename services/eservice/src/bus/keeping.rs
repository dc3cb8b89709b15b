//! An archivist lays a legal hold on a case, ends it, orders a case's erasure before its time, and sees what is due.

use std::{collections::BTreeMap, sync::Arc};

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash, MessageId, PersonId, Time};
use process::case::Phase;
use prost::Message;
use proto::{
    CaseRef, Event as _,
    eservice::v1::{CaseHeld, CaseReply, EraseCaseRequest, HoldCaseRequest, ListRecordsRequest, Records},
    identity::v1::Officer,
};
use sql::{Action, Tx, answers, outbox::Outgoing};

use super::{
    command_id,
    draft::{decoded, replied},
    noted, stored,
    task::officer_of,
};
use crate::{
    domain::{
        access, parties,
        reason::{open, seal},
        retention,
    },
    execute::{act, note},
    host::Host,
    store::{
        cases::{self, Case},
        retention as kept,
    },
};

const REASON_CHARS_MAX: usize = 500;

pub async fn hold(host: Arc<Host>, call: Call<HoldCaseRequest>) -> Result<CaseReply, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let reason = worded(&asked.reason)?;
    let case = admitted(&host, person, &call.agency, (&asked.case_id, &asked.number)).await?;
    let now = host.now();
    let command = command_id(person);
    let mut tx = host.database.begin().await?;
    if let Some(answer) = answers::recall(&mut tx, Action::of_person(person.id, &command), &call.body_hash).await? {
        return decoded(&answer);
    }
    let until = retention::hold_end(asked.until_us, now)?;
    let mut recorded = act("case.hold-ended", now, Some(person.actor), case.id, &case.agency);
    // It goes with the case, whether the hold was ended or not.
    let reason = seal(&case.key, case.id, &reason, &*host.random);
    let unchanged = if asked.release {
        (!kept::release(&mut tx, case.id, now).await?).then_some("No hold stands on this case.")
    } else {
        let hold = kept::Hold { since: now, until, by: person.actor, reason: &reason };
        "case.held".clone_into(&mut recorded.act);
        recorded.detail = serde_json::json!({"until": until.map(|until| until.to_string())}).to_string();
        (!kept::hold(&mut tx, case.id, &hold).await?).then_some("A hold with this end stands on this case already.")
    };
    if let Some(message) = unchanged {
        return Err(Failure::conflict("case.hold-unchanged", message));
    }
    recorded.purpose = Some(reason);
    note(&mut tx, recorded).await?;
    let until = until.filter(|_| !asked.release);
    sql::outbox::enqueue(&mut tx, &told(&case, person, (!asked.release, until), now)).await?;
    answered(&host, tx, person, call.body_hash, &case).await
}

/// The docket tells archivists of holds that end soon, and the exchange keeps what proves questions to registries.
fn told(case: &Case, person: &Person, (stands, until): (bool, Option<Time>), now: Time) -> Outgoing {
    let held = CaseHeld {
        case: Some(CaseRef {
            case_id: case.id.to_vec(),
            agency: case.agency.clone(),
            service: case.service.clone(),
            revision: case.revision.to_vec(),
        }),
        number: case.state.number.clone().unwrap_or_default(),
        officer: person.actor.to_vec(),
        until_us: until.map_or(0, Time::micros),
        stands,
    };
    Outgoing {
        message_id: MessageId::derived(Hash::of_parts(&[b"case-held", case.id.as_bytes(), &command_id(person)])),
        name: CaseHeld::NAME.to_owned(),
        agency: case.agency.clone(),
        case: Some((case.id, case.version)),
        time: now,
        body: held.encode_to_vec(),
    }
}

pub async fn erase(host: Arc<Host>, call: Call<EraseCaseRequest>) -> Result<CaseReply, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let (reason, under) = (worded(&asked.reason)?, worded(&asked.legal_basis)?);
    let case = admitted(&host, person, &call.agency, (&asked.case_id, &asked.number)).await?;
    let now = host.now();
    let command = command_id(person);
    let mut tx = host.database.begin().await?;
    if let Some(answer) = answers::recall(&mut tx, Action::of_person(person.id, &command), &call.body_hash).await? {
        return decoded(&answer);
    }
    if !matches!(case.state.phase, Phase::Ended | Phase::Discarded) {
        let message = "The case has not ended. Let it be decided or withdrawn first.";
        return Err(Failure::conflict("case.not-ended", message));
    }
    if kept::is_continued(&mut tx, case.id).await? {
        let message = "A case that began from this one, such as an appeal, has not ended. Let it end first.";
        return Err(Failure::conflict("case.continued", message));
    }
    // One text for every language: it is typed by whoever orders it.
    let under = BTreeMap::from([(String::new(), under)]);
    if !kept::order(&mut tx, case.id, now, &under).await? {
        return Err(Failure::conflict("case.held", "A legal hold stands on this case. It must end first."));
    }
    let mut recorded = act("case.erasure-ordered", now, Some(person.actor), case.id, &case.agency);
    // Who ordered it, when and by which law stays; what was typed about somebody goes with the case.
    recorded.purpose = Some(seal(&case.key, case.id, &reason, &*host.random));
    recorded.detail = serde_json::json!({"under": under}).to_string();
    note(&mut tx, recorded).await?;
    answered(&host, tx, person, call.body_hash, &case).await
}

/// What is due to be erased before a moment, and what is held; nobody is told of a hold on a case in which they have a part.
pub async fn list(host: Arc<Host>, call: Call<ListRecordsRequest>) -> Result<Records, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let nobodys = CaseId::from_bytes([0; 16]);
    let admitted = archivist(&host, person, &call.agency).await;
    let officer = noted(&host, person, nobodys, &call.agency, admitted).await?;
    let mut listed = act("records.listed", host.now(), Some(person.actor), nobodys, &call.agency);
    listed.subject = Vec::new();
    listed.detail = serde_json::json!({ "service": asked.service, "until": asked.until_us }).to_string();
    host.record(listed).await?;
    let (of, until) = ((asked.agency.as_str(), asked.service.as_str()), Time::from_micros(asked.until_us));
    let mut tx = host.database.read().await?;
    let (mut records, standing) = kept::records(&mut tx, of, host.now(), until).await?;
    let mut holders = Vec::new();
    for (mut record, hold) in std::mem::take(&mut records.held).into_iter().zip(standing) {
        let Some(case) = cases::read(&mut tx, &host.keys, hold.case).await? else { continue };
        if is_involved(&host, person, &officer, &case)? {
            records.held_count -= 1;
            let ends = record.held_until_us > 0 && record.held_until_us < asked.until_us;
            records.ending_count -= i64::from(ends);
            continue;
        }
        record.held_for = open(&case.key, case.id, &record.held_for)?;
        records.held.push(record);
        holders.push(hold.by);
    }
    drop(tx);
    for (record, holder) in records.held.iter_mut().zip(holders) {
        if let Some(holder) = holder {
            record.held_by = named_officer(&host, holder).await;
        }
    }
    Ok(records)
}

/// Whose hold it is, while they serve: who does not is not named, and the list is told all the same.
async fn named_officer(host: &Host, holder: PersonId) -> String {
    host.officer(holder).await.map(|officer| officer.display_name).unwrap_or_default()
}

fn worded(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REASON_CHARS_MAX {
        let message = "A reason and, for an erasure, its legal basis are needed: at most 500 letters each.";
        return Err(Failure::invalid("case.reason", message));
    }
    Ok(text.to_owned())
}

/// The case, for an archivist of its agency who has no part in it.
async fn admitted(host: &Host, person: &Person, agency: &str, named: (&[u8], &str)) -> Result<Case, Failure> {
    let id = match named {
        ([], number) => {
            let mut tx = host.database.read().await?;
            kept::numbered(&mut tx, agency, number).await?.unwrap_or(CaseId::from_bytes([0; 16]))
        }
        (id, _) => CaseId::from_slice(id)?,
    };
    let found = judged(host, person, agency, id).await;
    noted(host, person, id, agency, found).await
}

async fn archivist(host: &Host, person: &Person, agency: &str) -> Result<Officer, Failure> {
    let officer = officer_of(host, person).await?;
    if !retention::keeps_records(&officer, agency, host.now()) {
        return Err(access::not_found().with_detail("not an archivist of this agency"));
    }
    Ok(officer)
}

async fn judged(host: &Host, person: &Person, agency: &str, id: CaseId) -> Result<Case, Failure> {
    let officer = archivist(host, person, agency).await?;
    let case = stored(host, id).await?;
    if case.agency != agency || is_involved(host, person, &officer, &case)? {
        return Err(access::not_found().with_detail("another agency's case, or the officer's own"));
    }
    Ok(case)
}

fn is_involved(host: &Host, person: &Person, officer: &Officer, case: &Case) -> Result<bool, Failure> {
    Ok(case.state.takes_part(person.id)
        || access::directs_party(&case.state, officer)
        || parties::names(host.keys.lookup(), &case.state, officer)?)
}

async fn answered(
    host: &Host,
    mut tx: Tx,
    person: &Person,
    body_hash: kernel::Hash,
    case: &Case,
) -> Result<CaseReply, Failure> {
    let reply = replied(case);
    let command = command_id(person);
    let action = Action::of_person(person.id, &command);
    answers::keep(&mut tx, action, &body_hash, &reply.encode_to_vec(), host.now()).await?;
    tx.commit().await?;
    Ok(reply)
}
