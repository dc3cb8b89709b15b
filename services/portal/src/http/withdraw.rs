//! Taking an application back: what becomes of the money is said first.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kernel::ErrorKind;
use proto::eservice::v1::{Case, CaseCommand, CaseReply, Withdrawal, operations};

use super::{
    Shared,
    fault::Refused,
    frame::{Frame, page},
    posted::Posted,
    submit::read_case,
    visit::{CasePlace, Citizen},
};

#[derive(Template)]
#[template(path = "withdraw.html")]
pub struct WithdrawPage {
    pub f: Frame,
    pub case: Case,
    pub base: String,
    pub withdrawal: Withdrawal,
}

impl WithdrawPage {
    pub fn is_any(&self, amount: &Option<proto::Money>) -> bool {
        amount.as_ref().is_some_and(|amount| amount.minor > 0)
    }
}

pub async fn ask(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let case = read_case(&portal, &visit, &session, &at).await?;
    let Some(withdrawal) = case.withdrawal.clone() else { return Ok(Redirect::to(&at.path("")).into_response()) };
    page(&WithdrawPage { f: Frame::new(&portal, &visit), base: at.path(""), withdrawal, case })
}

pub async fn withdraw(
    State(portal): Shared,
    Citizen(_, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let request = CaseCommand { case_id: at.case.to_vec(), version: posted.version()? };
    let sent = portal.services.command(&session, &operations::WITHDRAW, at.host(), &request, posted.command()?).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        // It was decided, or withdrawn in another window: its page says where it stands.
        Err(failure) if failure.kind == ErrorKind::Conflict => return Ok(Redirect::to(&at.path("")).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, at.case, reply.version).await?;
    Ok(Redirect::to(&at.path("")).into_response())
}
