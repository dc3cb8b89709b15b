//! Head and lawyer of an agency have documents of a service issued again, all at once: one orders what was shown, another approves it,
//! and both see how far it has come.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use bus::subject::Address;
use kernel::{Failure, Hash};
use proto::{
    eservice::v1::{
        ListReissuesRequest, Reissuable, Reissue, ReissueChoice, ReissueOrder, ReissueRef, Reissues, operations,
    },
    register::v1::{SearchCatalogueRequest, ServiceCard, operations::SEARCH_CATALOGUE},
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page},
    officer::appointments,
    posted::Posted,
    visit::{Officer, Visit},
};
use crate::{
    domain::{day, place},
    store::Session,
};

const PATH: &str = "/officer/reissue";
const NOTE_CHARS_MAX: usize = 500;
const DONE: [&str; 2] = ["ordered", "approved"];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route(PATH, get(offer))
        .route("/officer/reissue/list", get(back).post(list))
        .route("/officer/reissue/order", get(back).post(order))
        .route("/officer/reissue/approve", post(approve))
}

/// What was chosen and typed.
#[derive(Debug, Default)]
pub struct Wish {
    /// `document/reason`
    pub what: String,
    /// Days, of which both belong to the time of issue; empty: whenever.
    pub from: String,
    pub until: String,
    pub note: String,
}

impl Wish {
    fn of(posted: &Posted) -> Self {
        let control = |name: &str| posted.control(name).trim().to_owned();
        Self { what: control("_what"), from: control("_from"), until: control("_until"), note: control("_note") }
    }

    /// (id of the input, key of the text)
    fn wrong(&self, noted: bool) -> Vec<(&'static str, &'static str)> {
        let mut wrong = Vec::new();
        if !self.what.contains('/') {
            wrong.push(("what", "reissue-what-missing"));
        }
        for (id, typed) in [("from", &self.from), ("until", &self.until)] {
            if !typed.is_empty() && day::begins(typed).is_none() {
                wrong.push((id, "audit-date-wrong"));
            }
        }
        let chars = self.note.chars().count();
        if noted && (chars == 0 || chars > NOTE_CHARS_MAX) {
            wrong.push(("note", "reissue-note-wrong"));
        }
        wrong
    }

    fn order(&self, wanted: &Wanted) -> ReissueOrder {
        let (document, reason) = self.what.split_once('/').unwrap_or_default();
        ReissueOrder {
            agency: wanted.agency.clone(),
            service: wanted.service.clone(),
            document: document.to_owned(),
            revision: Vec::new(),
            since_us: day::begins(&self.from).map(kernel::Time::micros).unwrap_or_default(),
            until_us: day::ends(&self.until).map(kernel::Time::micros).unwrap_or_default(),
            reason: reason.to_owned(),
            note: self.note.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "reissue.html")]
pub struct ReissuePage {
    pub f: Frame,
    pub agencies: Vec<String>,
    pub agency: String,
    pub services: Vec<ServiceCard>,
    /// Empty: none is chosen yet.
    pub service: String,
    pub orders: Vec<Reissue>,
    pub choices: Vec<ReissueChoice>,
    pub wish: Wish,
    /// What was shown as meant.
    pub meant: Option<Reissuable>,
    /// (id of the input, key of the text)
    pub errors: Vec<(&'static str, &'static str)>,
    /// ordered or approved, a moment ago; or nothing.
    pub done: String,
}

impl ReissuePage {
    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| *at == id).map(|(_, key)| *key)
    }

    pub fn did(&self, what: &str) -> bool {
        self.done == what
    }

    pub fn is_chosen(&self, document: &str, reason: &str) -> bool {
        self.wish.what.split_once('/') == Some((document, reason))
    }

    /// Key of the word for where an order stands.
    pub fn stands(&self, order: &Reissue) -> &'static str {
        match (order.approved, order.finished) {
            (false, _) => "reissue-waits",
            (true, false) => "reissue-under-way",
            (true, true) => "reissue-finished",
        }
    }
}

#[derive(Deserialize, Default)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    done: String,
}

impl Wanted {
    fn of(posted: &Posted) -> Result<Self, Refused> {
        let (agency, service) = (posted.control("_agency").to_owned(), posted.control("_service").to_owned());
        if !place::is_name(&agency) || !place::is_name(&service) {
            return Err(fault::no_such_page().into());
        }
        Ok(Self { agency, service, done: String::new() })
    }

    fn host(&self) -> Address<'_> {
        Address::service(&self.agency, &self.service)
    }

    fn path(&self, done: &str) -> String {
        format!("{PATH}?agency={}&service={}&done={done}", self.agency, self.service)
    }
}

type Shown = (Wish, Option<Reissuable>, Vec<(&'static str, &'static str)>);

async fn offer(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    show(&portal, (&visit, &session), wanted, (Wish::default(), None, Vec::new())).await
}

async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    wanted: Wanted,
    (wish, meant, errors): Shown,
) -> Result<Response, Refused> {
    let agencies = appointments(portal, session).await?.agencies;
    let chosen = agencies.iter().find(|agency| **agency == wanted.agency).or(agencies.first());
    let agency = chosen.cloned().unwrap_or_default();
    let language: String = visit.language.tag().into();
    let request = SearchCatalogueRequest {
        language: language.clone(),
        agency: agency.clone(),
        ..SearchCatalogueRequest::default()
    };
    let mut services = portal.services.ask(&SEARCH_CATALOGUE, &request).await?.services;
    services.retain(|card| card.agency == agency && card.level == "hosted");
    let service = wanted.service;
    let mut told = Reissues::default();
    if !service.is_empty() {
        if !place::is_name(&agency) || !place::is_name(&service) {
            return Err(fault::no_such_page().into());
        }
        let request = ListReissuesRequest { agency: agency.clone(), service: service.clone(), language };
        let host = Address::service(&agency, &service);
        told = portal.services.read(session, &operations::LIST_REISSUES, host, &request).await?;
    }
    let f = Frame::new(portal, visit);
    let Reissues { orders, choices } = told;
    let done = if DONE.contains(&wanted.done.as_str()) { wanted.done } else { String::new() };
    page(&ReissuePage { f, agencies, agency, services, service, orders, choices, wish, meant, errors, done })
}

/// Where the language is changed on the page that a form led to.
async fn back(_: Officer) -> Redirect {
    Redirect::to(PATH)
}

/// What would be issued again; nothing is done.
async fn list(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let (wanted, wish) = (Wanted::of(&posted)?, Wish::of(&posted));
    let mut errors = wish.wrong(false);
    let mut meant = None;
    if errors.is_empty() {
        let (request, host) = (wish.order(&wanted), wanted.host());
        match portal.services.read(&session, &operations::LIST_REISSUABLE, host, &request).await {
            Ok(found) => meant = Some(found),
            Err(failure) => errors.push(told(failure)?),
        }
    }
    show(&portal, (&visit, &session), wanted, (wish, meant, errors)).await
}

async fn order(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let (wanted, wish) = (Wanted::of(&posted)?, Wish::of(&posted));
    let mut errors = wish.wrong(true);
    if errors.is_empty() {
        let (request, host, command) = (wish.order(&wanted), wanted.host(), posted.command()?);
        match portal.services.command(&session, &operations::PROPOSE_REISSUE, host, &request, command).await {
            Ok(_) => return Ok(Redirect::to(&wanted.path("ordered")).into_response()),
            Err(failure) => errors.push(told(failure)?),
        }
    }
    show(&portal, (&visit, &session), wanted, (wish, None, errors)).await
}

async fn approve(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let wanted = Wanted::of(&posted)?;
    let batch: Hash = posted.control("_order").parse().map_err(|_| fault::no_such_page())?;
    let (agency, service) = (wanted.agency.clone(), wanted.service.clone());
    let request = ReissueRef { agency, service, batch: batch.to_vec() };
    let (host, command) = (wanted.host(), posted.command()?);
    match portal.services.command(&session, &operations::APPROVE_REISSUE, host, &request, command).await {
        Ok(_) => Ok(Redirect::to(&wanted.path("approved")).into_response()),
        // Somebody was faster, or it is one's own: the page says how it stands.
        Err(failure) if matches!(&*failure.code, "reissue.approved" | "reissue.second") => {
            Ok(Redirect::to(&wanted.path("")).into_response())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// What the page can explain, beside the input where it is mended.
fn told(failure: Failure) -> Result<(&'static str, &'static str), Failure> {
    match &*failure.code {
        "reissue.nothing" => Ok(("what", "reissue-nothing")),
        "reissue.too-many" => Ok(("from", "reissue-too-many")),
        _ => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_document_and_reason_says_why_and_both_days_belong_to_its_time() {
        let wish = |what: &str, from: &str, note: &str| Wish {
            what: what.into(),
            from: from.into(),
            until: "2026-11-30".into(),
            note: note.into(),
        };
        assert_eq!(wish("", "24.11.2026", "").wrong(true).len(), 3);
        assert!(wish("certificate/error", "", "").wrong(false).is_empty(), "to look needs no reason for the record");
        let wanted = Wanted { agency: "justice".into(), service: "copy".into(), done: String::new() };
        let order = wish("certificate/error", "2026-11-30", "A wrong law").order(&wanted);
        assert_eq!((order.document.as_str(), order.reason.as_str()), ("certificate", "error"));
        assert_eq!(order.until_us - order.since_us, 86_400_000_000);
        assert_eq!(Wish::default().order(&wanted).until_us, 0, "whenever");
    }
}
