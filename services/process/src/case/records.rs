//! Records a case keeps: what was paid, asked of officers, decided, issued and told.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Money, Time,
    id::{DocumentId, IntentId, PersonId, RefundId, TaskId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::TokenId;
use crate::Refusal;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    pub step: String,
    pub activation: u32,
    pub fee: String,
    pub intent: IntentId,
    pub amount: Money,
    pub state: PaymentState,
    /// What payments says it received.
    pub captured: Money,
    /// What payments says it gave back.
    pub refunded: Money,
    /// A refund was asked for; it is asked for once.
    pub refund_asked: bool,
    /// Payments' own refund ids that were counted.
    pub refunds: BTreeSet<RefundId>,
    /// What payments gives back because less is due now, until it is settled.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub owed: BTreeMap<RefundId, Money>,
    pub arithmetic: Value,
    pub opened: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentState {
    Open,
    Captured,
    Waived,
    Expired,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub step: String,
    pub activation: u32,
    pub token: TokenId,
    pub agency: String,
    pub role: String,
    pub office: Option<String>,
    pub opened: Time,
    pub due: Option<Time>,
    pub escalated: bool,
    pub closed: Option<Time>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
}

impl Task {
    /// The claim that holds now; one whose time is over holds nobody up, even before its timer fires.
    pub fn held(&self, now: Time) -> Option<&Claim> {
        self.claim.as_ref().filter(|claim| now < claim.until)
    }

    /// Whether this officer may work on it: nobody else has it.
    pub fn admit(&self, officer: PersonId, now: Time) -> Result<(), Refusal> {
        match self.held(now) {
            Some(claim) if claim.officer != officer => Err(Refusal::conflict(
                "task.claimed",
                "Another officer has this task. Ask them to give it back, or the lead of the office to reassign it.",
            )),
            _ => Ok(()),
        }
    }
}

/// An officer took the task, or was given it; nobody else decides it before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub officer: PersonId,
    pub until: Time,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OfficerDecision {
    pub task: TaskId,
    pub step: String,
    pub outcome: String,
    pub reasons: Vec<String>,
    pub note: String,
    pub marked: BTreeMap<String, String>,
    /// Absent: the deadline decided (`onDeadline: approve` or `refuse`).
    pub officer: Option<PersonId>,
    pub at: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedDocument {
    /// Name in the definition.
    pub name: String,
    pub document: DocumentId,
    pub number: String,
    pub code: String,
    pub at: Time,
    /// Withdrawn or replaced, or on the way to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<Recall>,
}

/// Why a document is not, or soon will not be, valid any more, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    pub state: RecallState,
    /// Code of the reason, as the definition declares it.
    pub reason: String,
    /// For colleagues; the applicant does not read it.
    pub note: String,
    /// A new one with the same content takes its place.
    pub replace: bool,
    pub officer: PersonId,
    /// Who agreed, where two officers do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<PersonId>,
    pub at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecallState {
    /// A second officer has to agree: nothing has changed yet.
    Proposed,
    /// It is valid until the new one is there.
    Replacing,
    Revoked,
    Superseded,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compensable {
    pub step: String,
    /// The step that undoes it.
    pub by: String,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceivedMessage {
    pub name: String,
    pub body: Value,
    pub at: Time,
    /// A `wait` step took it.
    pub taken: bool,
}

/// What the applicant's timeline shows; the portal has a sentence for each code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    pub at: Time,
    /// `submitted`, `paid`, `task-opened`, `returned`, `decided`, `issued`, `refunded`, `lapsed`, `ended`, …
    pub code: String,
    pub step: String,
    /// `applicant`, `officer`, `system`
    pub actor: String,
}
