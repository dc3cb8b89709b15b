//! Whom a case is about and nobody asks opens it: they are told that it is about them, and nothing of what is in it.

use bus::Person;
use kernel::{CaseId, ErrorKind, Failure, Language};
use proto::eservice::v1::Case as CaseView;

use super::{asked, stored};
use crate::{
    domain::intake,
    host::{Host, Reach},
    store::cases::Case,
};

/// The phase of a case that somebody reads whom it is about.
const ABOUT: &str = "about";

fn is_about(case: &Case, person: &Person) -> bool {
    case.state.subjects().any(|(subject, number)| subject == person.id && asked::is_theirs(person, number))
}

/// None: it is not about them.
pub async fn only(
    host: &Host,
    person: &Person,
    case_id: CaseId,
    language: Language,
) -> Result<Option<CaseView>, Failure> {
    let case = match stored(host, case_id).await {
        Ok(case) if is_about(&case, person) => case,
        Err(failure) if failure.kind != ErrorKind::NotFound => return Err(failure),
        _ => return Ok(None),
    };
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    intake::assured_party(service.definition(), person.assurance.as_str())?;
    Ok(Some(CaseView {
        case_id: case.id.to_vec(),
        service_title: service.definition().title(language.tag()).to_owned(),
        agency: case.agency,
        service: case.service,
        phase: ABOUT.to_owned(),
        ..CaseView::default()
    }))
}
