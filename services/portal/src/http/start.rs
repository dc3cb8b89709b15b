//! Beginning an application: an open draft is offered before a new one is made.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::CaseId;
use proto::{
    docket::v1 as docket,
    eservice::v1::{OpenDraftReply, OpenDraftRequest, operations},
    register::v1 as register,
};

use super::{
    Portal, Shared,
    catalogue::read_service,
    fault::{Refused, sign_in_path},
    frame::{Frame, hex, page},
    posted::Posted,
    submit::read_case,
    visit::{CasePlace, Citizen, Visit},
};
use crate::{
    domain::sign_in::{Kind, is_enough},
    store::Session,
};

#[derive(Template)]
#[template(path = "start.html")]
pub struct StartPage {
    pub f: Frame,
    pub service: register::ServicePage,
    pub title: String,
    pub path: String,
    /// Address of the draft that is open already.
    pub draft: Option<String>,
    pub draft_opened: i64,
    pub unanswered: bool,
}

pub async fn offer(
    State(portal): Shared,
    visit: Visit,
    Path((agency, name)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let service = read_service(&portal, visit.language, &agency, &name).await?;
    let session = visit.session.clone().filter(|session| session.kind == Kind::Citizen);
    let Some(session) = session.filter(|session| is_enough(&session.opened.assurance, &service.assurance)) else {
        let level = Kind::Citizen.level(&service.assurance);
        return Ok(Redirect::to(&format!("{}&level={level}", sign_in_path(&visit))).into_response());
    };
    let draft = open_draft(&portal, &visit, &session, &agency, &name).await?;
    let opened = draft.as_ref().map_or(0, |entry| entry.opened_us);
    let draft = draft.map(|entry| format!("/applications/{agency}/{}", hex(&entry.case_id)));
    show(&portal, &visit, service, (draft, opened), false)
}

fn show(
    portal: &Portal,
    visit: &Visit,
    service: register::ServicePage,
    (draft, draft_opened): (Option<String>, i64),
    unanswered: bool,
) -> Result<Response, Refused> {
    let card = service.card.clone().unwrap_or_default();
    let path = format!("/services/{}/{}", card.agency, card.service);
    page(&StartPage { f: Frame::new(portal, visit), title: card.title, path, draft, draft_opened, unanswered, service })
}

async fn open_draft(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    agency: &str,
    service: &str,
) -> Result<Option<docket::Entry>, Refused> {
    let (case, version) = session.seen.map_or((Vec::new(), 0), |(case, version)| (case.to_vec(), version));
    let request = docket::ListApplicationsRequest { at_least_case: case, at_least_version: version };
    let list = portal.services.read(session, &docket::operations::LIST_APPLICATIONS, PLATFORM, &request).await?;
    let mut drafts = list.entries.into_iter().filter(|entry| entry.phase == "draft");
    match drafts.find(|entry| entry.agency == agency && entry.service == service) {
        None if list.stale => just_begun(portal, visit, session, agency, service).await,
        found => Ok(found),
    }
}

/// While the list is behind, the application that this person last worked on is asked of its own service.
async fn just_begun(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    agency: &str,
    service: &str,
) -> Result<Option<docket::Entry>, Refused> {
    let Some((case, version)) = session.seen else { return Ok(None) };
    let place = CasePlace { agency: agency.to_owned(), case };
    let Ok(found) = read_case(portal, visit, session, &place).await else { return Ok(None) };
    let is_draft = found.phase == "draft" && found.agency == agency && found.service == service;
    let (agency, service) = (found.agency, found.service);
    Ok(is_draft.then(|| docket::Entry { case_id: case.to_vec(), version, agency, service, ..Default::default() }))
}

/// `choice`: continue the draft that is open (or make one), or make a new one.
pub async fn open(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, name)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let service = read_service(&portal, visit.language, &agency, &name).await?;
    let reuse = match posted.control("_choice") {
        "new" => false,
        "continue" | "begin" => true,
        _ => {
            let draft = open_draft(&portal, &visit, &session, &agency, &name).await?;
            let opened = draft.as_ref().map_or(0, |entry| entry.opened_us);
            let draft = draft.map(|entry| format!("/applications/{agency}/{}", hex(&entry.case_id)));
            return show(&portal, &visit, service, (draft, opened), true);
        }
    };
    let request =
        OpenDraftRequest { agency: agency.clone(), service: name, language: visit.language.tag().into(), reuse };
    let reply: OpenDraftReply =
        portal.services.command(&session, &operations::OPEN_DRAFT, &agency, &request, posted.command()?).await?;
    let case = CaseId::from_slice(&reply.case_id)?;
    portal.sessions.note_seen(&session, case, reply.version).await?;
    let case = CasePlace { agency, case };
    // A draft that the list did not know of yet: the person decides what to do with it.
    if reply.reused && posted.control("_choice") == "begin" {
        return show(&portal, &visit, service, (Some(case.path("")), 0), false);
    }
    let target = if reply.first_page.is_empty() {
        case.path("check")
    } else {
        case.path(&format!("pages/{}", reply.first_page))
    };
    Ok(Redirect::to(&target).into_response())
}
