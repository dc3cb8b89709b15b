//! Which events of agencies' own systems began no case, why, and what helps: for whoever leads an office or administers the agency.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use bus::subject::PLATFORM;
use proto::docket::v1::{self as docket, EventNotBegun, NotBegun};
use serde::Deserialize;

use super::words;
use crate::http::{
    Shared,
    fault::Refused,
    frame::{Frame, page},
    visit::Officer,
};

#[derive(Template)]
#[template(path = "officer_events.html")]
pub struct EventsPage {
    pub f: Frame,
    pub told: NotBegun,
    /// Titles of services by their names.
    pub services: BTreeMap<String, String>,
}

impl EventsPage {
    /// The catalogue being away, its name serves.
    pub fn service<'s>(&'s self, one: &'s EventNotBegun) -> &'s str {
        self.services.get(&one.service).unwrap_or(&one.service)
    }

    /// By which start a case would have begun.
    pub fn start(&self, one: &EventNotBegun) -> String {
        self.f.own_or(&one.title, &one.start)
    }

    pub fn why(&self, one: &EventNotBegun) -> String {
        self.f.t(because(&one.code).0)
    }

    pub fn what_helps(&self, one: &EventNotBegun) -> String {
        self.f.t(because(&one.code).1)
    }
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
}

pub async fn list(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let request = docket::ListNotBegunRequest { agency: wanted.agency };
    let told = portal.services.read(&session, &docket::operations::LIST_NOT_BEGUN, PLATFORM, &request).await?;
    let services = told.events.iter().map(|event| (told.agency.clone(), event.service.clone())).collect();
    let (titles, _) = words(&portal, &visit, services).await;
    let services = titles.into_iter().map(|((_, service), title)| (service, title)).collect();
    page(&EventsPage { f: Frame::new(&portal, &visit), told, services })
}

/// Keys of the texts that say why, and what helps.
fn because(code: &str) -> (&'static str, &'static str) {
    match code {
        "start.event-data" => ("events-why-data", "events-do-data"),
        "start.event-gone" => ("events-why-gone", "events-do-gone"),
        "start.late" | "service.not-found" => ("events-why-start", "events-do-start"),
        "service.ending" => ("events-why-closed", "events-do-closed"),
        _ if code.starts_with("intake.") => ("events-why-closed", "events-do-closed"),
        _ if code.starts_with("pinfl.") => ("events-why-pinfl", "events-do-pinfl"),
        _ => ("events-why-other", "events-do-other"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_an_event_began_no_case_is_said_of_every_code_and_of_no_two_reasons_alike() {
        for (code, expected) in [
            ("start.event-data", "events-why-data"),
            ("pinfl.check-digit", "events-why-pinfl"),
            ("pinfl.length", "events-why-pinfl"),
            ("start.event-gone", "events-why-gone"),
            ("start.late", "events-why-start"),
            ("intake.closed", "events-why-closed"),
            ("service.ending", "events-why-closed"),
            ("case.other-revision", "events-why-other"),
        ] {
            assert_eq!(because(code).0, expected, "{code}");
        }
    }
}
