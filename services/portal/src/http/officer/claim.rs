//! An officer takes a task, or gives it back.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::eservice::v1::{CaseReply, ClaimTaskRequest, ReleaseTaskRequest, operations};

use super::{Parts, TaskPlace, opening::asks_for_a_reason};
use crate::http::{Shared, fault::Refused, posted::Posted, visit::Officer};

/// How the e-service says that somebody else has the task.
pub const CLAIMED: &str = "task.claimed";
/// How it says that the officer typed the application.
pub const TYPED: &str = "task.taken-in";

/// The task's page comes next: it also says who has it or that the officer typed it, or asks for a reason first.
pub async fn claim(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let request = ClaimTaskRequest { case_id: place.at.case.to_vec(), task_id: place.task.to_vec() };
    let command = posted.command()?;
    let sent = portal.services.command(&session, &operations::CLAIM_TASK, place.at.host(), &request, command).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) if [CLAIMED, TYPED].contains(&failure.code.as_ref()) || asks_for_a_reason(&failure).is_some() => {
            return Ok(Redirect::to(&place.path()).into_response());
        }
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&place.path()).into_response())
}

pub async fn release(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let (case_id, task_id) = (place.at.case.to_vec(), place.task.to_vec());
    let request = ReleaseTaskRequest { case_id, task_id, officer: Vec::new() };
    let command = posted.command()?;
    let sent = portal.services.command(&session, &operations::RELEASE_TASK, place.at.host(), &request, command).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        // It lapsed, and somebody else took it meanwhile.
        Err(failure) if failure.code == CLAIMED => return Ok(Redirect::to(&place.path()).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(Redirect::to(&format!("/officer?agency={}", place.at.agency)).into_response())
}
