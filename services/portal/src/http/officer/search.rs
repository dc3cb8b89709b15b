//! An officer looks for applications by what people say. What is typed is posted, so that it stands in no address.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use bus::subject::PLATFORM;
use proto::docket::v1::{self as docket, Found, FoundCase};
use serde::Deserialize;

use super::{appointments, words};
use crate::http::{
    Shared,
    fault::Refused,
    frame::{Frame, hex, page},
    posted::Posted,
    visit::Officer,
};

const REASON_CHARS_MAX: usize = 500;
pub const KINDS: [&str; 5] = ["number", "pinfl", "tin", "phone", "name"];
/// How the docket says that nothing of what was typed can be looked for.
const NOTHING: &str = "docket.search";

/// What was typed.
#[derive(Default)]
pub struct Typed {
    pub agency: String,
    pub kind: String,
    pub text: String,
    pub reason: String,
}

#[derive(Template)]
#[template(path = "officer_search.html")]
pub struct SearchPage {
    pub f: Frame,
    pub agencies: Vec<String>,
    pub typed: Typed,
    /// None: nothing has been looked for yet.
    pub found: Option<Found>,
    /// Id of the input, and the key of the text that says what is wrong with it.
    pub wrong: Option<(&'static str, &'static str)>,
}

impl SearchPage {
    pub fn is_kind(&self, kind: &str) -> bool {
        self.typed.kind == kind
    }

    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.wrong.filter(|(at, _)| *at == id).map(|(_, key)| key)
    }

    pub fn count(&self, found: &Found) -> i64 {
        i64::try_from(found.cases.len()).unwrap_or(i64::MAX)
    }

    /// The page of a task through which this officer may open it.
    pub fn href(&self, case: &FoundCase) -> Option<String> {
        let (id, task) = (hex(&case.case_id), hex(&case.task_id));
        (!task.is_empty()).then(|| format!("/officer/tasks/{}/{}/{id}/{task}", case.agency, case.service))
    }

    pub fn state(&self, case: &FoundCase) -> String {
        let state = if case.phase == "ended" { "ended" } else { &case.status };
        self.f.named("state-", state)
    }
}

#[derive(Deserialize)]
pub struct Begun {
    #[serde(default)]
    agency: String,
}

/// The empty form; the language switch of what was found leads here, too.
pub async fn form(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(begun): Query<Begun>,
) -> Result<Response, Refused> {
    let held = appointments(&portal, &session).await?;
    let agency = held.agencies.iter().find(|agency| **agency == begun.agency).or(held.agencies.first());
    let typed = Typed { agency: agency.cloned().unwrap_or_default(), kind: KINDS[0].to_owned(), ..Typed::default() };
    let f = Frame::new(&portal, &visit);
    page(&SearchPage { f, agencies: held.agencies, typed, found: None, wrong: None })
}

pub async fn search(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let held = appointments(&portal, &session).await?;
    let typed = Typed {
        agency: posted.control("_agency").to_owned(),
        kind: posted.control("_kind").to_owned(),
        text: posted.control("_text").trim().to_owned(),
        reason: posted.control("_reason").trim().to_owned(),
    };
    let mut wrong = wrong(&typed);
    let mut found = None;
    if wrong.is_none() {
        let request = docket::SearchRequest {
            agency: typed.agency.clone(),
            kind: typed.kind.clone(),
            text: typed.text.clone(),
            reason: typed.reason.clone(),
        };
        let command = posted.command()?;
        let sent = portal.services.command(&session, &docket::operations::SEARCH, PLATFORM, &request, command).await;
        match sent {
            Ok(cases) => found = Some(cases),
            Err(failure) if failure.code == NOTHING => wrong = Some(("text", "find-missing")),
            Err(failure) => return Err(failure.into()),
        }
    }
    if let Some(found) = &mut found {
        let services = found.cases.iter().map(|case| (case.agency.clone(), case.service.clone())).collect();
        let (_, offices) = words(&portal, &visit, services).await;
        for case in &mut found.cases {
            if let Some(title) = offices.get(&(case.agency.clone(), case.office.clone())) {
                case.office.clone_from(title);
            }
        }
    }
    page(&SearchPage { f: Frame::new(&portal, &visit), agencies: held.agencies, typed, found, wrong })
}

fn wrong(typed: &Typed) -> Option<(&'static str, &'static str)> {
    if typed.text.is_empty() {
        return Some(("text", "find-missing"));
    }
    (typed.reason.chars().count() > REASON_CHARS_MAX).then_some(("reason", "reason-long"))
}
