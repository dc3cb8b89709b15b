//! A long form at a glance: its parts with how far each is, to go through in any order.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::eservice::v1::{Answers, ReadCaseRequest, operations};

use super::{
    Shared,
    fault::Refused,
    frame::{Frame, page},
    visit::{CasePlace, Filling},
};

#[derive(Template)]
#[template(path = "parts.html")]
pub struct PartsPage {
    pub f: Frame,
    pub answers: Answers,
    pub base: String,
}

impl PartsPage {
    /// «3 of 5»: in Fluent's hands, because languages order it differently.
    pub fn count(&self) -> String {
        let done = self.answers.parts.iter().filter(|part| part.standing == "done").count();
        self.f.of("parts-done", done, self.answers.parts.len())
    }
}

pub async fn list(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let request = ReadCaseRequest { case_id: case.case.to_vec(), language: visit.language.tag().into() };
    let answers: Answers = portal.services.read(&session, &operations::READ_ANSWERS, case.host(), &request).await?;
    // A form without parts, or an application that was sent meanwhile.
    if answers.parts.is_empty() {
        return Ok(Redirect::to(&case.path("")).into_response());
    }
    page(&PartsPage { f: Frame::new(&portal, &visit), base: case.path(""), answers })
}
