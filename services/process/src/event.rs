//! What happened: the only thing that changes a case. Every value an expression, the clock or chance gave is recorded here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use kernel::{
    Hash, Language, Money, Time,
    id::{CaseId, DocumentId, IntentId, PersonId, RefundId, TaskId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    action::{ActionId, IntentState, OpenAction},
    case::{Applicant, HeldFact, Mandate, PrefillOutcome, Source, TokenId, Waiting},
    timer::{Timer, TimerId},
};

/// Version of the stored form of events; older ones are upcast when read.
pub const EVENT_VERSION: u16 = 1;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub version: u16,
    pub at: Time,
    pub what: What,
}

impl Event {
    pub fn new(at: Time, what: What) -> Self {
        Self { version: EVENT_VERSION, at, what }
    }

    pub fn name(&self) -> &'static str {
        self.what.name()
    }
}

/// A stored event that this binary cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an event of a case cannot be read: {0}")]
pub struct UnreadableEvent(String);

/// Reads a stored event of any version up to this one; upcasters of older forms stand here. What is wrong is told without
/// the parser's own words, which could repeat a value.
pub fn read(stored: &[u8]) -> Result<Event, UnreadableEvent> {
    let value: Value = serde_json::from_slice(stored)
        .map_err(|error| UnreadableEvent(format!("no JSON at line {}, column {}", error.line(), error.column())))?;
    match value["version"].as_u64() {
        Some(1) => serde_json::from_value(value).map_err(|_| UnreadableEvent("its content does not fit".to_owned())),
        version => Err(UnreadableEvent(format!("its version {version:?} is not known to this binary"))),
    }
}

/// Events carry personal data: a log line shows only which one it is.
impl fmt::Debug for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at {}", self.name(), self.at)
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    DraftOpened {
        case_id: CaseId,
        revision: Hash,
        semantics: u32,
        agency: String,
        service: String,
        applicant: Applicant,
        language: Language,
        channel: String,
    },
    /// A draft moved on to another revision, with its answers.
    RevisionChosen {
        revision: Hash,
        semantics: u32,
    },
    AnswersSaved {
        /// `form/page`
        page: String,
        /// Texts as typed; absent means the answer was taken away.
        answers: BTreeMap<String, Option<String>>,
        /// The whole typed data after this page.
        data: Value,
        disputed: BTreeSet<String>,
        /// Whether the page had nothing wrong.
        complete: bool,
    },
    /// A file was attached to a field, or taken away.
    FilesChanged {
        /// `form/page`
        page: String,
        at: String,
        /// The whole list as the answer keeps it; absent: none is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
        data: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attached: Option<Hash>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        removed: Option<Hash>,
    },
    PrefillRecorded {
        /// `registry/operation`
        source: String,
        outcome: PrefillOutcome,
        facts: BTreeMap<String, HeldFact>,
        data: Value,
    },
    DraftDiscarded,
    /// The registry was asked again, and what it said is the mandate now.
    MandateConfirmed {
        mandate: Mandate,
    },
    /// The mandate gives no right to this case any more.
    MandateEnded {
        reason: String,
    },
    Submitted {
        number: String,
        data: Value,
        shown_hash: Hash,
        by: PersonId,
        language: Language,
        promised: Option<Time>,
    },
    Resubmitted {
        data: Value,
        shown_hash: Hash,
        by: PersonId,
        language: Language,
    },
    TokenMade {
        token: TokenId,
        parent: Option<TokenId>,
    },
    StepEntered {
        token: TokenId,
        step: String,
        activation: u32,
    },
    Waits {
        token: TokenId,
        waiting: Waiting,
    },
    /// `way` says how the step was left: `next`, `onTimeout`, an outcome's name, …
    StepLeft {
        token: TokenId,
        step: String,
        way: String,
        compensated_by: Option<String>,
    },
    TokenEnded {
        token: TokenId,
    },
    /// The token runs these compensations, the last done first, and goes on at the last name of the plan.
    CompensationBegun {
        token: TokenId,
        plan: Vec<String>,
    },
    ActionRequested {
        action: OpenAction,
    },
    ActionRetried {
        action: ActionId,
        attempt: u32,
        not_before: Time,
        code: String,
    },
    ActionClosed {
        action: ActionId,
        outcome: String,
    },
    TimerSet {
        timer: Timer,
    },
    TimerCancelled {
        timer: TimerId,
    },
    TimerFired {
        timer: TimerId,
    },
    IntentOpened {
        step: String,
        activation: u32,
        fee: String,
        intent: IntentId,
        state: IntentState,
        amount: Money,
        arithmetic: Value,
    },
    PaymentCaptured {
        intent: IntentId,
        amount: Money,
        paid_at: Time,
    },
    PaymentClosed {
        intent: IntentId,
        state: IntentState,
    },
    RefundAsked {
        intent: IntentId,
    },
    /// Less is due than was paid: payments gives back this much of an earlier intent.
    RefundBooked {
        intent: IntentId,
        refund: RefundId,
        amount: Money,
    },
    Refunded {
        intent: IntentId,
        refund: RefundId,
        amount: Money,
    },
    /// An answer of a registry under the name the definition gives it; null takes an older one away.
    FactsRecorded {
        step: String,
        name: String,
        value: Value,
        source: Source,
    },
    /// Paths of the data and what a `set` step put there.
    ValuesSet {
        step: String,
        values: Map<String, Value>,
    },
    /// A `decide` step chose: which rule, and what it saw.
    Chosen {
        step: String,
        rule: String,
        next: String,
    },
    TaskOpened {
        task: TaskId,
        step: String,
        activation: u32,
        token: TokenId,
        agency: String,
        role: String,
        office: Option<String>,
        due: Option<Time>,
    },
    TaskEscalated {
        task: TaskId,
    },
    TaskClaimed {
        task: TaskId,
        officer: PersonId,
        until: Time,
    },
    /// Whoever had it has it no longer. `by` is absent where the time was over or their role ended.
    TaskReleased {
        task: TaskId,
        officer: PersonId,
        by: Option<PersonId>,
    },
    TaskAssigned {
        task: TaskId,
        officer: PersonId,
        by: PersonId,
        until: Time,
    },
    TaskDecided {
        task: TaskId,
        outcome: String,
        reasons: Vec<String>,
        note: String,
        marked: BTreeMap<String, String>,
        officer: Option<PersonId>,
    },
    TaskWithdrawn {
        task: TaskId,
    },
    Returned {
        marked: BTreeMap<String, String>,
        reasons: Vec<String>,
        note: String,
    },
    DocumentIssued {
        name: String,
        document: DocumentId,
        number: String,
        code: String,
    },
    MessageReceived {
        name: String,
        body: Value,
    },
    MessageTaken {
        name: String,
    },
    Withdrawn {
        by: PersonId,
    },
    StepRetried {
        token: TokenId,
        by: PersonId,
        reason: String,
    },
    Ended {
        outcome: String,
        delivers: Vec<String>,
    },
}

impl What {
    pub fn name(&self) -> &'static str {
        match self {
            Self::DraftOpened { .. } => "draft-opened",
            Self::RevisionChosen { .. } => "revision-chosen",
            Self::AnswersSaved { .. } => "answers-saved",
            Self::FilesChanged { .. } => "files-changed",
            Self::PrefillRecorded { .. } => "prefill-recorded",
            Self::DraftDiscarded => "draft-discarded",
            Self::MandateConfirmed { .. } => "mandate-confirmed",
            Self::MandateEnded { .. } => "mandate-ended",
            Self::Submitted { .. } => "submitted",
            Self::Resubmitted { .. } => "resubmitted",
            Self::TokenMade { .. } => "token-made",
            Self::StepEntered { .. } => "step-entered",
            Self::Waits { .. } => "waits",
            Self::StepLeft { .. } => "step-left",
            Self::TokenEnded { .. } => "token-ended",
            Self::CompensationBegun { .. } => "compensation-begun",
            Self::ActionRequested { .. } => "action-requested",
            Self::ActionRetried { .. } => "action-retried",
            Self::ActionClosed { .. } => "action-closed",
            Self::TimerSet { .. } => "timer-set",
            Self::TimerCancelled { .. } => "timer-cancelled",
            Self::TimerFired { .. } => "timer-fired",
            Self::IntentOpened { .. } => "intent-opened",
            Self::PaymentCaptured { .. } => "payment-captured",
            Self::PaymentClosed { .. } => "payment-closed",
            Self::RefundAsked { .. } => "refund-asked",
            Self::RefundBooked { .. } => "refund-booked",
            Self::Refunded { .. } => "refunded",
            Self::FactsRecorded { .. } => "facts-recorded",
            Self::ValuesSet { .. } => "values-set",
            Self::Chosen { .. } => "chosen",
            Self::TaskOpened { .. } => "task-opened",
            Self::TaskEscalated { .. } => "task-escalated",
            Self::TaskClaimed { .. } => "task-claimed",
            Self::TaskReleased { .. } => "task-released",
            Self::TaskAssigned { .. } => "task-assigned",
            Self::TaskDecided { .. } => "task-decided",
            Self::TaskWithdrawn { .. } => "task-withdrawn",
            Self::Returned { .. } => "returned",
            Self::DocumentIssued { .. } => "document-issued",
            Self::MessageReceived { .. } => "message-received",
            Self::MessageTaken { .. } => "message-taken",
            Self::Withdrawn { .. } => "withdrawn",
            Self::StepRetried { .. } => "step-retried",
            Self::Ended { .. } => "ended",
        }
    }
}
