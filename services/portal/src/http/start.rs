//! Beginning an application: an open draft is offered before a new one is made.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::{Address, PLATFORM};
use kernel::CaseId;
use proto::{
    docket::v1 as docket,
    eservice::v1::{Mandate, OpenDraftReply, OpenDraftRequest, operations},
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
    /// Number of a power of attorney as it was typed, and what is wrong with it.
    pub record: String,
    pub problem: String,
}

impl StartPage {
    pub fn takes_attorney(&self) -> bool {
        self.service.mandates.iter().any(|kind| kind == ATTORNEY)
    }
}

/// The mandate that is chosen by the number of a record.
const ATTORNEY: &str = "attorney";

/// What was typed of a record and refused.
#[derive(Default)]
struct Mistaken {
    unanswered: bool,
    record: String,
    problem: String,
}

pub async fn offer(
    State(portal): Shared,
    visit: Visit,
    Path((agency, name)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let service = read_service(&portal, visit.language, &agency, &name).await?;
    if !service.closed.is_empty() {
        return Ok(Redirect::to(&format!("/services/{agency}/{name}")).into_response());
    }
    let session = visit.session.clone().filter(|session| session.kind == Kind::Citizen);
    let Some(session) = session.filter(|session| is_enough(&session.opened.assurance, &service.assurance)) else {
        let level = Kind::Citizen.level(&service.assurance);
        return Ok(Redirect::to(&format!("{}&level={level}", sign_in_path(&visit))).into_response());
    };
    let draft = open_draft(&portal, &visit, &session, &agency, &name).await?;
    let opened = draft.as_ref().map_or(0, |entry| entry.opened_us);
    let draft = draft.map(|entry| format!("/applications/{agency}/{name}/{}", hex(&entry.case_id)));
    show(&portal, &visit, service, (draft, opened), Mistaken::default())
}

fn show(
    portal: &Portal,
    visit: &Visit,
    service: register::ServicePage,
    (draft, draft_opened): (Option<String>, i64),
    Mistaken { unanswered, record, problem }: Mistaken,
) -> Result<Response, Refused> {
    let card = service.card.clone().unwrap_or_default();
    let path = format!("/services/{}/{}", card.agency, card.service);
    let f = Frame::new(portal, visit);
    page(&StartPage { f, title: card.title, path, draft, draft_opened, unanswered, record, problem, service })
}

async fn open_draft(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    agency: &str,
    service: &str,
) -> Result<Option<docket::Entry>, Refused> {
    let (case, version) = session.seen.map_or((Vec::new(), 0), |(case, version)| (case.to_vec(), version));
    let mut request = docket::ListApplicationsRequest {
        at_least_case: case,
        at_least_version: version,
        unfinished: true,
        ..docket::ListApplicationsRequest::default()
    };
    let own = |entry: &docket::Entry| entry.phase == "draft" && entry.representation.is_empty();
    loop {
        let list = portal.services.read(session, &docket::operations::LIST_APPLICATIONS, PLATFORM, &request).await?;
        let mut drafts = list.entries.into_iter().filter(own);
        match drafts.find(|entry| entry.agency == agency && entry.service == service) {
            None if !list.next.is_empty() => request.after = list.next,
            None if list.stale => return just_begun(portal, visit, session, agency, service).await,
            found => return Ok(found),
        }
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
    let place = CasePlace { agency: agency.to_owned(), service: service.to_owned(), case };
    let Ok(found) = read_case(portal, visit, session, &place).await else { return Ok(None) };
    let is_draft =
        found.phase == "draft" && found.representation.is_none() && found.agency == agency && found.service == service;
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
    let choice = posted.control("_choice");
    let mandate = (choice == ATTORNEY)
        .then(|| Mandate { kind: ATTORNEY.to_owned(), record: posted.control("_record").to_owned() });
    if !matches!(choice, "new" | "continue" | "begin" | ATTORNEY) {
        let mistaken = Mistaken { unanswered: true, ..Mistaken::default() };
        return show_again(&portal, &visit, &session, service, mistaken).await;
    }
    // Whoever typed a number meant somebody else, and must not find out later that it was ignored.
    if mandate.is_none() && !posted.control("_record").trim().is_empty() {
        let record = posted.control("_record").to_owned();
        let mistaken = Mistaken { unanswered: false, record, problem: "choose".to_owned() };
        return show_again(&portal, &visit, &session, service, mistaken).await;
    }
    let request = OpenDraftRequest {
        agency: agency.clone(),
        service: name.clone(),
        language: visit.language.tag().into(),
        reuse: choice != "new",
        mandate,
    };
    let sent = portal
        .services
        .command(&session, &operations::OPEN_DRAFT, Address::service(&agency, &name), &request, posted.command()?)
        .await;
    let reply: OpenDraftReply = match sent {
        Ok(reply) => reply,
        // What is wrong with the record is said beside it; applying for oneself is still possible.
        Err(failure) if failure.code.starts_with("mandate.") => {
            let record = request.mandate.map(|mandate| mandate.record).unwrap_or_default();
            let problem = failure.code.trim_start_matches("mandate.").to_owned();
            let mistaken = Mistaken { unanswered: false, record, problem };
            return show_again(&portal, &visit, &session, service, mistaken).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    let case = CaseId::from_slice(&reply.case_id)?;
    portal.sessions.note_seen(&session, case, reply.version).await?;
    let case = CasePlace { agency, service: name, case };
    // A draft that the list did not know of yet: the person decides what to do with it.
    if reply.reused && choice == "begin" {
        return show(&portal, &visit, service, (Some(case.path("")), 0), Mistaken::default());
    }
    let target = match reply.first_page.as_str() {
        "" => case.path("check"),
        _ if reply.outlined => case.path("parts"),
        page => case.path(&format!("pages/{page}")),
    };
    Ok(Redirect::to(&target).into_response())
}

async fn show_again(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    service: register::ServicePage,
    mistaken: Mistaken,
) -> Result<Response, Refused> {
    let card = service.card.clone().unwrap_or_default();
    let draft = open_draft(portal, visit, session, &card.agency, &card.service).await?;
    let opened = draft.as_ref().map_or(0, |entry| entry.opened_us);
    let draft = draft.map(|entry| format!("/applications/{}/{}/{}", card.agency, card.service, hex(&entry.case_id)));
    show(portal, visit, service, (draft, opened), mistaken)
}
