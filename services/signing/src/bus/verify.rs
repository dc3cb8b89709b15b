//! Verification for anyone: by number and code, or by the file. Neither tells content or name.

use std::sync::Arc;

use ::bus::Call;
use api::Text;
use kernel::{Failure, Hash, Time, keyed_hash};
use proto::signing::v1::{Finding as Said, Verdict as Answer, VerifyCodeRequest, VerifyFileRequest};
use sql::{Tx, audit};

use super::{Office, read};
use crate::{
    domain::{
        code,
        verify::{Finding, Outcome, State, Verdict},
    },
    store::{
        attempts::{self, Asker},
        documents::{self, Stored},
    },
};

const NUMBER_CHARS_MAX: usize = 80;

pub async fn code(office: &Arc<Office>, call: Call<VerifyCodeRequest>) -> Result<Answer, Failure> {
    let request = &call.request;
    let now = office.clock.now();
    let number: String = request.number.trim().chars().take(NUMBER_CHARS_MAX).collect();
    let mut tx = office.database.read().await?;
    // Nothing more is read before the code fits: a wrong code costs what an unknown number costs.
    let stored = documents::code_hash(&mut tx, &number).await?;
    let fits = code::fits(&office.authority.code_key, &number, &request.code, stored.as_ref());
    let found = if fits { documents::by_number(&mut tx, &number).await? } else { None };
    let newer = newer(&mut tx, found.as_ref()).await?;
    drop(tx);
    let Some(document) = found else { return wrong(office, &request.asker, now).await };
    // The record itself answers: nobody showed us a file whose bytes could be checked.
    let mut verdict = Verdict {
        outcome: Outcome::Valid,
        integrity: Finding::not_checked("verify.file-not-shown"),
        issuer: Finding::ok("verify.issued-by-this-platform"),
        time: Finding::ok("verify.time-recorded"),
        withdrawn: withdrawn(&document, now),
        agency: document.agency.clone(),
        agency_title: String::new(),
        sealed: Some(document.sealed),
        specimen: office.stage == boot::Stage::Trial,
    };
    if verdict.withdrawn.state == State::Failed {
        verdict.outcome = Outcome::Invalid;
    }
    let mut answer = answer(&verdict, Some(&document), newer, &request.language);
    if request.twin {
        answer.twin = shown(office, &document, now).await?;
    }
    Ok(answer)
}

/// What the document says, for whoever typed its number and its code: they have it, and compare. The act names nobody, because
/// nobody signs in.
async fn shown(office: &Office, document: &Stored, now: Time) -> Result<Vec<u8>, Failure> {
    let Some((twin, _)) = read::twin(office, document).await? else { return Ok(Vec::new()) };
    let mut tx = office.database.begin().await?;
    let act = audit::Act {
        time: now,
        service_actor: Some("portal".into()),
        act: "document.shown".into(),
        subject: document.id.to_vec(),
        agency: document.agency.clone(),
        detail: serde_json::json!({"case": document.case, "number": document.number}).to_string(),
        ..audit::Act::default()
    };
    audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    Ok(twin)
}

/// Number of the document that took this one's place.
async fn newer(tx: &mut Tx, document: Option<&Stored>) -> Result<String, Failure> {
    match document {
        Some(document) => Ok(documents::successor(tx, document.id).await?.unwrap_or_default()),
        None => Ok(String::new()),
    }
}

/// An unknown number and a wrong code: the same answer for the same work.
async fn wrong(office: &Office, asker: &[u8], now: Time) -> Result<Answer, Failure> {
    let key = &office.authority.code_key;
    let asker = Asker { network: keyed_hash(key, &[b"asker", asker]), all: keyed_hash(key, &[b"all"]) };
    let mut tx = office.database.read().await?;
    let exhausted = attempts::exhausted(&mut tx, &asker, now).await?;
    drop(tx);
    if exhausted {
        let message = "There were too many wrong codes. Compare number and code with the document.";
        return Err(Failure::too_many("verify.too-many", message));
    }
    let mut tx = office.database.begin().await?;
    attempts::count_wrong(&mut tx, &asker, now).await?;
    tx.commit().await?;
    Ok(Answer { verdict: Outcome::Unknown.as_str().into(), ..Answer::default() })
}

pub async fn file(office: &Arc<Office>, call: Call<VerifyFileRequest>) -> Result<Answer, Failure> {
    let now = office.clock.now();
    let hash = Hash::of(&call.request.file);
    let list = read::revocation_list(office, now).await?;
    let work = {
        let (office, file) = (office.clone(), call.request.file);
        move || office.workers.verify(&file, &office.authority.root_pem, Some(&list), None, now)
    };
    let judged = tokio::task::spawn_blocking(work).await.map_err(|error| {
        Failure::internal("verify.worker", "The file could not be checked just now.").with_detail(error)
    })?;
    let mut verdict = match judged {
        Ok(verdict) => verdict,
        // A file on which the worker fails is no document of ours.
        Err(failure) if failure.code == "document.too-slow" || failure.code == "document.too-much" => {
            return Ok(Answer { verdict: Outcome::Unknown.as_str().into(), ..Answer::default() });
        }
        Err(failure) => return Err(failure),
    };
    let mut tx = office.database.read().await?;
    let found = documents::by_hash(&mut tx, hash).await?;
    let newer = newer(&mut tx, found.as_ref()).await?;
    drop(tx);
    match &found {
        Some(document) if document.agency == verdict.agency => {
            verdict.withdrawn = withdrawn(document, now);
            // The record proves what a baseline seal only claims, also when the seal's certificate has run out.
            if verdict.time.state == State::NotChecked || verdict.time.code == "verify.time-not-provable" {
                verdict.time = Finding::ok("verify.time-recorded");
            }
        }
        // A good seal on a file that was never recorded: somebody else used the key.
        _ if verdict.issuer.state == State::Ok => {
            tracing::error!(agency = verdict.agency, "a seal in order on a file that was never recorded");
            let detail = "The seal is in order, but this document was never recorded.";
            verdict.issuer = Finding::failed("verify.never-recorded", detail);
        }
        _ => {}
    }
    if verdict.outcome != Outcome::Unknown {
        verdict.conclude();
    }
    Ok(answer(&verdict, found.as_ref(), newer, &call.request.language))
}

fn withdrawn(document: &Stored, now: Time) -> Finding {
    if document.status != "valid" {
        return Finding::failed(&format!("verify.{}", document.status), document.status_since.to_string());
    }
    match document.valid_until {
        Some(until) if until < now => Finding::failed("verify.expired", until.to_string()),
        _ => Finding::ok("verify.not-withdrawn"),
    }
}

fn answer(verdict: &Verdict, document: Option<&Stored>, newer: String, language: &str) -> Answer {
    let text = |json: &str| serde_json::from_str::<Text>(json).unwrap_or_default().in_language(language).to_owned();
    Answer {
        verdict: verdict.outcome.as_str().into(),
        integrity: Some(said(&verdict.integrity)),
        issuer: Some(said(&verdict.issuer)),
        time: Some(said(&verdict.time)),
        withdrawn: Some(said(&verdict.withdrawn)),
        number: document.map(|document| document.number.clone()).unwrap_or_default(),
        kind: document.map(|document| text(&document.titles)).unwrap_or_default(),
        agency: verdict.agency.clone(),
        agency_title: document.map_or_else(|| verdict.agency_title.clone(), |document| text(&document.agency_titles)),
        sealed_us: verdict.sealed.map(Time::micros).unwrap_or_default(),
        status: document.map(|document| document.status.clone()).unwrap_or_default(),
        reason: document.map(|document| reason(&document.reason, language)).unwrap_or_default(),
        specimen: verdict.specimen,
        superseded_by: newer,
        twin: Vec::new(),
        has_twin: document.is_some_and(|document| document.twin.is_some() && !document.wrapped_key.is_empty()),
    }
}

/// A declared reason is kept in every language, other words as they were given.
fn reason(kept: &str, language: &str) -> String {
    match serde_json::from_str::<Text>(kept) {
        Ok(text) => text.in_language(language).to_owned(),
        Err(_) => kept.to_owned(),
    }
}

fn said(finding: &Finding) -> Said {
    Said { state: finding.state.as_str().into(), code: finding.code.clone(), detail: finding.detail.clone() }
}
