//! An officer looks for applications by what people say. Every search is an act of the record, and everybody who is found is told.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure, Hash, MessageId, Time, lookup, sealed::SEALED_WORDS};
use prost::Message;
use proto::{
    CaseRef, Event as _,
    docket::v1::{CaseFound, Found, ReadSearchReasonsRequest, SearchReason, SearchReasons, SearchRequest},
    identity::v1::{HashLookupRequest, operations::HASH_LOOKUP},
};
use sql::{Tx, audit::Act, outbox::Outgoing};

use super::Docket;
use crate::{
    domain::{
        search::{Reach, Terms, WORDS_MAX, id as search_id, nothing_to_look_for, reason, text},
        words::{self, NOBODY_LASTS, Sealed},
    },
    store::{
        reasons,
        search::{self, Hit},
    },
};

/// Applications of which one answer tells; whoever finds more says more.
const HITS_MAX: usize = 50;
/// Searches about which one question asks.
const REASONS_MAX: usize = 100;

pub async fn search(docket: Arc<Docket>, call: Call<SearchRequest>) -> Result<Found, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let officer = docket.appointed(person).await?;
    let why = reason(&asked.reason)?;
    let now = docket.clock.now();
    let reach = Reach::of(&officer, &asked.agency, why.is_some(), now)?;
    let terms = terms(&docket, asked).await?;
    let mut tx = docket.database.begin().await?;
    let most = i64::try_from(HITS_MAX).unwrap_or(i64::MAX);
    let mut hits = search::find(&mut tx, &terms, &reach, &officer, most + 1).await?;
    let more = hits.len() > HITS_MAX;
    hits.truncate(HITS_MAX);
    // A form that is kept and sent again another day finds others: they are told, too.
    let cases: Vec<CaseId> = hits.iter().map(|hit| hit.case).collect();
    let asked_by: [&[u8]; 3] = [person.id.as_bytes(), person.command_id.as_bytes(), call.body_hash.as_bytes()];
    let id = search_id(&asked_by, &cases, now);
    if sql::inbox::claim(&mut tx, id.as_bytes(), now).await? {
        let why = why.map(|typed| words::seal(&docket.reasons, id, &typed, &*docket.random));
        if let Some(sealed) = &why {
            let ends = hits.is_empty().then(|| now.plus(NOBODY_LASTS));
            reasons::keep(&mut tx, id, &sealed.key, ends).await?;
        }
        let act = act(&asked.kind, &terms, &hits, why.is_some());
        let act = Act {
            time: now,
            actor: Some(person.actor),
            subject: id.to_vec(),
            agency: reach.agency.clone(),
            purpose: Some(why.map_or_else(|| "own-queue".to_owned(), |sealed| sealed.words)),
            ..act
        };
        sql::audit::append(&mut tx, &act).await?;
        for hit in &hits {
            tell(&mut tx, (id, now), hit, &reach).await?;
        }
    }
    tx.commit().await?;
    Ok(Found { cases: hits.into_iter().map(|hit| hit.shown).collect(), more })
}

/// What was typed becomes hashes at identity, which has the key; of a number nothing is to be hidden.
async fn terms(docket: &Docket, asked: &SearchRequest) -> Result<Terms, Failure> {
    let typed = text(&asked.text)?;
    if asked.kind == "number" {
        return Ok(Terms::Number(typed.to_uppercase()));
    }
    lookup::Kind::parse(&asked.kind).ok_or_else(nothing_to_look_for)?;
    let request = HashLookupRequest { kind: asked.kind.clone(), text: typed.to_owned() };
    let hashes = docket.bus.request(&HASH_LOOKUP, "platform", &request).await?.hashes;
    let hashes = hashes.iter().take(WORDS_MAX).map(|hash| Hash::from_slice(hash)).collect::<Result<Vec<_>, _>>()?;
    if hashes.is_empty() { Err(nothing_to_look_for()) } else { Ok(Terms::Hashes(hashes)) }
}

/// The record holds what was looked for as hashes only; a number that is nobody's may be anything that was typed there.
fn act(kind: &str, terms: &Terms, hits: &[Hit], reasoned: bool) -> Act {
    let hashes: Vec<String> = match terms {
        Terms::Number(_) => Vec::new(),
        Terms::Hashes(hashes) => hashes.iter().map(Hash::to_string).collect(),
    };
    let cases: Vec<String> = hits.iter().map(|hit| hit.case.to_string()).collect();
    Act {
        act: search::ACT.to_owned(),
        detail: serde_json::json!({"kind": kind, "hashes": hashes, "cases": cases, "reasoned": reasoned}).to_string(),
        ..Act::default()
    }
}

/// Tells the applicant, as of an opening; a typed reason stays here for them to read.
async fn tell(tx: &mut Tx, (search, now): (MessageId, Time), hit: &Hit, reach: &Reach) -> Result<(), Failure> {
    if reach.beyond {
        search::note(tx, search, hit).await?;
    }
    let acting = reach.acting().cloned();
    let (office, role) = acting.map(|scope| (scope.office, scope.role)).unwrap_or_default();
    let found = CaseFound {
        case: Some(CaseRef {
            case_id: hit.case.to_vec(),
            agency: hit.shown.agency.clone(),
            service: hit.shown.service.clone(),
            revision: Vec::new(),
        }),
        search: search.to_vec(),
        applicant: hit.applicant.to_vec(),
        time_us: now.micros(),
        agency: reach.agency.clone(),
        office,
        role,
        reasoned: reach.beyond,
    };
    let message = Outgoing {
        message_id: MessageId::derived(Hash::of_parts(&[b"case-found", search.as_bytes(), hit.case.as_bytes()])),
        name: CaseFound::NAME.to_owned(),
        agency: hit.shown.agency.clone(),
        case: Some((hit.case, hit.version)),
        time: now,
        body: found.encode_to_vec(),
    };
    Ok(sql::outbox::enqueue(tx, &message).await?)
}

/// Why officers looked for the signed-in person's own applications. Somebody who works as an officer is nobody's applicant.
pub async fn reasons(docket: Arc<Docket>, call: Call<ReadSearchReasonsRequest>) -> Result<SearchReasons, Failure> {
    let person = call.person()?;
    let mut reasons = Vec::new();
    if person.officer {
        return Ok(SearchReasons { reasons });
    }
    let mut tx = docket.database.read().await?;
    for id in call.request.searches.iter().take(REASONS_MAX) {
        let search = MessageId::from_slice(id)?;
        let Some(kept) = search::reason(&mut tx, search, person.id).await? else { continue };
        let text = opened(&docket, &mut tx, search, kept).await?;
        reasons.extend(text.map(|text| SearchReason { search: id.clone(), text }));
    }
    Ok(SearchReasons { reasons })
}

/// The words of what is kept; none once their key is gone.
pub async fn opened(docket: &Docket, tx: &mut Tx, search: MessageId, kept: String) -> Result<Option<String>, Failure> {
    if !kept.starts_with(SEALED_WORDS) {
        return Ok(Some(kept));
    }
    let Some(key) = reasons::wrapped(tx, search).await? else { return Ok(None) };
    words::open(&docket.reasons, search, &Sealed { key, words: kept }).map(Some)
}

/// Forgets the words whose time is over.
pub async fn forget(docket: &Docket) -> Result<(), Failure> {
    let mut tx = docket.database.quietly().begin().await?;
    if reasons::forget(&mut tx, docket.clock.now()).await? {
        tx.destroys();
    }
    Ok(tx.commit().await?)
}
