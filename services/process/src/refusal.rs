//! Why a command was not accepted: a stable code, a plain sentence, and for answers the fields that are wrong.

use std::fmt;

use kernel::{ErrorKind, Failure};
use serde::{Deserialize, Serialize};

/// Something wrong with one answer. The portal turns the code and its parameters into a sentence of the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Page of the form on which the field stands.
    pub page: String,
    /// Path in the data: `marriage.date`. Empty for a rule about the page as a whole.
    pub at: String,
    /// Stable: `field.required`, `field.max-length`, `field.check`, …
    pub code: String,
    /// What the sentence needs: `{"limit": "40"}`. Never the value that was typed.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub parameters: std::collections::BTreeMap<String, String>,
    /// The definition's own sentence, for `check` rules.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub text: std::collections::BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    pub kind: ErrorKind,
    /// Stable, `room.kebab-reason`.
    pub code: &'static str,
    /// What is wrong and what to do; no personal data.
    pub message: String,
    /// Filled when answers are the reason.
    pub problems: Vec<Problem>,
}

impl Refusal {
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), problems: Vec::new() }
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, code, message)
    }

    pub fn stale(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Stale, code, message)
    }

    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }

    #[must_use]
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.message, self.code)
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::new(refusal.kind, refusal.code, refusal.message)
    }
}
