//! Whether somebody known this surely may apply for a service.

use kernel::Failure;

use super::applicant::suffices;

pub fn no_such_service() -> Failure {
    Failure::not_found("service.not-found", "There is no such service.")
}

/// Whether new applications are taken, as the register says: why not, or nothing.
pub fn taken(closed: &str) -> Result<(), Failure> {
    match closed {
        "" => Ok(()),
        "ending" => Err(Failure::conflict(
            "service.ending",
            "This service has ended. New applications are not taken; those that were sent are decided.",
        )),
        _ => Err(Failure::conflict(
            "service.stopped",
            "New applications are stopped for now. What was filled in stays; try again later.",
        )),
    }
}

/// Whether the session of somebody who is asked is sure enough: they were found by their number, so it must be known to be theirs.
pub fn assured_party(definition: &api::ServiceDefinition, assurance: &str) -> Result<(), Failure> {
    if suffices(assurance, definition.spec.access.assurance.max(api::Assurance::Substantial)) {
        return Ok(());
    }
    Err(not_assured())
}

fn not_assured() -> Failure {
    Failure::forbidden("service.assurance", "This service needs a confirmed identity. Sign in with OneID.")
}

/// Whether this session is sure enough: not only for applying, also for looking at what a registry said about a person.
pub fn assured(definition: &api::ServiceDefinition, assurance: &str) -> Result<(), Failure> {
    if suffices(assurance, definition.spec.access.assurance) {
        return Ok(());
    }
    Err(not_assured())
}
