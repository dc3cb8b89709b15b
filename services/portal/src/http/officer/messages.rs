//! What was written to the applicant of a task's case, and how it got there.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use proto::notifications::v1::{CaseMessage, ListCaseMessagesRequest, operations::LIST_CASE_MESSAGES};

use super::{Parts, TaskPlace, opening::asks_for_a_reason};
use crate::http::{
    Shared,
    fault::Refused,
    frame::{Frame, page},
    visit::Officer,
};

#[derive(Template)]
#[template(path = "officer_messages.html")]
pub struct MessagesPage {
    pub f: Frame,
    /// The task's own page.
    pub task: String,
    pub messages: Vec<CaseMessage>,
}

/// Where a reason is needed first, the task's page asks for it.
pub async fn messages(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let (agency, service) = (place.at.agency.clone(), place.at.service.clone());
    let request = ListCaseMessagesRequest { agency, service, case_id: place.at.case.to_vec() };
    match portal.services.read(&session, &LIST_CASE_MESSAGES, PLATFORM, &request).await {
        Ok(found) => {
            let f = Frame::new(&portal, &visit);
            page(&MessagesPage { f, task: place.path(), messages: found.messages })
        }
        Err(failure) if asks_for_a_reason(&failure).is_some() => Ok(Redirect::to(&place.path()).into_response()),
        Err(failure) => Err(failure.into()),
    }
}
