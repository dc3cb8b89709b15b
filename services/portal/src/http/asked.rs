//! "You were asked": somebody else's application needs this person's agreement; they see what they are told, answer, agree or
//! decline, and nothing else of the application.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use kernel::{CommandId, ErrorKind};
use proto::eservice::v1::{
    Answers, Asked, CaseCommand, CaseReply, Page, ReadCaseRequest, ReadPageRequest, SavePageReply, SavePageRequest,
    SubmitRequest, Value, operations,
};

use super::{
    Portal, Shared,
    apply::{From, QuestionPage, in_words},
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    submit::CheckPage,
    visit::{CasePlace, Citizen, Visit},
};
use crate::{
    domain::{form, place},
    store::Session,
};

/// While somebody waits for the answer.
const WAITING: &str = "waiting";

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/asked/{agency}/{service}/{case}", get(show))
        .route("/asked/{agency}/{service}/{case}/pages/{page}", get(question).post(keep))
        .route("/asked/{agency}/{service}/{case}/check", get(check).post(agree))
        .route("/asked/{agency}/{service}/{case}/decline", get(ask_decline).post(decline))
}

#[derive(Template)]
#[template(path = "asked.html")]
pub struct AskedPage {
    pub f: Frame,
    pub asked: Asked,
    pub base: String,
}

impl AskedPage {
    pub fn waits(&self) -> bool {
        self.asked.state == WAITING
    }

    /// What they agreed to can be read, also long after.
    pub fn agreed(&self) -> bool {
        !self.asked.sections.is_empty()
    }

    /// Whose agreement it is: one's own, or of the company for which one acts.
    pub fn lead(&self) -> &'static str {
        if self.f.acts_for().is_empty() { "asked-lead" } else { "asked-lead-company" }
    }

    /// Where the answers begin, or can be checked.
    pub fn begin(&self) -> String {
        match self.asked.first_page.as_str() {
            "" => format!("{}/check", self.base),
            first => format!("{}/pages/{first}", self.base),
        }
    }
}

async fn read(portal: &Portal, visit: &Visit, session: &Session, at: &CasePlace) -> Result<Asked, Refused> {
    let request = ReadCaseRequest { case_id: at.case.to_vec(), language: visit.language.tag().into() };
    Ok(portal.services.read(session, &operations::READ_ASKED, at.host(), &request).await?)
}

pub async fn show(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let mut asked = read(&portal, &visit, &session, &at).await?;
    // The newest first.
    asked.timeline.reverse();
    page(&AskedPage { f: Frame::new(&portal, &visit), base: at.asked(""), asked })
}

pub async fn question(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, name)): Path<(String, String, String, String)>,
    Query(from): Query<From>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    if !place::is_name(&name) {
        return Err(fault::no_such_page().into());
    }
    let request = ReadPageRequest { case_id: at.case.to_vec(), page: name, language: visit.language.tag().into() };
    match portal.services.read(&session, &operations::READ_ASKED_PAGE, at.host(), &request).await {
        Ok(shown) => show_question(&portal, &visit, &at, shown, from.check()),
        Err(failure) if failure.kind == ErrorKind::Stale => Ok(Redirect::to(&at.asked("")).into_response()),
        Err(failure) => Err(failure.into()),
    }
}

fn show_question(
    portal: &Portal,
    visit: &Visit,
    at: &CasePlace,
    mut shown: Page,
    check: bool,
) -> Result<Response, Refused> {
    let f = Frame::new(portal, visit);
    in_words(&f, &mut shown);
    let back = match (check, shown.back.as_str()) {
        (true, _) => at.asked("check"),
        (false, "") => at.asked(""),
        (false, before) => at.asked(&format!("pages/{before}")),
    };
    let from = if check { "?from=check" } else { "" };
    let action = at.asked(&format!("pages/{}{from}", shown.page));
    let shown_hash = hex(&shown.shown_hash);
    page(&QuestionPage { f, page: shown, back, action, shown_hash })
}

pub async fn keep(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, name)): Path<(String, String, String, String)>,
    Query(from): Query<From>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    if !place::is_name(&name) {
        return Err(fault::no_such_page().into());
    }
    let values = form::answers(&posted.0);
    let shown = posted.control("_shown").parse::<kernel::Hash>();
    let request = SavePageRequest {
        case_id: at.case.to_vec(),
        page: name,
        language: visit.language.tag().into(),
        values: values.into_iter().map(|(at, text)| Value { at, text }).collect(),
        disputed: Vec::new(),
        shown_hash: shown.map(|shown| shown.to_vec()).unwrap_or_default(),
    };
    // What the page held when it was shown tells a repetition from an older form: an id that came with it could not.
    let command = CommandId::new(portal.clock.as_ref(), portal.random.as_ref());
    let sent = portal.services.command(&session, &operations::SAVE_ASKED_PAGE, at.host(), &request, command).await;
    let reply: SavePageReply = match sent {
        Ok(reply) => reply,
        Err(failure) if failure.kind == ErrorKind::Stale => return Ok(Redirect::to(&at.asked("")).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, at.case, reply.version).await?;
    match reply.page {
        Some(again) => show_question(&portal, &visit, &at, again, from.check()),
        None if from.check() || reply.next.is_empty() => Ok(Redirect::to(&at.asked("check")).into_response()),
        None => Ok(Redirect::to(&at.asked(&format!("pages/{}", reply.next))).into_response()),
    }
}

pub async fn check(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    show_check(&portal, &visit, &session, &CasePlace::new(&agency, &service, &case)?, false).await
}

async fn show_check(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    at: &CasePlace,
    changed_meanwhile: bool,
) -> Result<Response, Refused> {
    let request = ReadCaseRequest { case_id: at.case.to_vec(), language: visit.language.tag().into() };
    let read = portal.services.read(session, &operations::READ_ASKED_ANSWERS, at.host(), &request).await;
    let mut answers: Answers = match read {
        Ok(answers) => answers,
        Err(failure) if failure.kind == ErrorKind::Stale => return Ok(Redirect::to(&at.asked("")).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    let f = Frame::new(portal, visit);
    for section in answers.sections.iter_mut().filter(|section| section.title.is_empty()) {
        section.title = f.t("asked-told");
    }
    let shown_hash = hex(&answers.shown_hash);
    let notice = if changed_meanwhile { "check-changed" } else { "" };
    page(&CheckPage { f, base: at.asked(""), shown_hash, notice, asked: true, answers })
}

pub async fn agree(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let shown: kernel::Hash = posted.control("_shown").parse()?;
    let request = SubmitRequest {
        case_id: at.case.to_vec(),
        version: posted.version()?,
        shown_hash: shown.to_vec(),
        language: visit.language.tag().into(),
        ..SubmitRequest::default()
    };
    let sent = portal.services.command(&session, &operations::CONSENT, at.host(), &request, posted.command()?).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        // What was shown is not what is: shown anew, or, where nobody waits any more, told so.
        Err(failure) if matches!(failure.kind, ErrorKind::Stale | ErrorKind::Conflict) => {
            return show_check(&portal, &visit, &session, &at, true).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, at.case, reply.version).await?;
    Ok(Redirect::to(&at.asked("")).into_response())
}

#[derive(Template)]
#[template(path = "asked_decline.html")]
pub struct DeclinePage {
    pub f: Frame,
    pub asked: Asked,
    pub base: String,
}

pub async fn ask_decline(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let asked = read(&portal, &visit, &session, &at).await?;
    if asked.state != WAITING {
        return Ok(Redirect::to(&at.asked("")).into_response());
    }
    page(&DeclinePage { f: Frame::new(&portal, &visit), base: at.asked(""), asked })
}

pub async fn decline(
    State(portal): Shared,
    Citizen(_, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let request = CaseCommand { case_id: at.case.to_vec(), version: posted.version()? };
    let sent = portal.services.command(&session, &operations::DECLINE, at.host(), &request, posted.command()?).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) if failure.kind == ErrorKind::Stale => return Ok(Redirect::to(&at.asked("")).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, at.case, reply.version).await?;
    Ok(Redirect::to(&at.asked("")).into_response())
}
