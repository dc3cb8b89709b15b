//! Whether somebody known this surely may apply for a service.

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
