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
        doubts,
    },
    worker::Workers,
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
    let doubted = match &found {
        Some(document) => doubts::since(&mut tx, &document.seal).await?,
        None => None,
    };
    let newer = newer(&mut tx, found.as_ref()).await?;
    drop(tx);
    let Some(document) = found else { return wrong(office, &request.asker, now).await };
    // The record itself answers: nobody showed us a file whose bytes could be checked.
    let mut verdict = Verdict {
        outcome: Outcome::Valid,
        integrity: Finding::not_checked("verify.file-not-shown"),
        issuer: doubted.map_or_else(|| Finding::ok("verify.issued-by-this-platform"), |from| despite(&document, from)),
        time: Finding::ok("verify.time-recorded"),
        withdrawn: withdrawn(&document, now),
        agency: document.agency.clone(),
        agency_title: String::new(),
        sealed: Some(document.sealed),
        specimen: office.stage == boot::Stage::Trial,
    };
    if verdict.withdrawn.state == State::Failed || verdict.issuer.state == State::Failed {
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
    let judged = judged(&office.workers, &office.authority.root_pem, (call.request.file, list), now).await?;
    let Some(mut verdict) = judged else {
        return Ok(Answer { verdict: Outcome::Unknown.as_str().into(), ..Answer::default() });
    };
    let mut tx = office.database.read().await?;
    let found = documents::by_hash(&mut tx, hash).await?;
    if let Some(document) = found.as_ref().filter(|_| verdict.issuer.code == "verify.seal-revoked")
        && let Some(from) = doubts::since(&mut tx, &document.seal).await?
    {
        verdict.issuer = despite(document, from);
        verdict.agency.clone_from(&document.agency);
    }
    let newer = newer(&mut tx, found.as_ref()).await?;
    drop(tx);
    compare(&mut verdict, found.as_ref(), now);
    Ok(answer(&verdict, found.as_ref(), newer, &call.request.language))
}

/// What a file from outside says of itself, as a worker found it and nobody else; nothing when the worker fails on it, which is so
/// of no document of ours.
async fn judged(
    workers: &Arc<Workers>,
    root_pem: &str,
    (file, list): (Vec<u8>, Vec<u8>),
    now: Time,
) -> Result<Option<Verdict>, Failure> {
    let (workers, root_pem) = (workers.clone(), root_pem.to_owned());
    let work = move || workers.verify(&file, &root_pem, Some(&list), None, now);
    let judged = tokio::task::spawn_blocking(work).await.map_err(|error| {
        Failure::internal("verify.worker", "The file could not be checked just now.").with_detail(error)
    })?;
    match judged {
        Ok(verdict) => Ok(Some(verdict)),
        Err(failure) if failure.code == "document.too-slow" || failure.code == "document.too-much" => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// What the record says of the file beside what the file says of itself.
fn compare(verdict: &mut Verdict, found: Option<&Stored>, now: Time) {
    match found {
        Some(document) if document.agency == verdict.agency => {
            verdict.withdrawn = withdrawn(document, now);
            // The record proves what a baseline seal only claims, also when the seal's certificate has run out.
            if verdict.time.state == State::NotChecked || verdict.time.code == "verify.time-not-provable" {
                verdict.time = Finding::ok("verify.time-recorded");
            }
        }
        // A good seal on a file that was never recorded: somebody else used the key.
        _ if verdict.issuer.state == State::Ok => {
            boot::metrics::SEALS_STRANGE.count(&[]);
            tracing::error!(agency = verdict.agency, "a seal in order on a file that was never recorded");
            verdict.issuer = never_recorded();
        }
        // That its key was taken is known; the agency has nothing that it could issue anew.
        None if verdict.issuer.code == "verify.seal-revoked" => verdict.issuer = never_recorded(),
        _ => {}
    }
    if verdict.outcome != Outcome::Unknown {
        verdict.conclude();
    }
}

fn never_recorded() -> Finding {
    Finding::failed("verify.never-recorded", "It bears the agency's seal, but this document was never recorded.")
}

/// A document that bears a seal which was withdrawn. The record knows when it was sealed, which the file alone cannot prove.
fn despite(document: &Stored, from: Time) -> Finding {
    if document.sealed < from {
        return Finding::ok("verify.sealed-before-doubt");
    }
    Finding::failed(
        "verify.seal-revoked",
        "The agency's seal was withdrawn, and this document was sealed when it was in doubt.",
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ca,
            pades::tests::{NOW, rendered, sealed_with},
            verify::{Trust, verify},
        },
        store::tests::document,
        worker::Limits,
    };

    #[tokio::test]
    async fn a_file_from_outside_is_read_by_a_worker_or_by_nobody() {
        let (ceremony, file) = sealed_with(&rendered(), true);
        let now = Time::from_micros(NOW);
        let trust = Trust { root: &ceremony.root, revocation_list: None, status_list: None };
        assert!(verify(&file, &trust, now).is_valid(), "whoever reads it finds it in order");
        // A program that ends before it has read anything.
        let none = Arc::new(Workers::of("/bin/false".into(), Limits::default()));
        let refused = judged(&none, &ca::pem(&ceremony.root).unwrap(), (file, Vec::new()), now).await;
        assert_eq!(refused.unwrap_err().code, "document.worker");
    }

    #[test]
    fn a_good_seal_counts_for_nothing_on_what_was_never_recorded_or_was_recorded_for_another_agency() {
        let (ceremony, file) = sealed_with(&rendered(), true);
        let now = Time::from_micros(NOW);
        let trust = Trust { root: &ceremony.root, revocation_list: None, status_list: None };
        let of = |agency: &str| Stored { agency: agency.into(), hash: Hash::of(&file), ..document(1, 7) };
        let compared = |found: Option<&Stored>| {
            let mut verdict = verify(&file, &trust, now);
            assert_eq!((verdict.outcome, verdict.agency.as_str()), (Outcome::Valid, "justice"), "the file alone");
            compare(&mut verdict, found, now);
            (verdict.outcome, verdict.issuer.code)
        };
        let (recorded, anothers) = (of("justice"), of("health"));
        assert_eq!(compared(Some(&recorded)), (Outcome::Valid, "verify.seal-list-not-checked".into()));
        for found in [None, Some(&anothers)] {
            assert_eq!(compared(found), (Outcome::Invalid, "verify.never-recorded".into()));
        }
    }

    #[test]
    fn what_a_withdrawn_seal_sealed_and_nobody_recorded_is_told_as_a_forgery() {
        let (ceremony, file) = sealed_with(&rendered(), true);
        let now = Time::from_micros(NOW);
        let trust = Trust { root: &ceremony.root, revocation_list: None, status_list: None };
        let doubted = Finding::failed("verify.seal-revoked", "The agency's seal certificate was revoked.");
        let mut verdict = Verdict { issuer: doubted, agency: String::new(), ..verify(&file, &trust, now) };
        compare(&mut verdict, None, now);
        assert_eq!((verdict.outcome, verdict.issuer.code.as_str()), (Outcome::Invalid, "verify.never-recorded"));
    }
}
