//! What a failure came from, as far as a status and an event may say it: engineers of agencies read them, too.
//!
//! The boundary: what an engine, the API server or the bus says of itself, and who was asked for what. Nothing that was sent or
//! kept: an answer that cannot be read is told by its place, for it may be a Secret, and a program that gives credentials by
//! nothing that it printed. What a failure's detail says stands in the operator's log alone.

use std::error::Error;

use kernel::Failure;
use kube::client::AuthError;

/// Of the platform's parts, and of databases.
pub fn told(failure: &Failure) -> String {
    if let Some(detail) = &failure.detail {
        tracing::warn!(code = %failure.code, detail, "more than a status says");
    }
    failure.with_cause()
}

/// Of the API server.
pub fn of_cluster(error: &kube::Error) -> String {
    let why = match error {
        kube::Error::Api(status) if status.reason.is_empty() => format!("{} ({})", status.message, status.code),
        kube::Error::Api(status) => format!("{} ({}, {})", status.message, status.reason, status.code),
        kube::Error::SerdeError(error) => {
            format!("its answer cannot be read at line {} column {}", error.line(), error.column())
        }
        other => chain(other),
    };
    format!("The API server: {why}")
}

/// Each cause once: many say the next one's words at their own end.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<AuthError>() {
            return "the operator\u{2019}s credentials for it cannot be had".to_owned();
        }
        let words = error.to_string();
        if !said.contains(&words) {
            let before = if said.is_empty() { "" } else { ": " };
            said = format!("{said}{before}{words}");
        }
        next = error.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    #[test]
    fn the_cause_is_told_and_the_detail_is_not() {
        let failure = Failure::internal("store.failed", "It could not be kept.")
            .because("permission denied to create database (SQLSTATE 42501)")
            .with_detail("postgres://admin:secret@10.0.0.7/postgres");
        assert_eq!(
            told(&failure),
            "It could not be kept. (store.failed): permission denied to create database (SQLSTATE 42501)"
        );
    }

    #[test]
    fn the_api_server_is_quoted_with_reason_and_code() {
        let status = Status { code: 403, ..Status::failure("pods is forbidden: exceeded quota", "Forbidden") };
        assert_eq!(
            of_cluster(&kube::Error::Api(status.boxed())),
            "The API server: pods is forbidden: exceeded quota (Forbidden, 403)"
        );
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_told_by_its_place() {
        let error = serde_json::from_str::<u32>("\"the signing key\"").unwrap_err();
        assert!(error.to_string().contains("the signing key"), "the parser repeats what it read");
        let said = of_cluster(&kube::Error::SerdeError(error));
        assert!(said.contains("line 1 column") && !said.contains("signing"), "{said}");
    }

    #[test]
    fn every_cause_is_said_once_and_a_program_that_gives_credentials_is_not_quoted() {
        let refused = std::io::Error::other("connection refused");
        let said = of_cluster(&kube::Error::Service(Box::new(refused)));
        assert_eq!(said.matches("connection refused").count(), 1, "{said}");
        let printed = AuthError::AuthExec("token: abc".into());
        let said = of_cluster(&kube::Error::Service(Box::new(printed)));
        assert!(said.contains("credentials") && !said.contains("abc"), "{said}");
    }
}
