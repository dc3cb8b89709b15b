//! Records a case keeps: what was paid, asked of officers, decided, issued and told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use api::Span;
use kernel::{
    Hash, Money, Time,
    id::{CaseId, DocumentId, IntentId, PersonId, RefundId, TaskId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{HeldFact, Source, TokenId};
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
    /// A refund was asked for; it pays for nothing else any more.
    pub refund_asked: bool,
    /// The code with which payments refused what was asked for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_refused: Option<String>,
    /// Payments' own refund ids that were counted.
    pub refunds: BTreeSet<RefundId>,
    /// What payments gives back because less is due now, until it is settled.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub owed: BTreeMap<RefundId, Money>,
    pub arithmetic: Value,
    pub opened: Time,
}

impl Payment {
    /// The code with which payments refused to give it back, as long as it is not.
    pub fn refused(&self) -> Option<&str> {
        self.refund_refused.as_deref().filter(|_| self.refunded.minor < self.captured.minor)
    }
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
    /// The time that the definition gave this case when it opened: by its unit the clock goes on after a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Span>,
    pub escalated: bool,
    pub closed: Option<Time>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Of a task of two officers: what the first of them proposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
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

    /// The proposal that waits for a second officer; one that was sent back waits for its author again.
    pub fn proposed(&self) -> Option<&Proposal> {
        self.proposal.as_ref().filter(|proposal| proposal.sent_back.is_none())
    }

    /// Whether this officer may check what is proposed: nobody is their own second.
    pub fn admit_second(&self, officer: PersonId) -> Result<(), Refusal> {
        match self.proposed() {
            Some(proposal) if proposal.officer == officer => Err(Refusal::conflict(
                "task.own-proposal",
                "You proposed this decision yourself. Another officer of the role has to check it.",
            )),
            _ => Ok(()),
        }
    }
}

/// What the first of two officers decides: nothing of it is in force before a second one agrees.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    pub outcome: String,
    pub reasons: Vec<String>,
    pub note: String,
    pub marked: BTreeMap<String, String>,
    pub officer: PersonId,
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_back: Option<SentBack>,
}

/// Notes may name people: a log line shows only what is proposed.
impl std::fmt::Debug for Proposal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Proposal({}, sent back: {})", self.outcome, self.sent_back.is_some())
    }
}

/// The second officer does not agree, and says why.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SentBack {
    pub officer: PersonId,
    pub note: String,
    pub at: Time,
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
    /// The second officer, who checked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<PersonId>,
    /// What had been proposed when the deadline decided, and nobody had checked yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overtaken: Option<Overtaken>,
    pub at: Time,
}

/// What the first of two officers had proposed before the time was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overtaken {
    pub officer: PersonId,
    pub outcome: String,
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
    /// What the new one says otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Slip>,
    /// The one that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<DocumentId>,
    pub officer: PersonId,
    /// Who agreed, where two officers do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<PersonId>,
    pub at: Time,
    /// Of a proposal to withdraw what is being replaced: the replacement, which goes on until somebody agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Box<Recall>>,
}

impl IssuedDocument {
    /// The order by which a new one is being made for it.
    pub fn replacing(&self) -> Option<&Recall> {
        let recall = self.recall.as_ref()?;
        recall.over.as_deref().or((recall.state == RecallState::Replacing).then_some(recall))
    }
}

/// A slip in a document, and what stands in the new one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// Where templates find it: `data.marriage.date`, `facts.record.place`.
    pub at: String,
    pub old: Value,
    pub new: Value,
}

/// The values are a person's.
impl fmt::Debug for Slip {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Slip({})", self.at)
    }
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

/// An officer wants a step that failed to be tried again: nothing happens before another one agrees.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RetryAsked {
    pub by: PersonId,
    pub reason: String,
    pub at: Time,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceivedMessage {
    pub name: String,
    pub body: Value,
    pub at: Time,
    /// A `wait` step took it.
    pub taken: bool,
}

/// The ended case that this one was begun from, as it was then.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    pub case_id: CaseId,
    pub number: String,
    pub outcome: String,
    pub ended: Time,
    /// The decision that ended it, where a person or a deadline decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<OfficerDecision>,
    /// Officers who decided it: none of them works on what is begun from it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub decided_by: BTreeSet<PersonId>,
    /// Whoever acted for its applicant or was asked in it: an officer among them works on neither.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub took_part: BTreeSet<PersonId>,
}

impl Origin {
    /// Officers who do not work on what is begun from it.
    pub fn kept_off(&self) -> impl Iterator<Item = &PersonId> {
        self.decided_by.union(&self.took_part)
    }
}

/// What a case takes over from the one it was begun from.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    pub answers: BTreeMap<String, String>,
    pub data: Value,
    pub prefill: BTreeMap<String, HeldFact>,
    pub disputed: BTreeSet<String>,
    pub facts: Map<String, Value>,
    pub sources: BTreeMap<String, Source>,
}

/// How a case began that did not begin with the service's own form.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// Name of the definition's start.
    pub start: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Of what came on paper: who took it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_in: Option<TakenIn>,
    /// Of what nobody applied for: the event that began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Announced>,
    pub carried: Carried,
}

/// The event of an agency that began a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub agency: String,
    pub event: String,
    /// Under which the agency announced it.
    pub id: String,
    /// When the platform took it.
    pub at: Time,
}

/// How an officer began it: on paper, and what the applicant signed lies where this says; or ex officio, without an applicant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenIn {
    pub officer: PersonId,
    /// Who had it before, and left it lying: they typed of it, too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub before: BTreeSet<PersonId>,
    /// The role in which they did.
    pub role: String,
    /// The number under which the signed original is kept; ex officio there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub original: String,
    /// A keyed hash of whose paper it is and of that number, by which a paper that comes a second time is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Hash>,
    /// When it was handed in: from then on the law counts, not from when somebody came to type it. Ex officio nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Time>,
    /// Why it was begun ex officio.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Identity does not know the applicant, if there is one: nobody is written to, and nobody sees it in the portal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unidentified: bool,
    /// How whoever signed can be reached until it is known who they are, as it was typed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// Of a paper of which it was not known whose it is: what is known by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// With which notification whoever is identified later is told, as the service said when it was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
}

/// How far it is known whose paper it is. It is sent only when two officers have said the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    NotYet,
    /// By one officer.
    Said {
        person: PersonId,
        officer: PersonId,
        at: Time,
    },
    Known {
        at: Time,
    },
}

/// What the last move of a draft to another revision changed for whoever fills it in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    pub at: Time,
    /// Answers that nothing asks for now, by their path: kept until the draft is sent, because a revision may be taken back.
    pub dropped: BTreeMap<String, Dropped>,
    /// Answers that were right before and are not now: path → code.
    pub invalid: BTreeMap<String, String>,
    /// Fields that the form did not ask for before.
    pub added: BTreeSet<String>,
    /// The person has gone on in the form since.
    pub told: bool,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    pub answer: String,
    /// The revision that asked for it, which knows its words.
    pub revision: Hash,
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
