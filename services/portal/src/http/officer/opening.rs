//! What an officer opens from outside of their own queue, which needs a reason, and what was decided before they came.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kernel::{DocumentId, Failure};

use super::{Parts, TaskPlace, queue::desk, task::read};
use crate::{
    http::{
        Portal, Shared,
        attached::{Sealed, attached},
        fault::{self, Refused},
        frame::{Frame, page, page_with},
        posted::Posted,
        visit::{Officer, Visit},
    },
    store::Session,
};

/// How the e-service says that a task was decided or is no longer needed.
pub const CLOSED: &str = "task.closed";
const OUTSIDE: &str = "task.reason-needed";
const REASON_CHARS_MAX: usize = 500;

/// Why a reason is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Outside,
    Closed,
}

pub fn asks_for_a_reason(failure: &Failure) -> Option<Asked> {
    match failure.code.as_ref() {
        OUTSIDE => Some(Asked::Outside),
        CLOSED => Some(Asked::Closed),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "officer_reason.html")]
pub struct ReasonPage {
    pub f: Frame,
    pub action: String,
    pub closed: bool,
    pub typed: String,
    /// Key of the text that says what is wrong.
    pub wrong: Option<&'static str>,
}

pub fn ask(
    portal: &Portal,
    visit: &Visit,
    place: &TaskPlace,
    asked: Asked,
    typed: &str,
    wrong: Option<&'static str>,
) -> Result<Response, Refused> {
    page(&ReasonPage {
        f: Frame::new(portal, visit),
        action: format!("{}/reason", place.path()),
        closed: asked == Asked::Closed,
        typed: typed.to_owned(),
        wrong,
    })
}

/// Opens the task with what was typed; the page itself is shown at its own address, for as long as the opening lasts.
pub async fn give_reason(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let typed = posted.control("_reason").trim();
    let wrong = match typed.chars().count() {
        0 => Some("reason-missing"),
        length if length > REASON_CHARS_MAX => Some("reason-long"),
        _ => None,
    };
    let read = read(&portal, &visit, &session, &place, if wrong.is_none() { typed } else { "" }).await;
    if let (Err(failure), Some(_)) = (&read, wrong)
        && let Some(asked) = asks_for_a_reason(failure)
    {
        return ask(&portal, &visit, &place, asked, typed, wrong);
    }
    read?;
    Ok(Redirect::to(&place.path()).into_response())
}

/// The language switch of the reason's page leads to its address.
pub async fn back(Officer(_, _): Officer, Path(parts): Path<Parts>) -> Result<Response, Refused> {
    Ok(Redirect::to(&TaskPlace::new(parts)?.path()).into_response())
}

#[derive(Template)]
#[template(path = "officer_decided.html")]
pub struct DecidedPage {
    pub f: Frame,
    pub task: String,
    pub queue: String,
}

/// Somebody else was first.
pub fn decided_meanwhile(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    place: &TaskPlace,
) -> Result<Response, Refused> {
    let queue = desk(session, &place.at.agency);
    page_with(StatusCode::CONFLICT, &DecidedPage { f: Frame::new(portal, visit), task: place.path(), queue })
}

/// A document of the case; where a reason is needed first, the task's page asks for it.
pub async fn document(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path((agency, service, case, task, document)): Path<(String, String, String, String, String)>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let document: DocumentId = document.parse().map_err(|_| fault::no_such_page())?;
    match attached(portal, session, Sealed::Document(document)).await {
        Err(failure) if asks_for_a_reason(&failure).is_some() => Ok(Redirect::to(&place.path()).into_response()),
        outcome => Ok(outcome?),
    }
}
