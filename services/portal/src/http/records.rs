//! Archivists see what is due to be erased and what is held, lay a hold on a case or end it, and order an erasure before its time.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::Address;
use kernel::Failure;
use proto::{
    eservice::v1::{EraseCaseRequest, HoldCaseRequest, ListRecordsRequest, Record, Records, operations},
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

/// "What is due next month" is what is due within the next 31 days.
const AHEAD_MICROS: i64 = 31 * 86_400_000_000;
const WORDS_CHARS_MAX: usize = 500;
const ORDERS: [&str; 3] = ["hold", "release", "erase"];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/officer/records", get(offer)).route("/officer/records/order", get(back).post(order))
}

/// What was chosen and typed.
#[derive(Debug, Default)]
pub struct Order {
    /// hold, release, erase
    pub what: String,
    pub number: String,
    pub reason: String,
    pub basis: String,
    /// The last day of a hold, as it was typed; empty: until it is ended.
    pub until: String,
}

impl Order {
    fn of(posted: &Posted) -> Self {
        let control = |name: &str| posted.control(name).trim().to_owned();
        Self {
            what: control("_what"),
            number: control("_number"),
            reason: control("_reason"),
            basis: control("_basis"),
            until: control("_until"),
        }
    }

    /// The first moment after a hold's last day; 0: none is named, or this is no hold. None: this is no day.
    fn until_us(&self) -> Option<i64> {
        if self.what != "hold" || self.until.is_empty() {
            return Some(0);
        }
        day::ends(&self.until).map(|end| end.micros())
    }

    /// (id of the input, key of the text)
    fn wrong(&self) -> Vec<(&'static str, &'static str)> {
        let mut wrong = Vec::new();
        if !ORDERS.contains(&self.what.as_str()) {
            wrong.push(("what", "records-what-missing"));
        }
        if self.number.is_empty() {
            wrong.push(("number", "records-number-missing"));
        }
        let fits = |text: &str| !text.is_empty() && text.chars().count() <= WORDS_CHARS_MAX;
        if !fits(&self.reason) {
            wrong.push(("reason", "records-reason-wrong"));
        }
        if self.until_us().is_none() {
            wrong.push(("until", "records-until-wrong"));
        }
        if self.what == "erase" && !fits(&self.basis) {
            wrong.push(("basis", "records-basis-wrong"));
        }
        wrong
    }
}

#[derive(Template)]
#[template(path = "records.html")]
pub struct RecordsPage {
    pub f: Frame,
    pub agencies: Vec<String>,
    pub agency: String,
    pub services: Vec<ServiceCard>,
    /// Empty: none is chosen yet.
    pub service: String,
    pub records: Records,
    pub order: Order,
    /// (id of the input, key of the text)
    pub errors: Vec<(&'static str, &'static str)>,
    /// hold, release or erase, which was done a moment ago; or nothing.
    pub done: String,
}

impl RecordsPage {
    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| *at == id).map(|(_, key)| *key)
    }

    pub fn is(&self, what: &str) -> bool {
        self.order.what == what
    }

    pub fn did(&self, what: &str) -> bool {
        self.done == what
    }

    /// The last whole day of a hold; nothing where it has no end.
    pub fn last_day(&self, record: &Record) -> Option<String> {
        (record.held_until_us != 0).then(|| self.f.day(record.held_until_us - 1))
    }

    /// Why a case whose time is over is still here.
    pub fn waits(&self, record: &Record) -> Option<String> {
        let key = match record.waits.as_str() {
            "action" | "unsent" => "records-waits-work",
            "payment" | "refund" => "records-waits-money",
            "rest" => "records-waits-rest",
            "continued" => "records-waits-continued",
            "failed" => "records-waits-failed",
            _ => return None,
        };
        Some(self.f.t(key))
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

pub async fn offer(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    show(&portal, (&visit, &session), wanted, Order::default(), Vec::new()).await
}

async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    wanted: Wanted,
    order: Order,
    errors: Vec<(&'static str, &'static str)>,
) -> Result<Response, Refused> {
    let agencies = appointments(portal, session).await?.agencies;
    let chosen = agencies.iter().find(|agency| **agency == wanted.agency).or(agencies.first());
    let agency = chosen.cloned().unwrap_or_default();
    let language = visit.language.tag().into();
    let request = SearchCatalogueRequest { language, agency: agency.clone(), ..SearchCatalogueRequest::default() };
    let mut services = portal.services.ask(&SEARCH_CATALOGUE, &request).await?.services;
    services.retain(|card| card.agency == agency && card.level == "hosted");
    let mut records = Records::default();
    if !wanted.service.is_empty() {
        if !place::is_name(&agency) || !place::is_name(&wanted.service) {
            return Err(fault::no_such_page().into());
        }
        let until_us = portal.clock.now().micros() + AHEAD_MICROS;
        let request = ListRecordsRequest { agency: agency.clone(), service: wanted.service.clone(), until_us };
        let host = Address::service(&agency, &wanted.service);
        records = portal.services.read(session, &operations::LIST_RECORDS, host, &request).await?;
    }
    let f = Frame::new(portal, visit);
    let service = wanted.service;
    let done = if ORDERS.contains(&wanted.done.as_str()) { wanted.done } else { String::new() };
    page(&RecordsPage { f, agencies, agency, services, service, records, order, errors, done })
}

/// Where the language is changed on the page that a form led to.
pub async fn back(_: Officer) -> Redirect {
    Redirect::to("/officer/records")
}

pub async fn order(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let order = Order::of(&posted);
    let wanted = Wanted {
        agency: posted.control("_agency").to_owned(),
        service: posted.control("_service").to_owned(),
        done: String::new(),
    };
    if !place::is_name(&wanted.agency) || !place::is_name(&wanted.service) {
        return Err(fault::no_such_page().into());
    }
    let mut errors = order.wrong();
    if errors.is_empty() {
        match sent(&portal, &session, &posted, &wanted, &order).await {
            Ok(()) => {
                let to =
                    format!("/officer/records?agency={}&service={}&done={}", wanted.agency, wanted.service, order.what);
                return Ok(Redirect::to(&to).into_response());
            }
            Err(Refused(failure)) => errors.push(told(&failure).ok_or(Refused(failure))?),
        }
    }
    show(&portal, (&visit, &session), wanted, order, errors).await
}

async fn sent(
    portal: &Portal,
    session: &Session,
    posted: &Posted,
    wanted: &Wanted,
    order: &Order,
) -> Result<(), Refused> {
    let host = Address::service(&wanted.agency, &wanted.service);
    let (number, reason) = (order.number.clone(), order.reason.clone());
    let command = posted.command()?;
    if order.what == "erase" {
        let legal_basis = order.basis.clone();
        let request = EraseCaseRequest { number, reason, legal_basis, ..EraseCaseRequest::default() };
        portal.services.command(session, &operations::ERASE_CASE, host, &request, command).await?;
    } else {
        let release = order.what == "release";
        let until_us = order.until_us().unwrap_or_default();
        let request = HoldCaseRequest { number, reason, release, until_us, ..HoldCaseRequest::default() };
        portal.services.command(session, &operations::HOLD_CASE, host, &request, command).await?;
    }
    Ok(())
}

/// For a refusal that the page can explain: id of the input that it is about, and key of the text.
fn told(failure: &Failure) -> Option<(&'static str, &'static str)> {
    match failure.code.as_ref() {
        "case.not-found" => Some(("number", "records-no-case")),
        "case.hold-unchanged" => Some(("number", "records-hold-unchanged")),
        "case.hold-end" => Some(("until", "records-until-wrong")),
        "case.not-ended" => Some(("number", "records-not-ended")),
        "case.continued" => Some(("number", "records-continued")),
        "case.held" => Some(("number", "records-held-still")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_a_case_says_why_and_an_erasure_under_which_act() {
        let order = |what: &str, basis: &str| Order {
            what: what.into(),
            number: "JUS-2026-000001".into(),
            reason: "Civil court, file 2-114".into(),
            basis: basis.into(),
            until: String::new(),
        };
        assert!(order("hold", "").wrong().is_empty());
        assert!(order("erase", "Law on Personal Data, article 11").wrong().is_empty());
        assert_eq!(order("erase", "").wrong(), [("basis", "records-basis-wrong")]);
        assert_eq!(order("burn", "").wrong(), [("what", "records-what-missing")]);
        let empty = Order { what: "release".into(), ..Order::default() };
        assert_eq!(empty.wrong().len(), 2);
        let held = Order { until: "2031-02-30".into(), ..order("hold", "") };
        assert_eq!(held.wrong(), [("until", "records-until-wrong")]);
        let held = Order { until: "2031-02-28".into(), ..held };
        assert_eq!((held.wrong().len(), held.until_us()), (0, day::ends("2031-02-28").map(|end| end.micros())));
        let released = Order { what: "release".into(), ..held };
        assert_eq!(released.until_us(), Some(0), "only a hold has an end");
    }
}
