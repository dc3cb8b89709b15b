//! An auditor searches what was done, reads one act, and takes a signed list away: each an act of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bus::Call;
use futures::future::join_all;
use kernel::{ErrorKind, Failure, PersonId};
use proto::{
    docket::v1::{Act, Acts, ActsFile, ReadActRequest, SearchActsRequest},
    identity::v1::{FindPersonRequest, operations::FIND_PERSON},
};

use super::{Docket, chains};
use crate::{
    domain::{
        auditor::{PLATFORM, Place, auditors_only, audits, narrowed, purpose, recorded_under, word},
        export,
    },
    store::acts::{self, Sought},
};

const MOST: i64 = 100;
const USUAL: i64 = 50;
/// About as many acts as a file can take by its size.
const EXPORTED_MAX: usize = 5_000;
/// Names that are asked for at once: one after the other, those of a long list would not come in time.
const NAMES_TOGETHER: usize = 32;

/// Agencies that the person audits now; whoever audits none leaves a row.
pub async fn admitted<Q>(docket: &Docket, call: &Call<Q>, agency: &str) -> Result<Vec<String>, Failure> {
    let judged = judged(docket, call, agency).await;
    if let Err(failure) = &judged
        && failure.kind == ErrorKind::Forbidden
    {
        let agency = bus::subject::token(agency).unwrap_or_default();
        record(docket, call, ("audit.refused", &[], agency), Vec::new(), None).await?;
    }
    judged
}

async fn judged<Q>(docket: &Docket, call: &Call<Q>, agency: &str) -> Result<Vec<String>, Failure> {
    let person = call.person()?;
    if !person.officer {
        return Err(auditors_only());
    }
    let officer = docket.officer(person.id).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => auditors_only(),
        _ => failure,
    })?;
    let audits = audits(&officer, docket.clock.now());
    if audits.is_empty() {
        return Err(auditors_only());
    }
    narrowed(&audits, agency)?;
    Ok(audits)
}

pub async fn search(docket: Arc<Docket>, call: Call<SearchActsRequest>) -> Result<Acts, Failure> {
    let asked = &call.request;
    let (sought, behind) = looked_for(&docket, &call, "audit.searched").await?;
    let limit = if asked.limit <= 0 { USUAL } else { i64::from(asked.limit).min(MOST) };
    let after = Place::parse(&asked.after).unwrap_or_else(Place::start);
    let mut tx = docket.database.read().await?;
    let mut found = acts::search(&mut tx, &sought, after, limit + 1).await?;
    let broken = acts::broken(&mut tx).await?;
    drop(tx);
    let more = found.len() > usize::try_from(limit).unwrap_or_default();
    if more {
        found.pop();
    }
    let next = found.last().filter(|_| more).map(|(place, _)| place.to_string()).unwrap_or_default();
    Ok(Acts { acts: named(&docket, found).await, next, behind, broken })
}

pub async fn export(docket: Arc<Docket>, call: Call<SearchActsRequest>) -> Result<ActsFile, Failure> {
    let (sought, _) = looked_for(&docket, &call, "audit.exported").await?;
    let mut tx = docket.database.read().await?;
    let most = i64::try_from(EXPORTED_MAX).unwrap_or(i64::MAX - 1);
    let mut found = acts::search(&mut tx, &sought, Place::start(), most + 1).await?;
    drop(tx);
    let more = found.len() > EXPORTED_MAX;
    found.truncate(EXPORTED_MAX);
    let list = export::list(&named(&docket, found).await, more);
    let attested = docket.bus.attest(list.text.as_bytes());
    let csv = export::signed(list.text, attested.time, &attested.signature).into_bytes();
    Ok(ActsFile { csv, rows: list.rows, cut: list.cut })
}

/// What the auditor looks for, once the search is on record, and the chains that are behind.
async fn looked_for(
    docket: &Docket,
    call: &Call<SearchActsRequest>,
    act: &str,
) -> Result<(Sought, Vec<String>), Failure> {
    let asked = &call.request;
    let audits = admitted(docket, call, &asked.agency).await?;
    let purpose = purpose(&asked.purpose)?;
    let sought = Sought {
        agencies: narrowed(&audits, &asked.agency)?,
        person: match asked.person.as_slice() {
            [] => found(docket, call, (&asked.pinfl, "")).await?,
            known => Some(PersonId::from_slice(known)?.to_vec()),
        },
        actor: match asked.actor.as_slice() {
            [] => found(docket, call, ("", &asked.login)).await?,
            known => Some(PersonId::from_slice(known)?.to_vec()),
        },
        number: word(&asked.number)?,
        act: word(&asked.act)?,
        from: asked.from_us,
        until: asked.until_us,
    };
    let behind = chains::catch_up_shortly(docket).await?;
    let detail = serde_json::json!({
        "number": sought.number, "act": sought.act, "from": sought.from, "until": sought.until,
        "by": {"person": sought.person.is_some(), "actor": sought.actor.is_some()}, "more": !asked.after.is_empty(),
    });
    let subject = sought.person.clone().or_else(|| sought.actor.clone()).unwrap_or_default();
    let place = (act, audits.as_slice(), asked.agency.as_str());
    record_why(docket, call, place, subject, Some(detail), Some(purpose)).await?;
    Ok((sought, behind))
}

/// The opaque id of whom the auditor named; of nobody it is one that nobody has, so that nothing is found.
async fn found<Q>(docket: &Docket, call: &Call<Q>, (pinfl, login): (&str, &str)) -> Result<Option<Vec<u8>>, Failure> {
    if pinfl.trim().is_empty() && login.trim().is_empty() {
        return Ok(None);
    }
    let actor = call.person()?.actor.to_vec();
    let request = FindPersonRequest { pinfl: pinfl.to_owned(), login: login.to_owned(), actor };
    let person = docket.bus.request(&FIND_PERSON, PLATFORM, &request).await?.person;
    Ok(Some(if person.is_empty() { PersonId::from_bytes([0; 16]).to_vec() } else { person }))
}

/// One act with everything its owner still has of it.
pub async fn read(docket: Arc<Docket>, call: Call<ReadActRequest>) -> Result<Act, Failure> {
    let audits = admitted(&docket, &call, "").await?;
    let asked = &call.request;
    let sought = Sought { agencies: narrowed(&audits, "")?, ..Sought::default() };
    let mut tx = docket.database.read().await?;
    let known = acts::one(&mut tx, &sought, (&asked.chain, asked.sequence, &asked.hash)).await?;
    drop(tx);
    let detail = serde_json::json!({ "chain": asked.chain, "sequence": asked.sequence, "found": known.is_some() });
    record(&docket, &call, ("audit.act-read", &audits, ""), asked.hash.clone(), Some(detail)).await?;
    let known = known
        .ok_or_else(|| Failure::not_found("docket.no-act", "There is no such act, or it is not yours to read."))?;
    let whole = chains::whole(&docket, &known).await?;
    let whole = whole.ok_or_else(|| {
        let message = "The service that did this no longer has it as it was read: its chain was changed. Tell those who run the platform.";
        Failure::conflict("docket.act-changed", message)
    })?;
    let mut names = BTreeMap::new();
    let actor_name = name(&docket, &mut names, &known.actor).await;
    Ok(Act { actor_name, purpose: whole.purpose, detail: whole.detail, ..known })
}

async fn named(docket: &Docket, found: Vec<(Place, Act)>) -> Vec<Act> {
    let actors: BTreeSet<PersonId> =
        found.iter().filter_map(|(_, act)| PersonId::from_slice(&act.actor).ok()).collect();
    let actors: Vec<PersonId> = actors.into_iter().collect();
    let mut names: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for some in actors.chunks(NAMES_TOGETHER) {
        let told = join_all(some.iter().map(|actor| docket.name(*actor))).await;
        names.extend(some.iter().map(|actor| actor.to_vec()).zip(told));
    }
    let with_name = |(_, act): (Place, Act)| {
        let actor_name = names.get(&act.actor).cloned().unwrap_or_default();
        Act { actor_name, ..act }
    };
    found.into_iter().map(with_name).collect()
}

/// An officer's name, each asked once; nobody else's.
pub async fn name(docket: &Docket, known: &mut BTreeMap<Vec<u8>, String>, person: &[u8]) -> String {
    if let Some(name) = known.get(person) {
        return name.clone();
    }
    let Ok(id) = PersonId::from_slice(person) else { return String::new() };
    let name = docket.name(id).await;
    known.insert(person.to_vec(), name.clone());
    name
}

/// Records what an auditor does, before anything is shown: (act, agencies that they audit, agency that they asked for).
pub async fn record<Q>(
    docket: &Docket,
    call: &Call<Q>,
    place: (&str, &[String], &str),
    subject: Vec<u8>,
    detail: Option<serde_json::Value>,
) -> Result<(), Failure> {
    record_why(docket, call, place, subject, detail, None).await
}

async fn record_why<Q>(
    docket: &Docket,
    call: &Call<Q>,
    (act, audits, agency): (&str, &[String], &str),
    subject: Vec<u8>,
    detail: Option<serde_json::Value>,
    purpose: Option<String>,
) -> Result<(), Failure> {
    let done = sql::audit::Act {
        time: docket.clock.now(),
        actor: Some(call.person()?.actor),
        service_actor: None,
        act: act.to_owned(),
        subject,
        agency: recorded_under(audits, agency),
        purpose,
        detail: detail.map_or_else(|| "{}".to_owned(), |detail| detail.to_string()),
    };
    let mut tx = docket.database.begin().await?;
    sql::audit::append(&mut tx, &done).await?;
    Ok(tx.commit().await?)
}
