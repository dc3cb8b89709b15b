//! One refusal shape for every edge: what kind, a stable code, a public sentence, and a detail that never leaves the house.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// Decides, once, how an edge answers: HTTP status, bus code, whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The request itself is wrong; the same request will never succeed.
    Invalid,
    /// Unknown, another's, or not for the asker: the three look alike.
    NotFound,
    /// The state forbids it.
    Conflict,
    /// Decided on a version that is no longer current.
    Stale,
    /// The caller may not do this, and may know that it exists.
    Forbidden,
    Unauthenticated,
    TooMany,
    /// Something we depend on does not answer; the same request may succeed later.
    Unavailable,
    Internal,
}

impl ErrorKind {
    pub fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict | Self::Stale => 409,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// Whether the same request may succeed later without anybody changing it.
    pub fn retry(self) -> bool {
        matches!(self, Self::TooMany | Self::Unavailable | Self::Internal)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Stale => "stale",
            Self::Forbidden => "forbidden",
            Self::Unauthenticated => "unauthenticated",
            Self::TooMany => "too-many",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Invalid,
            Self::NotFound,
            Self::Conflict,
            Self::Stale,
            Self::Forbidden,
            Self::Unauthenticated,
            Self::TooMany,
            Self::Unavailable,
            Self::Internal,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// A refusal. `message` may be shown to a person, `cause` to whoever runs the platform or an agency's services on it; `detail` is for
/// the log of the service that made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: ErrorKind,
    /// Stable, `room.kebab-reason`; each has a page under `docs/errors`.
    pub code: Cow<'static, str>,
    /// What is wrong and what to do; no internals, no personal data.
    pub message: String,
    /// What it came from: what an engine says of itself, who was asked for what. No value that anybody sent or keeps, no secret, no
    /// address with a password.
    pub cause: Option<String>,
    pub detail: Option<String>,
}

macro_rules! constructors {
    ($($name:ident => $kind:ident),* $(,)?) => {
        impl Failure {
            $(pub fn $name(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
                Self::new(ErrorKind::$kind, code, message)
            })*
        }
    };
}

constructors! {
    invalid => Invalid,
    not_found => NotFound,
    conflict => Conflict,
    stale => Stale,
    forbidden => Forbidden,
    unauthenticated => Unauthenticated,
    too_many => TooMany,
    unavailable => Unavailable,
    internal => Internal,
}

impl Failure {
    pub fn new(kind: ErrorKind, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { kind, code: code.into(), message: message.into(), cause: None, detail: None }
    }

    /// Adds what it came from, for those who run things.
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Adds what only our own log may hold.
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// The sentence with what it came from, where that is known.
    pub fn with_cause(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.message, self.code)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.message)?;
        // A detail says at least what the cause says.
        match self.detail.as_ref().or(self.cause.as_ref()) {
            Some(more) => write!(out, " [{more}]"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_the_sentence_engineers_the_cause_and_only_the_log_the_detail() {
        let plain = Failure::internal("store.failed", "It could not be kept.");
        assert_eq!(
            (plain.with_cause(), format!("{plain:?}")),
            (plain.to_string(), "store.failed: It could not be kept.".into())
        );
        let caused = plain.because("permission denied (SQLSTATE 42501)");
        assert_eq!(caused.to_string(), "It could not be kept. (store.failed)");
        assert_eq!(caused.with_cause(), "It could not be kept. (store.failed): permission denied (SQLSTATE 42501)");
        assert!(format!("{caused:?}").ends_with("[permission denied (SQLSTATE 42501)]"));
        let detailed = caused.with_detail("permission denied for relation 7");
        assert!(!detailed.with_cause().contains("relation 7") && format!("{detailed:?}").contains("relation 7"));
    }
}
