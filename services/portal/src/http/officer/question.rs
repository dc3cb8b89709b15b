//! The officer who has a task asks the applicant something, on a page of its own.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{AskApplicantRequest, CaseReply, TakeBackQuestionRequest, TaskPage, operations};

use super::{Parts, TaskPlace, opening::asks_for_a_reason, task::read};
use crate::{
    http::{
        Portal, Shared,
        fault::Refused,
        files::{FieldPlace, Sent},
        frame::{Frame, page},
        posted::Posted,
        thread::{Enclosing, unread, wrong},
        visit::{Officer, Visit},
    },
    store::Session,
};

#[derive(Template)]
#[template(path = "officer_question.html")]
pub struct AskPage {
    pub f: Frame,
    pub task: TaskPage,
    pub back: String,
    pub action: String,
    pub typed: String,
    /// Key of the text that says what is wrong.
    pub wrong: Option<&'static str>,
    /// Key of what is wrong with the files; empty: nothing is.
    pub file_error: &'static str,
}

impl AskPage {
    pub fn enclosing(&self) -> Option<Enclosing<'_>> {
        self.task.enclosing.as_ref().map(Enclosing)
    }
}

pub async fn form(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    show(&portal, (&visit, &session), &place, "", (None, "")).await
}

/// Where nothing can be asked, or a reason is needed first, the task's page says so; what was typed already is not lost.
async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    place: &TaskPlace,
    typed: &str,
    (wrong, file_error): (Option<&'static str>, &'static str),
) -> Result<Response, Refused> {
    let task = match read(portal, visit, session, place, "").await {
        Ok(task) if task.questions_left > 0 || !typed.is_empty() => task,
        Err(failure) if asks_for_a_reason(&failure).is_none() => return Err(failure.into()),
        _ => return Ok(Redirect::to(&place.path()).into_response()),
    };
    let action = place.path().replacen("/tasks/", "/questions/", 1);
    let (f, back) = (Frame::new(portal, visit), place.path());
    page(&AskPage { f, task, back, action, typed: typed.to_owned(), wrong, file_error })
}

/// Files are taken as they come; the question goes once nothing is wrong with any of it.
pub async fn ask(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    sent: Sent,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    // Whether something can be asked the host says, of each file and of the question.
    let taken = read(&portal, &visit, &session, &place, "").await.ok().and_then(|task| task.enclosing);
    let at = FieldPlace::of_question(&place);
    let came = sent.take(&portal, &session, &at, &taken.unwrap_or_default()).await?;
    let typed = came.posted.control("_question").replace("\r\n", "\n");
    let about_files = came.is_about_files();
    let text_wrong = wrong(&typed, "ask-missing", "ask-long").filter(|_| !about_files);
    if let Some(failure) = came.refused {
        return refused(&portal, (&visit, &session), &place, &typed, failure).await;
    }
    if about_files || !came.error.is_empty() || text_wrong.is_some() {
        return show(&portal, (&visit, &session), &place, &typed, (text_wrong, came.error)).await;
    }
    let request =
        AskApplicantRequest { case_id: place.at.case.to_vec(), task_id: place.task.to_vec(), text: typed.clone() };
    let command = came.posted.command()?;
    let sent = portal.services.command(&session, &operations::ASK_APPLICANT, place.at.host(), &request, command).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) => return refused(&portal, (&visit, &session), &place, &typed, failure).await,
    };
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&place.path()).into_response())
}

/// What can be put right is told beside what was typed.
async fn refused(
    portal: &Portal,
    by: (&Visit, &Session),
    place: &TaskPlace,
    typed: &str,
    failure: Failure,
) -> Result<Response, Refused> {
    if let Some(key) = unread(&failure) {
        return show(portal, by, place, typed, (None, key)).await;
    }
    match failure.kind {
        ErrorKind::Stale | ErrorKind::Conflict => show(portal, by, place, typed, (Some("ask-refused"), "")).await,
        _ => Err(failure.into()),
    }
}

/// The task's page comes next: it tells the question as it is now, whether or not it could be taken back.
pub async fn take_back(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let number = posted.control("_number").parse().unwrap_or_default();
    let request = TakeBackQuestionRequest { case_id: place.at.case.to_vec(), task_id: place.task.to_vec(), number };
    let command = posted.command()?;
    let host = place.at.host();
    let sent = portal.services.command(&session, &operations::TAKE_BACK_QUESTION, host, &request, command).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure)
            if matches!(failure.kind, ErrorKind::Stale | ErrorKind::Conflict)
                || asks_for_a_reason(&failure).is_some() =>
        {
            return Ok(Redirect::to(&place.path()).into_response());
        }
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&place.path()).into_response())
}
