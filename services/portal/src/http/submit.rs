//! Checking the answers, sending the application, and what comes right after.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::ErrorKind;
use proto::eservice::v1::{Answers, Case, ReadCaseRequest, SubmitReply, SubmitRequest, operations};

use super::{
    Portal, Shared,
    fault::{Refused, no_such_page},
    frame::{Frame, page},
    officer,
    pay::settled,
    posted::Posted,
    visit::{CasePlace, Citizen, Filling, Visit},
};
use crate::store::Session;

#[derive(Template)]
#[template(path = "check.html")]
pub struct CheckPage {
    pub f: Frame,
    pub answers: Answers,
    pub base: String,
    pub shown_hash: String,
    /// Key of what is to be known first: why what was sent was not taken; empty where nothing is.
    pub notice: &'static str,
    /// Somebody who is asked in another's application checks what they agree to.
    pub asked: bool,
}

impl CheckPage {
    /// What an officer confirms who typed it, in the words that they read; of anybody else, nothing.
    pub fn confirmed(&self) -> Option<String> {
        let (reason, original) = (&self.answers.reason, &self.answers.original);
        match self.f.is_officer() {
            true if !reason.is_empty() => Some(self.f.t("paper-declaration-ex-officio")),
            true if !original.is_empty() => Some(self.f.put("paper-declaration", original)),
            _ => None,
        }
    }

    pub fn hash(&self, words: impl AsRef<str>) -> String {
        super::frame::hex(kernel::Hash::of(words.as_ref().as_bytes()).as_bytes())
    }
}

pub async fn check(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    show_check(&portal, &visit, &session, &CasePlace::new(&agency, &service, &case)?.filled_by(&session), "").await
}

async fn show_check(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    case: &CasePlace,
    notice: &'static str,
) -> Result<Response, Refused> {
    let request = ReadCaseRequest { case_id: case.case.to_vec(), language: visit.language.tag().into() };
    let answers: Answers = portal.services.read(session, &operations::READ_ANSWERS, case.host(), &request).await?;
    let shown_hash = super::frame::hex(&answers.shown_hash);
    let f = Frame::new(portal, visit);
    page(&CheckPage { f, base: case.path(""), shown_hash, notice, asked: false, answers })
}

pub async fn send(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let shown: kernel::Hash = posted.control("_shown").parse()?;
    let confirmed = match posted.control("_confirmed") {
        "" => Vec::new(),
        words => words.parse::<kernel::Hash>()?.to_vec(),
    };
    let request = SubmitRequest {
        case_id: case.case.to_vec(),
        version: posted.version()?,
        shown_hash: shown.to_vec(),
        language: visit.language.tag().into(),
        confirmed,
    };
    let sent = portal.services.command(&session, &operations::SUBMIT, case.host(), &request, posted.command()?).await;
    let reply: SubmitReply = match sent {
        Ok(reply) => reply,
        Err(failure) if failure.code == "case.sign-in-again" => {
            return sign_in_again(&portal, &visit, &session, &case).await;
        }
        Err(failure) if matches!(failure.kind, ErrorKind::Stale | ErrorKind::Conflict) => {
            return after_refusal(&portal, &visit, &session, &case, reason(&failure.code)).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    if case.typed {
        return officer::sent(&portal, &visit, &case, reply);
    }
    portal.sessions.note_seen(&session, case.case, reply.version).await?;
    Ok(Redirect::to(&case.path("next")).into_response())
}

/// By way of identity back to the check page: everything that was filled in is with the e-service. Half the time is asked for, so
/// that the other half is left to read the page once more.
async fn sign_in_again(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    case: &CasePlace,
) -> Result<Response, Refused> {
    let request = ReadCaseRequest { case_id: case.case.to_vec(), language: visit.language.tag().into() };
    let answers: Answers = portal.services.read(session, &operations::READ_ANSWERS, case.host(), &request).await?;
    let asked = answers.sign_in.unwrap_or_default();
    let then: String = url::form_urlencoded::byte_serialize(case.path("check").as_bytes()).collect();
    let age = asked.within_s / 2;
    let (kind, level) = (session.kind.as_str(), asked.assurance);
    Ok(Redirect::to(&format!("/sign-in?as={kind}&then={then}&level={level}&age={age}")).into_response())
}

/// Key of the sentence that says why an application is not taken as it is now.
fn reason(code: &str) -> &'static str {
    match code {
        "file.being-checked" => "check-files-checking",
        "file.harmful" => "check-files-harmful",
        "paper.not-identified" => "paper-not-identified",
        _ => "check-changed",
    }
}

/// What was shown is not what is, or cannot be taken yet: show it anew; an application that was sent meanwhile goes on as sent.
async fn after_refusal(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    case: &CasePlace,
    notice: &'static str,
) -> Result<Response, Refused> {
    let now = match read_case(portal, visit, session, case).await {
        // What an officer has sent is theirs to type no more.
        Err(_) if case.typed => return Ok(Redirect::to(&case.list()).into_response()),
        now => now?,
    };
    match now.phase.as_str() {
        "draft" | "returned" => show_check(portal, visit, session, case, notice).await,
        _ => Ok(Redirect::to(&case.path("next")).into_response()),
    }
}

/// The phase of a case whose data was erased.
pub const ERASED: &str = "erased";
/// The phase of a case in which the reader is asked and does not apply.
pub const ASKED: &str = "asked";

/// The phase of a case that is about the reader, who neither applies nor is asked.
pub const ABOUT: &str = "about";

/// A case of which there is something to see.
pub async fn read_case(portal: &Portal, visit: &Visit, session: &Session, case: &CasePlace) -> Result<Case, Refused> {
    let case = any_case(portal, visit, session, case).await?;
    if matches!(case.phase.as_str(), ERASED | ASKED | ABOUT) {
        return Err(no_such_page().into());
    }
    Ok(case)
}

pub async fn any_case(portal: &Portal, visit: &Visit, session: &Session, case: &CasePlace) -> Result<Case, Refused> {
    let request = ReadCaseRequest { case_id: case.case.to_vec(), language: visit.language.tag().into() };
    Ok(portal.services.read(session, &operations::READ_CASE, case.host(), &request).await?)
}

const LOOKS: u32 = 6;
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Right after sending, the fee is being made: a short wait here spares the person a detour.
pub async fn next(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?;
    for look in 1..=LOOKS {
        let now = read_case(&portal, &visit, &session, &case).await?;
        if !now.intent.is_empty() {
            return Ok(Redirect::to(&case.path("pay")).into_response());
        }
        if !now.status.is_empty() && !is_on_its_way(&now.status) {
            break;
        }
        if look < LOOKS {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Ok(Redirect::to(&case.path("confirmation")).into_response())
}

/// Waits for the platform itself, not for a person.
fn is_on_its_way(status: &str) -> bool {
    matches!(status, "paying" | "working")
}

#[derive(Template)]
#[template(path = "confirmation.html")]
pub struct ConfirmationPage {
    pub f: Frame,
    pub case: Case,
    pub base: String,
}

impl ConfirmationPage {
    pub fn is_paid(&self) -> bool {
        self.case.timeline.iter().any(|row| row.code == "paid")
    }
}

pub async fn confirmation(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let place = CasePlace::new(&agency, &service, &case)?;
    let case = read_case(&portal, &visit, &session, &place).await?;
    if matches!(case.phase.as_str(), "draft" | "returned") {
        return Ok(Redirect::to(&place.path("")).into_response());
    }
    let case = settled(&portal, &session, case).await;
    page(&ConfirmationPage { f: Frame::new(&portal, &visit), base: place.path(""), case })
}
