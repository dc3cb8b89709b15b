//! An issued document is withdrawn, or replaced by a new one: a page of its own, because it cannot be undone.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kernel::{DocumentId, ErrorKind};
use proto::eservice::v1::{CaseReply, DocumentLink, RecallChoice, RecallDocumentRequest, TaskPage, operations};

use super::{TaskPlace, opening::asks_for_a_reason, task::read};
use crate::http::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page_with},
    posted::Posted,
    visit::{Officer, Visit},
};

/// Agency, service, case, task and document of an address.
pub(super) type Parts = (String, String, String, String, String);

#[derive(Template)]
#[template(path = "officer_recall.html")]
pub struct RecallPage {
    pub f: Frame,
    pub task: String,
    pub action: String,
    pub version: i64,
    pub document: DocumentLink,
    pub choice: RecallChoice,
    /// Who reads.
    pub person: Vec<u8>,
    pub chosen: Wish,
    /// (id of the input, key of the text)
    pub errors: Vec<(&'static str, &'static str)>,
}

/// What the officer wants.
#[derive(Default)]
pub struct Wish {
    pub reason: String,
    /// `withdraw` or `replace`; empty: nothing yet.
    pub what: String,
    pub note: String,
}

impl RecallPage {
    /// The proposal, where this officer made it themselves.
    pub fn is_own(&self) -> bool {
        self.choice.proposal.as_ref().is_some_and(|proposal| proposal.officer == self.person)
    }

    /// The input to which an error leads.
    pub fn anchor(&self, id: &str) -> String {
        match (id, self.choice.reasons.first()) {
            ("reason", Some(first)) => format!("reason-{}", first.code),
            ("what", _) => "what-withdraw".to_owned(),
            _ => id.to_owned(),
        }
    }

    pub fn has_error(&self, id: &str) -> bool {
        self.errors.iter().any(|(at, _)| *at == id)
    }
}

/// A document on a task's page.
pub(super) struct Found {
    pub place: TaskPlace,
    pub id: DocumentId,
    pub version: i64,
    pub document: DocumentLink,
    pub choice: RecallChoice,
}

impl Found {
    pub fn in_task(place: TaskPlace, id: DocumentId, task: TaskPage) -> Option<Self> {
        let mut document = task.documents.into_iter().find(|document| document.document_id == id.to_vec())?;
        let choice = document.recall.take()?;
        Some(Self { place, id, version: task.version, document, choice })
    }

    /// Corrections that a colleague proposes have a page of their own.
    fn uncorrected(mut self) -> Self {
        self.choice.proposal = self.choice.proposal.filter(|proposal| proposal.corrections.is_empty());
        self
    }

    fn show(
        self,
        portal: &Portal,
        visit: &Visit,
        person: Vec<u8>,
        chosen: Wish,
        errors: Vec<(&'static str, &'static str)>,
    ) -> Result<Response, Refused> {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let action = format!("{}/documents/{}/recall", self.place.path(), self.id);
        let (f, task) = (Frame::new(portal, visit), self.place.path());
        let (version, document, choice) = (self.version, self.document, self.choice);
        page_with(status, &RecallPage { f, task, action, version, document, choice, person, chosen, errors })
    }
}

pub async fn form(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, service, case, task, document)): Path<Parts>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let id: DocumentId = document.parse().map_err(|_| fault::no_such_page())?;
    let task = match read(&portal, &visit, &session, &place, "").await {
        Err(failure) if asks_for_a_reason(&failure).is_some() => {
            return Ok(Redirect::to(&place.path()).into_response());
        }
        read => read?,
    };
    let found = Found::in_task(place, id, task).ok_or_else(fault::no_such_page)?.uncorrected();
    let proposed = found.choice.proposal.as_ref().map(|proposal| Wish {
        reason: proposal.reason.clone(),
        what: if proposal.replace { "replace" } else { "withdraw" }.to_owned(),
        note: proposal.note.clone(),
    });
    found.show(&portal, &visit, session.person.to_vec(), proposed.unwrap_or_default(), Vec::new())
}

pub async fn send(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, service, case, task, document)): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let id: DocumentId = document.parse().map_err(|_| fault::no_such_page())?;
    let chosen = Wish {
        reason: posted.control("_reason").to_owned(),
        what: posted.control("_what").to_owned(),
        note: posted.control("_note").trim().to_owned(),
    };
    let mut errors = Vec::new();
    if chosen.reason.is_empty() {
        errors.push(("reason", "recall-reason-missing"));
    }
    if !matches!(chosen.what.as_str(), "withdraw" | "replace") {
        errors.push(("what", "recall-what-missing"));
    }
    if errors.is_empty() {
        let request = RecallDocumentRequest {
            case_id: place.at.case.to_vec(),
            version: posted.version()?,
            task_id: place.task.to_vec(),
            document_id: id.to_vec(),
            reason: chosen.reason.clone(),
            note: chosen.note.clone(),
            replace: chosen.what == "replace",
            corrections: Vec::new(),
        };
        let (host, command) = (place.at.host(), posted.command()?);
        let sent = portal.services.command(&session, &operations::RECALL_DOCUMENT, host, &request, command).await;
        match sent {
            Ok(reply) => {
                let reply: CaseReply = reply;
                portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
                return Ok(Redirect::to(&place.path()).into_response());
            }
            Err(failure) if failure.code == "document.recall-second" => {
                errors.push(("send", "recall-proposed-own"));
            }
            Err(failure) if failure.code == "document.recall-note" => errors.push(("note", "recall-note-long")),
            Err(failure) if failure.kind == ErrorKind::Stale => errors.push(("send", "recall-changed")),
            // Somebody was faster, or the time for which the reason counts is over: the task's page says so.
            Err(failure) if failure.code == "document.withdrawn" || asks_for_a_reason(&failure).is_some() => {
                return Ok(Redirect::to(&place.path()).into_response());
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    let task = read(&portal, &visit, &session, &place, "").await?;
    let found = Found::in_task(place, id, task).ok_or_else(fault::no_such_page)?.uncorrected();
    found.show(&portal, &visit, session.person.to_vec(), chosen, errors)
}
