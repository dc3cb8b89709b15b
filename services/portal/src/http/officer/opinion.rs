//! The officer who has a task asks another agency for its opinion beside the process: whom, with which pages, and what.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{CaseReply, Lender, Lenders, ReadChoicesRequest, RequestOpinionRequest, operations};

use super::{Parts, TaskPlace, opening::asks_for_a_reason};
use crate::{
    domain::form,
    http::{
        Portal, Shared,
        fault::Refused,
        frame::{Frame, page},
        posted::Posted,
        thread::wrong,
        visit::{Officer, Visit},
    },
    store::Session,
};

/// What was chosen and typed, so that it can be shown again beside what is wrong.
#[derive(Default)]
pub struct Wanted {
    /// `agency/role`
    pub lender: String,
    pub pages: Vec<String>,
    pub text: String,
}

#[derive(Template)]
#[template(path = "officer_opinion.html")]
pub struct OpinionPage {
    pub f: Frame,
    pub lenders: Lenders,
    pub back: String,
    pub action: String,
    pub wanted: Wanted,
    /// (id of the input, key of the text)
    pub errors: Vec<(&'static str, &'static str)>,
}

impl OpinionPage {
    pub fn value(&self, lender: &Lender) -> String {
        format!("{}/{}", lender.agency, lender.role)
    }

    pub fn is_wanted(&self, lender: &Lender) -> bool {
        self.wanted.lender == self.value(lender)
    }

    pub fn shows(&self, page: &str) -> bool {
        self.wanted.pages.iter().any(|wanted| wanted == page)
    }

    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| *at == id).map(|(_, key)| *key)
    }
}

/// First inputs of their kind, to which an error leads.
const WHO: &str = "lender-1";
const PAGES: &str = "page-1";
const TEXT: &str = "request";

pub async fn form(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    show(&portal, (&visit, &session), &place, Wanted::default(), Vec::new()).await
}

async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    place: &TaskPlace,
    wanted: Wanted,
    errors: Vec<(&'static str, &'static str)>,
) -> Result<Response, Refused> {
    let request = ReadChoicesRequest {
        case_id: place.at.case.to_vec(),
        task_id: place.task.to_vec(),
        language: visit.language.tag().into(),
    };
    let read: Result<Lenders, Failure> =
        portal.services.read(session, &operations::READ_LENDERS, place.at.host(), &request).await;
    let lenders = match read {
        Ok(lenders) => lenders,
        // The task's page says that it is decided, or asks for a reason first.
        Err(failure) if asks_for_a_reason(&failure).is_some() => {
            return Ok(Redirect::to(&place.path()).into_response());
        }
        Err(failure) => return Err(failure.into()),
    };
    let action = place.path().replacen("/tasks/", "/opinions/", 1);
    let (f, back) = (Frame::new(portal, visit), place.path());
    page(&OpinionPage { f, lenders, back, action, wanted, errors })
}

pub async fn send(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let wanted = Wanted {
        lender: posted.control("_lender").to_owned(),
        pages: form::controls(&posted.0, "_page").into_iter().map(str::to_owned).collect(),
        text: posted.control("_request").replace("\r\n", "\n"),
    };
    let mut errors = Vec::new();
    errors.extend(wanted.lender.is_empty().then_some((WHO, "opinion-who-missing")));
    errors.extend(wanted.pages.is_empty().then_some((PAGES, "opinion-pages-missing")));
    errors.extend(wrong(&wanted.text, "opinion-missing", "opinion-long").map(|key| (TEXT, key)));
    if !errors.is_empty() {
        return show(&portal, (&visit, &session), &place, wanted, errors).await;
    }
    let (agency, role) = wanted.lender.split_once('/').unwrap_or_default();
    let request = RequestOpinionRequest {
        case_id: place.at.case.to_vec(),
        task_id: place.task.to_vec(),
        agency: agency.to_owned(),
        role: role.to_owned(),
        text: wanted.text.clone(),
        pages: wanted.pages.clone(),
    };
    let (host, command) = (place.at.host(), posted.command()?);
    let sent = portal.services.command(&session, &operations::REQUEST_OPINION, host, &request, command).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) if matches!(failure.kind, ErrorKind::Stale | ErrorKind::Conflict) => {
            return show(&portal, (&visit, &session), &place, wanted, vec![(TEXT, "opinion-refused")]).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&place.path()).into_response())
}
