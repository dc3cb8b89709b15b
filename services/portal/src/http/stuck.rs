//! Whoever leads an office sees which cases wait for something that nobody may ever do, and has a step that failed tried again.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::Address;
use kernel::{CaseId, Failure};
use proto::{
    eservice::v1::{ListStuckRequest, RetryStepRequest, Stuck, StuckCase, operations},
    register::v1::{SearchCatalogueRequest, ServiceCard, operations::SEARCH_CATALOGUE},
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    officer::appointments,
    posted::Posted,
    visit::{Officer, Visit},
};
use crate::{domain::place, store::Session};

const REASON_CHARS_MAX: usize = 500;

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/officer/stuck", get(show)).route("/officer/stuck/retry", get(back).post(retry))
}

#[derive(Template)]
#[template(path = "officer_stuck.html")]
pub struct StuckPage {
    pub f: Frame,
    pub agencies: Vec<String>,
    pub agency: String,
    pub services: Vec<ServiceCard>,
    /// Empty: none is chosen yet.
    pub service: String,
    pub stuck: Stuck,
    /// Whoever looks.
    pub person: Vec<u8>,
    /// Id of the form that was sent with something wrong, key of the text, and what was typed.
    pub wrong: Option<(String, &'static str, String)>,
    /// `asked` or `retried`, which was done a moment ago; or nothing.
    pub done: String,
}

impl StuckPage {
    /// Names the place of a case within the page.
    pub fn id(&self, one: &StuckCase) -> String {
        id(&one.case_id, one.token)
    }

    pub fn did(&self, what: &str) -> bool {
        self.done == what
    }

    /// The control that is wrong, where it is still on the page.
    pub fn target(&self) -> Option<String> {
        let (at, ..) = self.wrong.as_ref()?;
        let found = self.stuck.cases.iter().find(|one| self.id(one) == *at)?;
        (self.is_tried(found) && found.asked_by.is_empty()).then(|| format!("{at}-reason"))
    }

    /// What is not sent yet has no number; on paper it has the original's.
    pub fn name<'a>(&self, one: &'a StuckCase) -> &'a str {
        if one.number.is_empty() { &one.original } else { &one.number }
    }

    /// Whether two leads can have it tried again.
    pub fn is_tried(&self, one: &StuckCase) -> bool {
        matches!(one.kind.as_str(), "step" | "refund-refused")
    }

    pub fn is_task(&self, one: &StuckCase) -> bool {
        one.kind == "task"
    }

    /// They asked for it themselves: another one has to agree.
    pub fn own(&self, one: &StuckCase) -> bool {
        one.asked_by == self.person
    }

    pub fn error_at(&self, one: &StuckCase) -> Option<&'static str> {
        self.wrong.as_ref().filter(|(at, ..)| *at == self.id(one)).map(|(_, key, _)| *key)
    }

    pub fn typed(&self, one: &StuckCase) -> &str {
        self.wrong.as_ref().filter(|(at, ..)| *at == self.id(one)).map_or("", |(_, _, typed)| typed.as_str())
    }

    /// Where a lead gives a task to somebody: the list of whoever has it, or of what nobody has.
    pub fn tasks_href(&self, one: &StuckCase) -> String {
        format!("/officer/load/tasks?agency={}&officer={}", self.agency, hex(&one.assignee))
    }

    /// Not all are on the page.
    pub fn has_more(&self) -> bool {
        usize::try_from(self.stuck.count).is_ok_and(|count| count > self.stuck.cases.len())
    }
}

fn id(case: &[u8], token: u32) -> String {
    format!("stuck-{}-{token}", hex(case))
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

pub async fn show(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    shown(&portal, (&visit, &session), wanted, None).await
}

async fn shown(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    wanted: Wanted,
    wrong: Option<(String, &'static str, String)>,
) -> Result<Response, Refused> {
    let agencies = appointments(portal, session).await?.agencies;
    let chosen = agencies.iter().find(|agency| **agency == wanted.agency).or(agencies.first());
    let agency = chosen.cloned().unwrap_or_default();
    let language = visit.language.tag().into();
    let request = SearchCatalogueRequest { language, agency: agency.clone(), ..SearchCatalogueRequest::default() };
    let mut services = portal.services.ask(&SEARCH_CATALOGUE, &request).await?.services;
    services.retain(|card| card.agency == agency && card.level == "hosted");
    let mut stuck = Stuck::default();
    if !wanted.service.is_empty() {
        if !place::is_name(&agency) || !place::is_name(&wanted.service) {
            return Err(fault::no_such_page().into());
        }
        let request = ListStuckRequest { agency: agency.clone(), service: wanted.service.clone() };
        let host = Address::service(&agency, &wanted.service);
        stuck = portal.services.read(session, &operations::LIST_STUCK, host, &request).await?;
    }
    let (f, person) = (Frame::new(portal, visit), session.person.to_vec());
    let done = if matches!(wanted.done.as_str(), "asked" | "retried") { wanted.done } else { String::new() };
    page(&StuckPage { f, agencies, agency, services, service: wanted.service, stuck, person, wrong, done })
}

/// Where the language is changed on the page that a form led to.
pub async fn back(_: Officer) -> Redirect {
    Redirect::to("/officer/stuck")
}

pub async fn retry(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let part = |name: &str| posted.control(name).trim().to_owned();
    let wanted = Wanted { agency: part("_agency"), service: part("_service"), done: String::new() };
    if !place::is_name(&wanted.agency) || !place::is_name(&wanted.service) {
        return Err(fault::no_such_page().into());
    }
    let case: CaseId = part("_case").parse().map_err(|_| fault::no_such_page())?;
    let token: u32 = part("_place").parse().map_err(|_| fault::no_such_page())?;
    // When the other lead asked, as the page showed it; nothing: they are the first.
    let asked_us: i64 = part("_asked").parse().unwrap_or_default();
    let (agrees, reason) = (asked_us != 0, part("_reason"));
    let at = id(&case.to_vec(), token);
    if !agrees && (reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX) {
        return shown(&portal, (&visit, &session), wanted, Some((at, "stuck-reason-wrong", reason))).await;
    }
    let (case_id, number) = (case.to_vec(), String::new());
    let request = RetryStepRequest { case_id, number, token, reason: reason.clone(), asked_us };
    let host = Address::service(&wanted.agency, &wanted.service);
    let sent = portal.services.command(&session, &operations::RETRY_STEP, host, &request, posted.command()?).await;
    match sent {
        Ok(_) => {
            let done = if agrees { "retried" } else { "asked" };
            let to = format!("/officer/stuck?agency={}&service={}&done={done}", wanted.agency, wanted.service);
            Ok(Redirect::to(&to).into_response())
        }
        Err(failure) => match told(&failure) {
            Some(key) => shown(&portal, (&visit, &session), wanted, Some((at, key, reason))).await,
            None => Err(failure.into()),
        },
    }
}

/// Key of the text for a refusal that the page can explain.
fn told(failure: &Failure) -> Option<&'static str> {
    match failure.code.as_ref() {
        "step.not-stuck" | "step.retry-changed" => Some("stuck-moved-on"),
        "step.own-retry" => Some("stuck-own"),
        "step.retry-reason" => Some("stuck-reason-wrong"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_explained_on_the_page_is_and_nothing_else() {
        let refused = |code: &'static str| Failure::conflict(code, "No.");
        assert_eq!(told(&refused("step.own-retry")), Some("stuck-own"));
        assert_eq!(told(&refused("step.retry-changed")), Some("stuck-moved-on"));
        assert_eq!(told(&refused("case.not-found")), None);
        assert_eq!(id(&[1; 16], 3), format!("stuck-{}-3", "01".repeat(16)));
    }
}
