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
    eservice::v1::{
        AskedRegistry, ListPrincipalsRequest, Mandate, OpenDraftReply, OpenDraftRequest, Principal, Principals,
        operations,
    },
    register::v1 as register,
};

use super::{
    Portal, Shared,
    catalogue::read_service,
    fault::{Refused, sign_in_path},
    frame::{Frame, hex, page},
    posted::Posted,
    registries,
    submit::read_case,
    visit::{CasePlace, Citizen, Visit},
};
use crate::{
    domain::{
        acting::DIRECTOR,
        sign_in::{Kind, is_enough},
    },
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
    /// What is wrong is wrong with the child that was chosen.
    pub about_child: bool,
    /// The children for whom the person may apply, or that their registry does not answer.
    pub children: Vec<Principal>,
    pub children_away: bool,
    /// Which registries are asked, or that this cannot be told now.
    pub registries: Vec<AskedRegistry>,
    pub registries_away: bool,
}

impl StartPage {
    /// Nobody hands on what they do for somebody else.
    pub fn takes_attorney(&self) -> bool {
        self.f.acting.is_none() && takes(&self.service, ATTORNEY)
    }

    /// The person came for a company, and the service is for people only.
    pub fn refuses_company(&self) -> bool {
        self.f.acting.is_some() && !takes(&self.service, DIRECTOR)
    }

    pub fn asks_for_whom(&self) -> bool {
        self.takes_attorney() || !self.children.is_empty()
    }

    pub fn is_record_wrong(&self) -> bool {
        !self.problem.is_empty() && !self.about_child
    }
}

/// The mandate that is chosen by the number of a record.
pub const ATTORNEY: &str = "attorney";
/// The mandate that is chosen by a child's name.
const PARENT: &str = "parent";
/// How a choice of a child begins; the number of the record follows.
const CHILD: &str = "child:";

fn takes(service: &register::ServicePage, kind: &str) -> bool {
    service.mandates.iter().any(|taken| taken == kind)
}

/// What was typed of a record, or chosen, and refused.
#[derive(Default)]
struct Mistaken {
    unanswered: bool,
    record: String,
    problem: String,
    about_child: bool,
}

impl Mistaken {
    /// A refusal of what was chosen, as the page says it.
    fn refused(mandate: Option<Mandate>, code: &str) -> Self {
        let mandate = mandate.unwrap_or_default();
        let problem = code.trim_start_matches("mandate.").to_owned();
        if mandate.kind != PARENT {
            return Self { record: mandate.record, problem, ..Self::default() };
        }
        let problem = if problem == "unavailable" { "children-away".to_owned() } else { problem };
        Self { problem, about_child: true, ..Self::default() }
    }
}

/// Whom a parent chooses among.
#[derive(Default)]
struct Children {
    named: Vec<Principal>,
    away: bool,
}

/// The children that the service's registry names; while it does not answer the person still applies for themselves.
async fn children(portal: &Portal, session: &Session, service: &register::ServicePage) -> Children {
    if session.opened.acting.is_some() || !takes(service, PARENT) {
        return Children::default();
    }
    let card = service.card.clone().unwrap_or_default();
    let host = Address::service(&card.agency, &card.service);
    let request = ListPrincipalsRequest { agency: card.agency.clone(), service: card.service.clone() };
    match portal.services.read(session, &operations::LIST_PRINCIPALS, host, &request).await {
        Ok(Principals { principals }) => Children { named: principals, away: false },
        Err(failure) => {
            tracing::info!(code = %failure.code, "a parent's children cannot be told");
            Children { named: Vec::new(), away: true }
        }
    }
}

/// For whom the person applies by a record: none, for themselves or for whomever they came for.
fn chosen(posted: &Posted) -> Option<Mandate> {
    let choice = posted.control("_choice");
    if choice == ATTORNEY {
        return Some(Mandate { kind: ATTORNEY.to_owned(), record: posted.control("_record").to_owned() });
    }
    choice.strip_prefix(CHILD).map(|record| Mandate { kind: PARENT.to_owned(), record: record.to_owned() })
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
    show(&portal, &visit, &session, service, (draft, opened), Mistaken::default()).await
}

async fn show(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    service: register::ServicePage,
    (draft, draft_opened): (Option<String>, i64),
    Mistaken { unanswered, record, problem, about_child }: Mistaken,
) -> Result<Response, Refused> {
    let Children { named: children, away: children_away } = children(portal, session, &service).await;
    let card = service.card.clone().unwrap_or_default();
    let asked = registries::of_service(portal, visit, session, (&card.agency, &card.service)).await;
    let registries_away = asked.is_none();
    let path = format!("/services/{}/{}", card.agency, card.service);
    let f = Frame::new(portal, visit);
    page(&StartPage {
        f,
        title: card.title,
        path,
        draft,
        draft_opened,
        unanswered,
        record,
        problem,
        about_child,
        children,
        children_away,
        registries: asked.unwrap_or_default(),
        registries_away,
        service,
    })
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
    let own =
        |entry: &docket::Entry| entry.phase == "draft" && entry.representation.is_empty() && entry.start.is_empty();
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
    let place = CasePlace { agency: agency.to_owned(), service: service.to_owned(), case, typed: false };
    let Ok(found) = read_case(portal, visit, session, &place).await else { return Ok(None) };
    let is_own = found.representation.is_none() && found.start_title.is_empty();
    let is_draft = found.phase == "draft" && is_own && found.agency == agency && found.service == service;
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
    let mandate = chosen(&posted);
    // Whoever changed meanwhile for whom they act, in another window, chooses again.
    let stale = posted.control("_for") != session.opened.acts_for();
    if stale || (mandate.is_none() && !matches!(choice, "new" | "continue" | "begin")) {
        let mistaken = Mistaken { unanswered: true, ..Mistaken::default() };
        return show_again(&portal, &visit, &session, service, mistaken).await;
    }
    // Whoever typed a number meant somebody else, and must not find out later that it was ignored.
    if mandate.is_none() && !posted.control("_record").trim().is_empty() {
        let record = posted.control("_record").to_owned();
        let mistaken = Mistaken { record, problem: "choose".to_owned(), ..Mistaken::default() };
        return show_again(&portal, &visit, &session, service, mistaken).await;
    }
    let request = OpenDraftRequest {
        agency: agency.clone(),
        service: name.clone(),
        language: visit.language.tag().into(),
        reuse: choice != "new",
        mandate,
        ..OpenDraftRequest::default()
    };
    let sent = portal
        .services
        .command(&session, &operations::OPEN_DRAFT, Address::service(&agency, &name), &request, posted.command()?)
        .await;
    let reply: OpenDraftReply = match sent {
        Ok(reply) => reply,
        // What is wrong with the record is said beside it; applying for oneself is still possible.
        Err(failure) if failure.code.starts_with("mandate.") => {
            let mistaken = Mistaken::refused(request.mandate, &failure.code);
            return show_again(&portal, &visit, &session, service, mistaken).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    let case = CaseId::from_slice(&reply.case_id)?;
    portal.sessions.note_seen(&session, case, reply.version).await?;
    let case = CasePlace { agency, service: name, case, typed: false };
    // A draft that the list did not know of yet: the person decides what to do with it.
    if reply.reused && choice == "begin" {
        return show(&portal, &visit, &session, service, (Some(case.path("")), 0), Mistaken::default()).await;
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
    show(portal, visit, session, service, (draft, opened), mistaken).await
}
