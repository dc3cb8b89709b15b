//! What the applicant would be sent, shown before anything is decided; and the decision, one click further.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{DecisionPreview, OutcomeChoice, PreviewDecisionRequest, TaskPage, operations};

use super::{
    Parts, TaskPlace, opening,
    task::{Chosen, chosen, read, show, wrong},
};
use crate::{
    http::{
        Portal, Shared,
        fault::Refused,
        frame::{Frame, page},
        posted::Posted,
        visit::{Officer, Visit},
    },
    store::Session,
};

#[derive(Template)]
#[template(path = "officer_preview.html")]
pub struct PreviewPage {
    pub f: Frame,
    pub task: TaskPage,
    /// The task's page, to which the decision is sent.
    pub action: String,
    /// Where a document is asked for.
    pub file: String,
    pub chosen: Chosen,
    pub preview: DecisionPreview,
}

impl PreviewPage {
    /// Whether it is the reader's to send; what a colleague proposed is agreed to on the task's page.
    pub fn is_to_decide(&self) -> bool {
        self.task.proposal.as_ref().is_none_or(|proposal| proposal.sent_back_us > 0)
    }

    pub fn outcome(&self) -> Option<&OutcomeChoice> {
        self.task.outcomes.iter().find(|outcome| outcome.name == self.chosen.outcome)
    }
}

pub async fn show_all(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let task = match read(&portal, &visit, &session, &place, "").await {
        Ok(task) if task.closed_us == 0 => task,
        Err(failure) if failure.code != opening::CLOSED => return Err(failure.into()),
        _ => return opening::decided_meanwhile(&portal, (&visit, &session), &place),
    };
    let chosen = chosen(&posted, Some(&task));
    let errors = wrong(&chosen, &task);
    if !errors.is_empty() {
        return show(&portal, (&visit, &session), &place, task, chosen, errors);
    }
    match ask(&portal, (&visit, &session), &place, &posted, &chosen, "").await {
        Ok(preview) => page(&PreviewPage {
            f: Frame::new(&portal, &visit),
            action: place.path(),
            file: format!("{}/document", place.path().replacen("/tasks/", "/preview/", 1)),
            task,
            chosen,
            preview,
        }),
        Err(Refused(failure)) if failure.kind == ErrorKind::Stale => {
            let errors = vec![("decision".to_owned(), "task-changed")];
            show(&portal, (&visit, &session), &place, task, chosen, errors)
        }
        Err(refused) => Err(refused),
    }
}

/// A document as it would be issued: SPECIMEN on every page, without number and seal.
pub async fn document(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let name = posted.control("_document");
    if name.is_empty() {
        let message = "The form did not arrive whole. Go back and send it again.";
        return Err(Failure::invalid("portal.form", message).into());
    }
    let chosen = chosen(&posted, None);
    let shown = ask(&portal, (&visit, &session), &place, &posted, &chosen, name).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"specimen.pdf\"")),
    ];
    Ok((headers, shown.pdf).into_response())
}

async fn ask(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    place: &TaskPlace,
    posted: &Posted,
    chosen: &Chosen,
    document: &str,
) -> Result<DecisionPreview, Refused> {
    let request = PreviewDecisionRequest {
        case_id: place.at.case.to_vec(),
        version: posted.version()?,
        task_id: place.task.to_vec(),
        outcome: chosen.outcome.clone(),
        reasons: chosen.reasons.clone(),
        note: chosen.note.clone(),
        marked: chosen.marked.clone(),
        language: visit.language.tag().into(),
        document: document.to_owned(),
    };
    Ok(portal.services.read(session, &operations::PREVIEW_DECISION, place.at.host(), &request).await?)
}
