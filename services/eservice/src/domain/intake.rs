//! Whether somebody known this surely may apply for a service.

use std::time::Duration;

use api::Submission;
use kernel::{Failure, Time};

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

/// Whether the sign-in is late and sure enough to send an application: what is declared binds whoever is at the keyboard now.
pub fn signed_in_lately(asked: Option<&Submission>, assurance: &str, at: Time, now: Time) -> Result<(), Failure> {
    let Some(asked) = asked else { return Ok(()) };
    let within = Duration::from_secs(within_s(asked));
    if suffices(assurance, asked.assurance) && now.since(at) <= within {
        return Ok(());
    }
    Err(Failure::forbidden(
        "case.sign-in-again",
        "To send this application, sign in again: the last time was too long ago, or not sure enough.",
    ))
}

/// `check` admits only spans that have seconds.
pub fn within_s(asked: &Submission) -> u64 {
    asked.within.seconds().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_sent_only_soon_after_a_sign_in_where_the_service_asks_for_it() {
        let asked = Submission { within: "10 min".parse().unwrap(), assurance: api::Assurance::Substantial };
        let signed_in = Time::from_seconds(1_795_410_000);
        let judge = |assurance: &str, later_s: u64| {
            let now = signed_in.plus(Duration::from_secs(later_s));
            signed_in_lately(Some(&asked), assurance, signed_in, now).map_err(|failure| failure.code.into_owned())
        };
        assert_eq!(judge("substantial", 600), Ok(()));
        assert_eq!(judge("substantial", 601), Err("case.sign-in-again".to_owned()));
        assert_eq!(judge("low", 1), Err("case.sign-in-again".to_owned()));
        assert!(signed_in_lately(None, "low", signed_in, signed_in.plus(Duration::from_secs(86_400))).is_ok());
    }
}
