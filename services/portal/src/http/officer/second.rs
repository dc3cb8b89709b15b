//! The second of two officers agrees to what the first proposed, or sends it back and says why.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{CaseReply, ConfirmTaskRequest, SendBackTaskRequest, operations};

use super::{
    Parts, TaskPlace,
    claim::CLAIMED,
    opening,
    queue::{back, desk},
    task::{Chosen, read, show},
};
use crate::{
    http::{
        Portal, Shared,
        fault::Refused,
        posted::Posted,
        visit::{Officer, Visit},
    },
    store::Session,
};

pub async fn agree(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let request = ConfirmTaskRequest {
        case_id: place.at.case.to_vec(),
        version: posted.version()?,
        task_id: place.task.to_vec(),
    };
    let command = posted.command()?;
    let sent = portal.services.command(&session, &operations::CONFIRM_TASK, place.at.host(), &request, command).await;
    answered(&portal, (&visit, &session), &place, sent, ("yes", "")).await
}

pub async fn send_back(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let note = posted.control("_note").trim();
    if note.is_empty() {
        let task = read(&portal, &visit, &session, &place, "").await?;
        let errors = vec![("back-note".to_owned(), "second-note-missing")];
        return show(&portal, (&visit, &session), &place, task, Chosen::default(), errors);
    }
    let request = SendBackTaskRequest {
        case_id: place.at.case.to_vec(),
        version: posted.version()?,
        task_id: place.task.to_vec(),
        note: note.to_owned(),
    };
    let command = posted.command()?;
    let sent = portal.services.command(&session, &operations::SEND_BACK_TASK, place.at.host(), &request, command).await;
    answered(&portal, (&visit, &session), &place, sent, ("back", note)).await
}

/// The queue says what was `done`; where the case went on meanwhile its page is shown again, and what was typed is kept.
async fn answered(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    place: &TaskPlace,
    sent: Result<CaseReply, Failure>,
    (done, note): (&str, &str),
) -> Result<Response, Refused> {
    let key = match sent {
        Ok(reply) => {
            portal.sessions.note_seen(session, place.at.case, reply.version).await?;
            return Ok(back(&desk(session, &place.at.agency), done).into_response());
        }
        Err(failure) if failure.code == opening::CLOSED => {
            return opening::decided_meanwhile(portal, (visit, session), place);
        }
        Err(failure) if failure.code == CLAIMED => "claim-taken",
        Err(failure) if failure.kind == ErrorKind::Stale => "task-changed",
        Err(failure) => return Err(failure.into()),
    };
    let task = read(portal, visit, session, place, "").await?;
    let chosen = Chosen { note: note.to_owned(), ..Chosen::default() };
    show(portal, (visit, session), place, task, chosen, vec![("decision".to_owned(), key)])
}
