//! What a case asks of the world: rows committed with the transition, performed afterwards under an identity that never changes.

use std::{collections::BTreeMap, fmt};

use kernel::{
    Hash, Money, Time,
    id::{CaseId, DocumentId, IntentId, PersonId, RefundId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::{Number, TokenId};

/// Stable across retries and replicas: hash(case, token, activation, index), and the era where data was restored before.
pub type ActionId = Hash;

/// An event that the agency's own system did not take for so long is given up, and that it was is on record.
pub const EVENT_KEPT: std::time::Duration = std::time::Duration::from_secs(7 * 86_400);

pub fn action_id(case: CaseId, token: TokenId, activation: u32, index: u32, era: i64) -> ActionId {
    let (token, activation, index) = (token.to_be_bytes(), activation.to_be_bytes(), index.to_be_bytes());
    let era = (era != 0).then(|| era.to_be_bytes());
    let mut parts: Vec<&[u8]> = Vec::with_capacity(6);
    parts.extend([b"xizmat action".as_slice(), case.as_bytes(), &token, &activation, &index]);
    parts.extend(era.as_ref().map(|era| era.as_slice()));
    Hash::of_parts(&parts)
}

/// What a repeat does at the callee; `Once` is never resent blindly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Changes nothing there: may be repeated at will.
    Query,
    /// The callee keeps its answer under the action's id: may be repeated.
    Keyed,
    /// Started at most once; an unknown outcome goes to an enquiry or a person.
    Once,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenAction {
    pub id: ActionId,
    pub token: TokenId,
    pub step: String,
    pub activation: u32,
    pub index: u32,
    /// 1 at first; a retry keeps the id and raises this number.
    pub attempt: u32,
    pub effect: Effect,
    /// The host performs it not before this moment (a retry after backoff).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Time>,
    /// The host gives up and completes it as unavailable after this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
    pub request: Request,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Request {
    CallRegistry {
        registry: String,
        operation: String,
        input: Value,
        /// Why the data is asked for, by language; the citizen reads it under "who looked at my data".
        purpose: BTreeMap<String, String>,
    },
    /// Identity says who has this number.
    ResolveParty {
        party: String,
        #[serde(flatten)]
        number: Number,
    },
    /// Payments evaluates the fee itself: the request carries inputs, never an amount.
    CreateIntent {
        fee: String,
        inputs: Box<crate::fees::Inputs>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Time>,
    },
    CloseIntent {
        intent: IntentId,
        reason: String,
    },
    Refund {
        intent: IntentId,
        /// Absent: everything captured and not yet refunded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        reason: String,
    },
    IssueDocument {
        document: String,
        language: String,
        /// What the template may read.
        input: Value,
        /// The document whose place it takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<DocumentId>,
        /// The revision whose template is used; absent: the case's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        template: Option<Hash>,
    },
    /// Signing says to everybody that a document does not count any more.
    RecallDocument {
        document: DocumentId,
        /// Code of the reason, as the definition declares it.
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaced_by: Option<DocumentId>,
    },
    Notify {
        notification: String,
        language: String,
        /// What the texts may read.
        input: Value,
        /// A party who is asked; absent: the applicant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recipient: Option<PersonId>,
    },
    Emit {
        event: String,
        attributes: Value,
    },
}

impl Request {
    /// An event is published in the transition's own transaction: nothing completes it.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Emit { .. })
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::CallRegistry { .. } => "call-registry",
            Self::ResolveParty { .. } => "resolve-party",
            Self::CreateIntent { .. } => "create-intent",
            Self::CloseIntent { .. } => "close-intent",
            Self::Refund { .. } => "refund",
            Self::IssueDocument { .. } => "issue-document",
            Self::RecallDocument { .. } => "recall-document",
            Self::Notify { .. } => "notify",
            Self::Emit { .. } => "emit",
        }
    }
}

/// Requests carry personal data: a log line shows only what kind it is.
impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What became of an action, as the host learned it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ActionResult {
    /// A registry's answer; `source` is shown beside each fact: `civil-status/find`.
    Answered {
        body: Value,
        source: String,
    },
    /// The registry holds nothing about what was asked.
    NotFound,
    /// Who has the number that was asked about.
    Person {
        person: PersonId,
    },
    Intent {
        intent: IntentId,
        state: IntentState,
        amount: Money,
        /// JSON from payments: formula, values, waiver, split.
        #[serde(default)]
        arithmetic: Value,
        /// What the case had paid above what is due now, on its way back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        refunds: Vec<BookedRefund>,
    },
    Refund {
        refund: RefundId,
        settled: bool,
        amount: Money,
    },
    Document {
        document: DocumentId,
        number: String,
        code: String,
    },
    /// Accepted: a notification queued, an event published, an intent asked to close.
    Done,
    /// No answer, or a refusal that may pass: tried again as the step's `retry` says, then `onUnavailable`/`onError`.
    Unavailable {
        code: String,
    },
    /// A refusal that repeating will not change.
    Refused {
        code: String,
    },
    /// A `once` effect whose outcome is not known: a person decides.
    Unknown {
        code: String,
    },
}

impl fmt::Debug for ActionResult {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { source, .. } => write!(out, "Answered({source})"),
            Self::NotFound => out.write_str("NotFound"),
            Self::Person { person } => write!(out, "Person({person})"),
            Self::Intent { intent, state, .. } => write!(out, "Intent({intent}, {state:?})"),
            Self::Refund { refund, settled, .. } => write!(out, "Refund({refund}, settled: {settled})"),
            Self::Document { document, .. } => write!(out, "Document({document})"),
            Self::Done => out.write_str("Done"),
            Self::Unavailable { code } => write!(out, "Unavailable({code})"),
            Self::Refused { code } => write!(out, "Refused({code})"),
            Self::Unknown { code } => write!(out, "Unknown({code})"),
        }
    }
}

/// Money of an earlier intent that payments gives back by itself, because less is due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedRefund {
    pub intent: IntentId,
    pub refund: RefundId,
    pub amount: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IntentState {
    Open,
    Captured,
    Expired,
    Cancelled,
    /// Nothing is due: waived, or what was paid before covers it.
    Waived,
}

impl IntentState {
    /// From the word payments uses on the bus.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "open" => Some(Self::Open),
            "captured" => Some(Self::Captured),
            "expired" => Some(Self::Expired),
            "cancelled" => Some(Self::Cancelled),
            "waived" => Some(Self::Waived),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_of_another_life_has_another_id_and_one_of_the_first_the_id_it_always_had() {
        let case = CaseId::from_bytes([1; 16]);
        let always = Hash::of_parts(&[
            b"xizmat action",
            case.as_bytes(),
            &2_u32.to_be_bytes(),
            &3_u32.to_be_bytes(),
            &4_u32.to_be_bytes(),
        ]);
        assert_eq!(action_id(case, 2, 3, 4, 0), always);
        let lives = [0, 1, 2].map(|era| action_id(case, 2, 3, 4, era));
        assert!(lives[0] != lives[1] && lives[1] != lives[2]);
    }
}
