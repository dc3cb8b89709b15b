//! An officer writes something down for colleagues, on the task's page.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{AddNoteRequest, CaseReply, operations};

use super::{
    Parts, TaskPlace, opening,
    task::{Chosen, read, show_with},
};
use crate::http::{Shared, fault::Refused, posted::Posted, thread::wrong, visit::Officer};

/// Of the input, which an error leads to.
const INPUT: &str = "internal-note";

pub async fn add(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let typed = posted.control("_internal").replace("\r\n", "\n");
    let mut key = wrong(&typed, "notes-missing", "notes-long");
    if key.is_none() {
        let (case_id, task_id) = (place.at.case.to_vec(), place.task.to_vec());
        let request = AddNoteRequest { case_id, task_id, text: typed.clone() };
        let command = posted.command()?;
        let host = place.at.host();
        let sent: Result<CaseReply, Failure> =
            portal.services.command(&session, &operations::ADD_NOTE, host, &request, command).await;
        match sent {
            Ok(reply) => {
                portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
                return Ok(Redirect::to(&place.path()).into_response());
            }
            Err(failure) if failure.code == opening::CLOSED => {
                return opening::decided_meanwhile(&portal, (&visit, &session), &place);
            }
            Err(failure) if opening::asks_for_a_reason(&failure).is_some() => {
                return Ok(Redirect::to(&place.path()).into_response());
            }
            Err(failure) if matches!(failure.kind, ErrorKind::Stale | ErrorKind::Conflict) => {
                key = Some("notes-refused");
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    let task = read(&portal, &visit, &session, &place, "").await?;
    let errors = key.map(|key| (INPUT.to_owned(), key)).into_iter().collect();
    show_with(&portal, (&visit, &session), &place, task, (Chosen::default(), typed), errors)
}
