//! From an ended application the next one is begun with one press: its draft is made, and its first question comes.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::CaseId;
use proto::eservice::v1::{OpenDraftReply, OpenDraftRequest, operations};

use super::{
    Shared,
    fault::{self, Refused},
    posted::Posted,
    visit::{CasePlace, Citizen},
};
use crate::domain::place;

type Parts = (String, String, String, String);

/// Whoever comes here otherwise than by pressing, such as after signing in again, finds the button.
pub async fn back(Path((agency, service, case, _)): Path<Parts>) -> Result<Response, Refused> {
    Ok(Redirect::to(&CasePlace::new(&agency, &service, &case)?.path("")).into_response())
}

pub async fn begin(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, start)): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let ended = CasePlace::new(&agency, &service, &case)?;
    if !place::is_name(&start) {
        return Err(fault::no_such_page().into());
    }
    let request = OpenDraftRequest {
        agency,
        service,
        language: visit.language.tag().into(),
        origin: ended.case.to_vec(),
        start,
        ..OpenDraftRequest::default()
    };
    let reply: OpenDraftReply =
        portal.services.command(&session, &operations::OPEN_DRAFT, ended.host(), &request, posted.command()?).await?;
    let case = CaseId::from_slice(&reply.case_id)?;
    portal.sessions.note_seen(&session, case, reply.version).await?;
    let begun = CasePlace { case, ..ended };
    let target = match reply.first_page.as_str() {
        "" => begun.path("check"),
        _ if reply.outlined => begun.path("parts"),
        page => begun.path(&format!("pages/{page}")),
    };
    Ok(Redirect::to(&target).into_response())
}
