//! The page on which the applicant checks the answers before submitting.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure};
use proto::eservice::v1::{Answers, ReadCaseRequest};

use super::{filed, moved, noted, own_service, page, paper};
use crate::{
    domain::{summary, text},
    host::Host,
};

pub async fn read(host: Arc<Host>, call: Call<ReadCaseRequest>) -> Result<Answers, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let case = paper::filled(&host, person, case_id).await;
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    let service = own_service(&host, person, &case).await?;
    let case = moved::followed(&host, case, &service).await?;
    let case = Box::pin(page::filled_in_late(&host, case, &service)).await?;
    let language = text::language(&call.request.language);
    let mut answers = summary::answers(&service.process, &case.state, case.version, language, &host.facts(&service));
    for row in answers.sections.iter_mut().flat_map(|section| &mut section.rows) {
        row.source = service.source(&row.source, language);
    }
    answers.moved = moved::told(&host, &case, &service, language).await;
    filed::name(&case, filed::of_sections(&mut answers.sections));
    filed::judge(&host, case_id, filed::of_sections(&mut answers.sections)).await?;
    Ok(answers)
}
