//! A slip in a document of an ended case is corrected: a page of its own, beside what stands there now. Two officers agree on it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kernel::{DocumentId, ErrorKind, Failure};
use proto::eservice::v1::{
    CaseReply, DocumentLink, FieldCorrection, Reason, RecallChoice, RecallDocumentRequest, operations,
};

use super::{
    TaskPlace,
    opening::asks_for_a_reason,
    recall::{Found, Parts},
    task::read,
};
use crate::http::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page_with},
    posted::Posted,
    visit::{Officer, Visit},
};

#[derive(Template)]
#[template(path = "officer_correct.html")]
pub struct CorrectPage {
    pub f: Frame,
    pub task: String,
    pub action: String,
    pub version: i64,
    pub document: DocumentLink,
    pub choice: RecallChoice,
    /// Who reads.
    pub person: Vec<u8>,
    pub written: Written,
    /// (id of the input, key of the text)
    pub errors: Vec<(String, &'static str)>,
}

/// What the officer wrote.
#[derive(Default)]
pub struct Written {
    pub reason: String,
    /// By the field's path; a field that is not among them says what it said.
    pub values: BTreeMap<String, String>,
    pub note: String,
}

impl CorrectPage {
    /// The proposal, where this officer made it themselves.
    pub fn is_own(&self) -> bool {
        self.choice.proposal.as_ref().is_some_and(|proposal| proposal.officer == self.person)
    }

    /// A correction needs its article.
    pub fn reasons(&self) -> Vec<&Reason> {
        self.choice.reasons.iter().filter(|reason| !reason.article.is_empty()).collect()
    }

    pub fn value(&self, at: &str) -> &str {
        let stands = self.choice.corrects.iter().find(|field| field.at == at).map(|field| field.value.as_str());
        self.written.values.get(at).map(String::as_str).or(stands).unwrap_or_default()
    }

    /// The input to which an error leads.
    pub fn anchor(&self, id: &str) -> String {
        match (id, self.reasons().first()) {
            ("reason", Some(first)) => format!("reason-{}", first.code),
            _ => id.to_owned(),
        }
    }

    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| at == id).map(|(_, key)| *key)
    }
}

fn show(
    portal: &Portal,
    visit: &Visit,
    person: Vec<u8>,
    found: Found,
    written: Written,
    errors: Vec<(String, &'static str)>,
) -> Result<Response, Refused> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let action = format!("{}/documents/{}/correct", found.place.path(), found.id);
    let (f, task, version) = (Frame::new(portal, visit), found.place.path(), found.version);
    let (document, choice) = (found.document, found.choice);
    page_with(status, &CorrectPage { f, task, action, version, document, choice, person, written, errors })
}

/// Of a document in which something may be corrected; what a colleague proposes besides corrections is another page's matter.
fn correctable(found: Option<Found>) -> Result<Found, Refused> {
    let mut found = found.filter(|found| !found.choice.corrects.is_empty()).ok_or_else(fault::no_such_page)?;
    found.choice.proposal = found.choice.proposal.filter(|proposal| !proposal.corrections.is_empty());
    Ok(found)
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
    let found = correctable(Found::in_task(place, id, task))?;
    let proposed = found.choice.proposal.as_ref().map(|proposal| Written {
        reason: proposal.reason.clone(),
        values: proposal.corrections.iter().map(|slip| (slip.at.clone(), slip.value.clone())).collect(),
        note: proposal.note.clone(),
    });
    show(&portal, &visit, session.person.to_vec(), found, proposed.unwrap_or_default(), Vec::new())
}

pub async fn send(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, service, case, task, document)): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let id: DocumentId = document.parse().map_err(|_| fault::no_such_page())?;
    let back = place.path();
    let task = match read(&portal, &visit, &session, &place, "").await {
        Err(failure) if asks_for_a_reason(&failure).is_some() => return Ok(Redirect::to(&back).into_response()),
        read => read?,
    };
    let found = correctable(Found::in_task(place, id, task))?;
    let written = written(&posted, &found.choice);
    let changed: Vec<FieldCorrection> = found
        .choice
        .corrects
        .iter()
        .filter_map(|field| {
            let value = written.values.get(&field.at).filter(|value| **value != field.value)?;
            Some(FieldCorrection { at: field.at.clone(), value: value.clone() })
        })
        .collect();
    let first = changed.first().map_or(&found.choice.corrects[0].at, |slip| &slip.at);
    let first = format!("value-{first}");
    let mut errors = Vec::new();
    if written.reason.is_empty() {
        errors.push(("reason".to_owned(), "recall-reason-missing"));
    }
    if changed.is_empty() {
        errors.push((first.clone(), "correct-nothing"));
    }
    if errors.is_empty() {
        let request = RecallDocumentRequest {
            case_id: found.place.at.case.to_vec(),
            version: posted.version()?,
            task_id: found.place.task.to_vec(),
            document_id: id.to_vec(),
            reason: written.reason.clone(),
            note: written.note.clone(),
            replace: true,
            corrections: changed,
        };
        let (host, command) = (found.place.at.host(), posted.command()?);
        match portal.services.command(&session, &operations::RECALL_DOCUMENT, host, &request, command).await {
            Ok(reply) => {
                let reply: CaseReply = reply;
                portal.sessions.note_seen(&session, found.place.at.case, reply.version).await?;
                return Ok(Redirect::to(&back).into_response());
            }
            // Somebody was faster, or the time for which the reason counts is over: the task's page says so.
            Err(failure) if failure.code == "document.withdrawn" || asks_for_a_reason(&failure).is_some() => {
                return Ok(Redirect::to(&back).into_response());
            }
            Err(failure) => errors.push(wrong(failure, first)?),
        }
    }
    show(&portal, &visit, session.person.to_vec(), found, written, errors)
}

fn written(posted: &Posted, choice: &RecallChoice) -> Written {
    let value = |at: &String| (at.clone(), posted.control(&format!("_value:{at}")).trim().to_owned());
    Written {
        reason: posted.control("_reason").to_owned(),
        values: choice.corrects.iter().map(|field| value(&field.at)).collect(),
        note: posted.control("_note").trim().to_owned(),
    }
}

/// What the officer can mend, beside the input where they do.
fn wrong(failure: Failure, first: String) -> Result<(String, &'static str), Failure> {
    let key = match &*failure.code {
        "document.recall-second" => "recall-proposed-own",
        "document.recall-note" => return Ok(("note".to_owned(), "recall-note-long")),
        "document.correct-value" => return Ok((first, "correct-value")),
        "document.correct-nothing" => return Ok((first, "correct-nothing")),
        _ if failure.kind == ErrorKind::Stale => "recall-changed",
        _ => return Err(failure),
    };
    Ok(("send".to_owned(), key))
}
