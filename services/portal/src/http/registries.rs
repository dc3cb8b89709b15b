//! Which registries are asked, what for and by which law: shown before an application is begun, and as long as it is there.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use bus::subject::Address;
use proto::eservice::v1::{AskedRegistry, ListRegistriesRequest, operations};

use super::{
    Portal, Shared,
    fault::Refused,
    frame::{Frame, page},
    visit::{CasePlace, Citizen, Visit},
};
use crate::store::Session;

/// What whoever begins now is told; nothing while the service's host does not answer.
pub async fn of_service(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    (agency, service): (&str, &str),
) -> Option<Vec<AskedRegistry>> {
    let request = ListRegistriesRequest {
        agency: agency.to_owned(),
        service: service.to_owned(),
        language: visit.language.tag().into(),
        case_id: Vec::new(),
    };
    let host = Address::service(agency, service);
    match portal.services.read(session, &operations::LIST_REGISTRIES, host, &request).await {
        Ok(told) => Some(told.registries),
        Err(failure) => {
            tracing::info!(code = %failure.code, "which registries a service asks cannot be told");
            None
        }
    }
}

#[derive(Template)]
#[template(path = "registries.html")]
pub struct RegistriesPage {
    pub f: Frame,
    pub base: String,
    pub registries: Vec<AskedRegistry>,
}

pub async fn of_case(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let request =
        ListRegistriesRequest { agency, service, language: visit.language.tag().into(), case_id: at.case.to_vec() };
    let told = portal.services.read(&session, &operations::LIST_REGISTRIES, at.host(), &request).await?;
    page(&RegistriesPage { f: Frame::new(&portal, &visit), base: at.path(""), registries: told.registries })
}
