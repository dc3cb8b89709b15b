//! The applicant's side of a case's thread: an officer's question, and the page on which it is answered.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::ErrorKind;
use proto::eservice::v1::{AnswerQuestionRequest, Case, CaseReply, Question, operations};

use super::{
    Portal, Shared,
    fault::{Refused, no_such_page},
    frame::{Frame, page},
    posted::Posted,
    submit::read_case,
    visit::{CasePlace, Citizen, Visit},
};

/// Longest question and longest answer, as the e-service takes them.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// The first question that waits for an answer.
pub fn open(questions: &[Question]) -> Option<&Question> {
    questions.iter().find(|question| question.state == "open")
}

#[derive(Template)]
#[template(path = "answer.html")]
pub struct AnswerPage {
    pub f: Frame,
    pub case: Case,
    pub question: Question,
    pub base: String,
    pub typed: String,
    /// Key of the text that says what is wrong.
    pub wrong: Option<&'static str>,
}

/// Agency, service, case and number of the question.
type Parts = (String, String, String, String);

pub async fn ask(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, number)): Path<Parts>,
) -> Result<Response, Refused> {
    let place = CasePlace::new(&agency, &service, &case)?;
    let number = numbered(&number)?;
    let case = read_case(&portal, &visit, &session, &place).await?;
    show(&portal, &visit, &place, case, number, ("", None))
}

fn numbered(number: &str) -> Result<i32, Refused> {
    number.parse().map_err(|_| Refused(no_such_page()))
}

/// Of a question that waits for no answer the case's page tells what became of it.
fn show(
    portal: &Portal,
    visit: &Visit,
    place: &CasePlace,
    case: Case,
    number: i32,
    (typed, wrong): (&str, Option<&'static str>),
) -> Result<Response, Refused> {
    let base = place.path("");
    let asked = case.questions.iter().find(|question| question.number == number && question.state == "open").cloned();
    let Some(question) = asked else { return Ok(Redirect::to(&base).into_response()) };
    page(&AnswerPage { f: Frame::new(portal, visit), case, question, base, typed: typed.to_owned(), wrong })
}

pub async fn answer(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, number)): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = CasePlace::new(&agency, &service, &case)?;
    let number = numbered(&number)?;
    let typed = posted.control("_answer").replace("\r\n", "\n");
    if let Some(wrong) = wrong(&typed, "answer-missing", "answer-long") {
        let case = read_case(&portal, &visit, &session, &place).await?;
        return show(&portal, &visit, &place, case, number, (&typed, Some(wrong)));
    }
    let request = AnswerQuestionRequest { case_id: place.case.to_vec(), number, text: typed };
    let command = posted.command()?;
    let sent = portal.services.command(&session, &operations::ANSWER_QUESTION, place.host(), &request, command).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        // Answered in another window, or too late: the case's page says which.
        Err(failure) if failure.kind == ErrorKind::Stale => return Ok(Redirect::to(&place.path("")).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.case, reply.version).await?;
    Ok(Redirect::to(&place.path("")).into_response())
}

/// Key of what is wrong with a text of the thread.
pub fn wrong(typed: &str, missing: &'static str, long: &'static str) -> Option<&'static str> {
    match typed.trim().chars().count() {
        0 => Some(missing),
        length if length > TEXT_CHARS_MAX => Some(long),
        _ => None,
    }
}
