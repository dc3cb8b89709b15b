//! Whether somebody known this surely, for themselves or under a mandate, may apply for a service.

use kernel::Failure;

use super::applicant::suffices;

pub fn no_such_service() -> Failure {
    Failure::not_found("service.not-found", "There is no such service.")
}

/// Whether this session is sure enough: not only for applying, also for looking at what a registry said about a person.
pub fn assured(definition: &api::ServiceDefinition, assurance: &str) -> Result<(), Failure> {
    if suffices(assurance, definition.spec.access.assurance) {
        return Ok(());
    }
    Err(Failure::forbidden("service.assurance", "This service needs a confirmed identity. Sign in with OneID."))
}

pub fn admit(definition: &api::ServiceDefinition, assurance: &str, mandate: Option<&str>) -> Result<(), Failure> {
    assured(definition, assurance)?;
    let access = &definition.spec.access;
    if let Some(mandate) = mandate
        && !access.mandates.iter().any(|kind| kind == mandate)
    {
        return Err(Failure::forbidden(
            "service.mandate",
            "Nobody can apply for this service under this kind of mandate.",
        ));
    }
    Ok(())
}
