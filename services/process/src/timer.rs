//! Moments a case waits for; the host keeps them as rows and fires each at most once.

use kernel::{Hash, Time, id::CaseId};
use serde::{Deserialize, Serialize};

use crate::case::TokenId;

/// Derived like an action's id, so a repeated transition sets the same timer again.
pub type TimerId = Hash;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    pub id: TimerId,
    pub token: TokenId,
    pub step: String,
    pub activation: u32,
    pub purpose: Purpose,
    pub due: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The step's `timeout`.
    Timeout,
    /// A task's legal deadline.
    Deadline,
    /// Whoever claimed a task had it for long enough.
    Claim,
    /// The applicant's time to answer a question.
    Answer,
    /// The applicant is reminded of a question.
    Reminder,
    /// A `wait` step for a time.
    Wait,
    /// A draft nobody touched is removed.
    DraftExpiry,
    /// Whoever began it is told before.
    DraftNotice,
    /// The promised time is over.
    Promise,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Deadline => "deadline",
            Self::Claim => "claim",
            Self::Answer => "answer",
            Self::Reminder => "reminder",
            Self::Wait => "wait",
            Self::DraftExpiry => "draft-expiry",
            Self::DraftNotice => "draft-notice",
            Self::Promise => "promise",
        }
    }
}

/// `index` tells apart timers of one purpose in one activation.
pub fn timer_id(case: CaseId, token: TokenId, activation: u32, purpose: Purpose, index: u32) -> TimerId {
    Hash::of_parts(&[
        b"xizmat timer",
        case.as_bytes(),
        &token.to_be_bytes(),
        &activation.to_be_bytes(),
        purpose.name().as_bytes(),
        &index.to_be_bytes(),
    ])
}
