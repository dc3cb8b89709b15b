//! The applicant looks at their case.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure};
use proto::eservice::v1::{Case, ReadCaseRequest};

use super::{noted, own, own_service};
use crate::{
    domain::{progress, text},
    host::Host,
};

pub async fn read(host: Arc<Host>, call: Call<ReadCaseRequest>) -> Result<Case, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let case = own(&host, person, case_id).await;
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    let service = own_service(&host, person, &case).await?;
    let language = text::language(&call.request.language);
    Ok(progress::case(&service.process, &case.state, case.version, language, &host.facts(&service)))
}
