//! The applicant's side of a case's thread: an officer's question, and the page on which it is answered.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{AnswerQuestionRequest, Case, CaseReply, Field, File, Question, operations};

use super::{
    Portal, Shared,
    fault::{Refused, no_such_page},
    files::{self, FieldPlace, Sent},
    frame::{Frame, page},
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
    /// Key of what is wrong with the files; empty: nothing is.
    pub file_error: &'static str,
}

impl AnswerPage {
    pub fn enclosing(&self) -> Option<Enclosing<'_>> {
        self.question.enclosing.as_ref().map(Enclosing)
    }
}

/// What can be enclosed with a question or an answer, as pages show it.
pub struct Enclosing<'a>(pub &'a Field);

impl Enclosing<'_> {
    pub fn files(&self) -> &[File] {
        &self.0.files
    }

    pub fn accept(&self) -> String {
        files::accept(self.0)
    }

    pub fn kinds(&self) -> String {
        files::kinds(self.0)
    }

    pub fn is_full(&self) -> bool {
        files::is_full(self.0)
    }

    /// The largest of them, in bytes.
    pub fn size(&self) -> i64 {
        self.0.size_max
    }

    pub fn most(&self) -> i32 {
        self.0.files_max
    }
}

/// Key of what keeps files from being sent on, if that is what it is.
pub fn unread(failure: &Failure) -> Option<&'static str> {
    match failure.code.as_ref() {
        "file.being-checked" => Some("check-files-checking"),
        "file.harmful" => Some("check-files-harmful"),
        _ => None,
    }
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
    show(&portal, &visit, &place, case, number, ("", None, ""))
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
    (typed, wrong, file_error): (&str, Option<&'static str>, &'static str),
) -> Result<Response, Refused> {
    let base = place.path("");
    let Some(question) = open_numbered(&case, number).cloned() else { return Ok(Redirect::to(&base).into_response()) };
    let (f, typed) = (Frame::new(portal, visit), typed.to_owned());
    page(&AnswerPage { f, case, question, base, typed, wrong, file_error })
}

fn open_numbered(case: &Case, number: i32) -> Option<&Question> {
    case.questions.iter().find(|question| question.number == number && question.state == "open")
}

/// Files are taken as they come; the answer goes once nothing is wrong with any of it.
pub async fn answer(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, number)): Path<Parts>,
    sent: Sent,
) -> Result<Response, Refused> {
    let place = CasePlace::new(&agency, &service, &case)?;
    let number = numbered(&number)?;
    let before = read_case(&portal, &visit, &session, &place).await?;
    let taken = open_numbered(&before, number).and_then(|question| question.enclosing.clone()).unwrap_or_default();
    let came = sent.take(&portal, &session, &FieldPlace::of_answer(place.clone(), number), &taken).await?;
    let typed = came.posted.control("_answer").replace("\r\n", "\n");
    let about_files = came.is_about_files();
    let text_wrong = wrong(&typed, "answer-missing", "answer-long").filter(|_| !about_files);
    if let Some(failure) = came.refused {
        return meanwhile(&place, failure);
    }
    if about_files || !came.error.is_empty() || text_wrong.is_some() {
        let case = read_case(&portal, &visit, &session, &place).await?;
        return show(&portal, &visit, &place, case, number, (&typed, text_wrong, came.error));
    }
    let request = AnswerQuestionRequest { case_id: place.case.to_vec(), number, text: typed.clone() };
    let command = came.posted.command()?;
    let sent = portal.services.command(&session, &operations::ANSWER_QUESTION, place.host(), &request, command).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) => {
            let Some(key) = unread(&failure) else { return meanwhile(&place, failure) };
            let case = read_case(&portal, &visit, &session, &place).await?;
            return show(&portal, &visit, &place, case, number, (&typed, None, key));
        }
    };
    portal.sessions.note_seen(&session, place.case, reply.version).await?;
    Ok(Redirect::to(&place.path("")).into_response())
}

/// Answered in another window, too late, or taken back: the case's page says which.
fn meanwhile(place: &CasePlace, failure: Failure) -> Result<Response, Refused> {
    match failure.kind {
        ErrorKind::Stale => Ok(Redirect::to(&place.path("")).into_response()),
        _ => Err(failure.into()),
    }
}

/// Key of what is wrong with a text of the thread.
pub fn wrong(typed: &str, missing: &'static str, long: &'static str) -> Option<&'static str> {
    match typed.trim().chars().count() {
        0 => Some(missing),
        length if length > TEXT_CHARS_MAX => Some(long),
        _ => None,
    }
}
