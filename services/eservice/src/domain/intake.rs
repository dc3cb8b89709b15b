//! Whether somebody known this surely, for themselves or under a mandate, may apply for a service.

use kernel::Failure;

use super::applicant::suffices;

pub fn no_such_service() -> Failure {
    Failure::not_found("service.not-found", "There is no such service.")
}

pub fn admit(definition: &api::ServiceDefinition, assurance: &str, mandate: Option<&str>) -> Result<(), Failure> {
    let access = &definition.spec.access;
    if !suffices(assurance, access.assurance) {
        return Err(Failure::forbidden(
            "service.assurance",
            "This service needs a confirmed identity. Sign in with OneID.",
        ));
    }
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
