//! Verification for anyone: by number and code, or by the file. Neither tells content or name.

use std::sync::Arc;

use ::bus::Call;
use api::Text;
use kernel::{Failure, Hash, Time, keyed_hash};
use proto::signing::v1::{Finding as Said, Verdict as Answer, VerifyCodeRequest, VerifyFileRequest};

use super::{Office, read};
use crate::{
    domain::{
        code,
        verify::{Finding, Outcome, State, Verdict},
    },
    store::{
        attempts,
        documents::{self, Stored},
    },
};

/// Wrong codes an hour before an asker, or a number, has to wait. A right code is not counted.
const FAILED_BY_ASKER_MAX: i64 = 30;
const FAILED_BY_NUMBER_MAX: i64 = 50;
const NUMBER_CHARS_MAX: usize = 80;

pub async fn code(office: &Arc<Office>, call: Call<VerifyCodeRequest>) -> Result<Answer, Failure> {
    let request = &call.request;
    let now = office.clock.now();
    let number: String = request.number.trim().chars().take(NUMBER_CHARS_MAX).collect();
    let key = &office.authority.code_key;
    let asker = keyed_hash(key, &[b"asker", &request.asker]);
    let target = keyed_hash(key, &[b"number", number.as_bytes()]);
    let mut tx = office.database.read().await?;
    let too_many = attempts::failed(&mut tx, asker, now).await? >= FAILED_BY_ASKER_MAX
        || attempts::failed(&mut tx, target, now).await? >= FAILED_BY_NUMBER_MAX;
    if too_many {
        return Err(Failure::too_many("verify.too-many", "There were too many wrong codes. Try again in an hour."));
    }
    let found = documents::by_number(&mut tx, &number).await?;
    drop(tx);
    let fits = code::fits(key, &number, &request.code, found.as_ref().map(|document| &document.code_hash));
    let Some(document) = found.filter(|_| fits) else {
        let mut tx = office.database.begin().await?;
        attempts::count(&mut tx, asker, now).await?;
        attempts::count(&mut tx, target, now).await?;
        tx.commit().await?;
        return Ok(Answer { verdict: Outcome::Unknown.as_str().into(), ..Answer::default() });
    };
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
    Ok(answer(&verdict, Some(&document), &request.language))
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
    match &found {
        Some(document) if document.agency == verdict.agency => {
            verdict.withdrawn = withdrawn(document, now);
            // The record proves what a baseline seal only claims.
            if verdict.time.state == State::NotChecked {
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
    Ok(answer(&verdict, found.as_ref(), &call.request.language))
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

fn answer(verdict: &Verdict, document: Option<&Stored>, language: &str) -> Answer {
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
        reason: document.map(|document| document.reason.clone()).unwrap_or_default(),
        specimen: verdict.specimen,
    }
}

fn said(finding: &Finding) -> Said {
    Said { state: finding.state.as_str().into(), code: finding.code.clone(), detail: finding.detail.clone() }
}
