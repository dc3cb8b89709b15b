//! Whose paper it is, of which that was not known when it was taken in: an officer says it by the paper, and another one says the same.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::Address;
use kernel::CaseId;
use proto::eservice::v1::{CaseReply, IdentifyApplicantRequest, ListTakenInRequest, TakenIn, TakenInCase, operations};

use super::paper::{offered, wrong};
use crate::{
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::{Frame, page},
        posted::Posted,
        visit::{Officer, Visit},
    },
    store::Session,
};

#[derive(Template)]
#[template(path = "officer_identify.html")]
pub struct IdentifyPage {
    pub f: Frame,
    pub title: String,
    /// Agency and service, as addresses have them.
    pub place: String,
    pub case: TakenInCase,
    pub typed: IdentifyApplicantRequest,
    /// Id of the input, and the key of the text that says what is wrong with it.
    pub wrong: Option<(&'static str, &'static str)>,
}

impl IdentifyPage {
    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.wrong.filter(|(at, _)| *at == id).map(|(_, key)| key)
    }
}

type Parts = Path<(String, String, String)>;

pub async fn form(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, name, case)): Parts,
) -> Result<Response, Refused> {
    let case: CaseId = case.parse().map_err(|_| fault::no_such_page())?;
    let typed = IdentifyApplicantRequest { case_id: case.to_vec(), ..IdentifyApplicantRequest::default() };
    show(&portal, (&visit, &session), (&agency, &name), typed, None).await
}

async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    (agency, name): (&str, &str),
    typed: IdentifyApplicantRequest,
    wrong: Option<(&'static str, &'static str)>,
) -> Result<Response, Refused> {
    let service = offered(portal, visit, session, (agency, name)).await?;
    let request = ListTakenInRequest { agency: agency.to_owned(), service: name.to_owned() };
    let host = Address::service(agency, name);
    let TakenIn { cases, left: _, to_identify } =
        portal.services.read(session, &operations::LIST_TAKEN_IN, host, &request).await?;
    let mut waiting = cases.into_iter().chain(to_identify).filter(|one| !one.identity.is_empty());
    let case = waiting.find(|one| one.case_id == typed.case_id).ok_or_else(fault::no_such_page)?;
    let (f, title) = (Frame::new(portal, visit), service.card.unwrap_or_default().title);
    page(&IdentifyPage { f, title, place: format!("{agency}/{name}"), case, typed, wrong })
}

pub async fn say(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, name, case)): Parts,
    posted: Posted,
) -> Result<Response, Refused> {
    offered(&portal, &visit, &session, (&agency, &name)).await?;
    let case: CaseId = case.parse().map_err(|_| fault::no_such_page())?;
    let control = |name: &str| posted.control(name).trim().to_owned();
    let typed = IdentifyApplicantRequest {
        case_id: case.to_vec(),
        pinfl: control("_pinfl"),
        born: control("_born"),
        family_name: control("_family"),
    };
    let host = Address::service(&agency, &name);
    let said: Result<CaseReply, _> =
        portal.services.command(&session, &operations::IDENTIFY_APPLICANT, host, &typed, posted.command()?).await;
    match said {
        Ok(_) => Ok(Redirect::to(&format!("/officer/paper/{agency}/{name}")).into_response()),
        Err(failure) => match wrong_here(&failure.code) {
            Some(wrong) => show(&portal, (&visit, &session), (&agency, &name), typed, Some(wrong)).await,
            None => Err(failure.into()),
        },
    }
}

/// Of what can be wrong with a paper, what this page has inputs for.
fn wrong_here(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        "paper.taken-already" => Some(("pinfl", "paper-wrong-again")),
        _ => wrong(code).filter(|(id, _)| matches!(*id, "pinfl" | "born" | "family")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_beside_an_input_that_is_there() {
        assert_eq!(wrong_here("paper.second"), Some(("pinfl", "paper-wrong-second")));
        assert_eq!(wrong_here("paper.taken-already"), Some(("pinfl", "paper-wrong-again")));
        assert_eq!(wrong_here("paper.contact"), None);
        assert_eq!(wrong_here("case.not-found"), None);
    }
}
