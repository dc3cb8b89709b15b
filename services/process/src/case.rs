//! The state of a case: everything `decide` may look at, rebuilt from events by `apply` alone.

mod records;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use kernel::{
    Hash, Language, Time,
    id::{CaseId, IntentId, PersonId, TaskId},
};
pub use records::{
    Claim, Compensable, IssuedDocument, OfficerDecision, Payment, PaymentState, Recall, RecallState, ReceivedMessage,
    Task, TimelineEntry,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    action::{ActionId, OpenAction},
    timer::{Purpose, Timer, TimerId},
};

/// Version of this type's stored form; a reader upcasts older ones.
pub const STATE_VERSION: u16 = 1;

/// Numbered from 1 within a case; a token keeps its number while it moves.
pub type TokenId = u32;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseState {
    pub state_version: u16,
    pub case_id: CaseId,
    /// How many events made this state.
    pub events: u64,
    pub phase: Phase,
    /// Hash of the revision the case runs on; a draft moves on to a newer one.
    pub revision: Hash,
    /// Version of the engine's semantics the case was submitted under.
    pub semantics: u32,
    pub agency: String,
    pub service: String,
    pub number: Option<String>,
    pub channel: String,
    pub language: Language,
    pub applicant: Option<Applicant>,
    pub opened: Time,
    pub changed: Time,
    /// When a person last did something with the draft.
    pub touched: Time,
    pub submitted: Option<Time>,
    pub ended: Option<Time>,
    /// When the service promised its result.
    pub promised: Option<Time>,
    pub shown_hash: Option<Hash>,

    /// What was typed, field path → text, also when it is wrong.
    pub answers: BTreeMap<String, String>,
    /// The typed data of valid answers; after submission it satisfies the schema.
    pub data: Value,
    /// Facts a registry gave for fields, held here and never read back from a browser.
    pub prefill: BTreeMap<String, HeldFact>,
    /// `registry/operation` → what became of the prefill request.
    pub prefilled: BTreeMap<String, PrefillOutcome>,
    /// Prefilled fields of which the person says "this is wrong".
    pub disputed: BTreeSet<String>,
    /// Pages the person has been through (`form/page`).
    pub answered_pages: BTreeSet<String>,
    /// What an officer sent back, until it is submitted again.
    pub returned: Option<Returned>,

    /// Answers of registries to `call` steps, by the name the definition gives them; an object.
    pub facts: Value,
    pub sources: BTreeMap<String, Source>,

    pub tokens: BTreeMap<TokenId, Token>,
    pub next_token: TokenId,
    /// How often each step was entered.
    pub activations: BTreeMap<String, u32>,
    pub actions: BTreeMap<ActionId, OpenAction>,
    pub timers: BTreeMap<TimerId, Timer>,
    pub payments: BTreeMap<String, Vec<Payment>>,
    pub tasks: BTreeMap<TaskId, Task>,
    pub decisions: Vec<OfficerDecision>,
    pub documents: Vec<IssuedDocument>,
    /// Steps done that name a `compensate`, in the order they were done.
    pub compensable: Vec<Compensable>,
    pub messages: Vec<ReceivedMessage>,
    pub outcome: Option<String>,
    pub delivers: Vec<String>,
    pub timeline: Vec<TimelineEntry>,
}

impl CaseState {
    /// Before its first event.
    pub fn absent(case_id: CaseId) -> Self {
        Self {
            state_version: STATE_VERSION,
            case_id,
            events: 0,
            phase: Phase::Absent,
            revision: Hash::from_bytes([0; 32]),
            semantics: 0,
            agency: String::new(),
            service: String::new(),
            number: None,
            channel: String::new(),
            language: Language::default(),
            applicant: None,
            opened: Time::default(),
            changed: Time::default(),
            touched: Time::default(),
            submitted: None,
            ended: None,
            promised: None,
            shown_hash: None,
            answers: BTreeMap::new(),
            data: Value::Object(Map::new()),
            prefill: BTreeMap::new(),
            prefilled: BTreeMap::new(),
            disputed: BTreeSet::new(),
            answered_pages: BTreeSet::new(),
            returned: None,
            facts: Value::Object(Map::new()),
            sources: BTreeMap::new(),
            tokens: BTreeMap::new(),
            next_token: 1,
            activations: BTreeMap::new(),
            actions: BTreeMap::new(),
            timers: BTreeMap::new(),
            payments: BTreeMap::new(),
            tasks: BTreeMap::new(),
            decisions: Vec::new(),
            documents: Vec::new(),
            compensable: Vec::new(),
            messages: Vec::new(),
            outcome: None,
            delivers: Vec::new(),
            timeline: Vec::new(),
        }
    }

    /// What the case waits for, as one machine word for lists and pages.
    pub fn status(&self) -> &str {
        match self.phase {
            Phase::Absent => "absent",
            Phase::Draft => "draft",
            Phase::Discarded => "discarded",
            Phase::Ended => self.outcome.as_deref().unwrap_or("ended"),
            Phase::Running => {
                let waiting = self.tokens.values().map(|token| token.waiting.status());
                waiting.min_by_key(|(rank, _)| *rank).map_or("working", |(_, word)| word)
            }
        }
    }

    /// The phase the portal shows: `draft`, `running`, `returned`, `ended`, `discarded`.
    pub fn public_phase(&self) -> &'static str {
        match self.phase {
            Phase::Absent => "absent",
            Phase::Draft => "draft",
            Phase::Discarded => "discarded",
            Phase::Ended => "ended",
            Phase::Running if self.returned.is_some() => "returned",
            Phase::Running => "running",
        }
    }

    pub fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter(|task| task.closed.is_none())
    }

    /// The payment a person can make now.
    pub fn due_payment(&self) -> Option<&Payment> {
        self.payments.values().flatten().find(|payment| payment.state == PaymentState::Open)
    }

    /// When the step of the open payment stops waiting for it.
    pub fn pay_until(&self) -> Option<Time> {
        let step = &self.due_payment()?.step;
        let waiting = self.timers.values().filter(|timer| timer.purpose == Purpose::Timeout && timer.step == *step);
        waiting.map(|timer| timer.due).min()
    }

    /// The nearest deadline of an open task, else the promised date.
    pub fn due(&self) -> Option<Time> {
        let deadlines = self.open_tasks().filter_map(|task| task.due);
        deadlines.min().or(self.promised)
    }
}

/// Case state is personal data: a log line shows only which case and where it stands.
impl fmt::Debug for CaseState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case_id, events, .. } = self;
        write!(out, "Case({case_id}, {events} events, {})", self.status())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// No event yet.
    Absent,
    Draft,
    Running,
    Ended,
    Discarded,
}

/// Who applies, and what identity says about them for this case.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Applicant {
    pub person: PersonId,
    /// Who acts; another person than `person` when there is a mandate.
    pub actor: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Mandate>,
    /// `low`, `substantial`, `high`.
    pub assurance: String,
    /// `name`, `pinfl`, `birthDate`, `sex`, `phone`, `email`: what expressions read as `applicant.…`.
    pub profile: Map<String, Value>,
}

impl Applicant {
    /// Who acts for the person at this moment, if anybody does.
    pub fn represented_by(&self, now: Time) -> Option<PersonId> {
        let in_force = self.mandate.as_ref().is_some_and(|mandate| mandate.ended.is_none() && now < mandate.until);
        (in_force && self.actor != self.person).then_some(self.actor)
    }
}

/// The record by which somebody acts for the applicant, as a registry gave it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Mandate {
    /// `attorney`
    pub kind: String,
    /// The record's number.
    pub record: String,
    /// `registry/operation`
    pub source: String,
    /// The representative, by name and PINFL: the registry is asked about them again.
    pub representative: String,
    pub attorney: String,
    /// The moment after its last day.
    pub until: Time,
    /// When the registry was last heard for an event of this case.
    pub checked: Time,
    /// When, and why, it gave no right to this case any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<MandateEnd>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateEnd {
    pub at: Time,
    /// Code of the reason: `mandate.revoked`, `mandate.expired`, …
    pub reason: String,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldFact {
    pub value: Value,
    /// `registry/operation`
    pub source: String,
    pub read: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrefillOutcome {
    Found,
    NotFound,
    Unavailable,
}

/// Where a fact came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `registry/operation`
    pub source: String,
    pub read: Time,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Returned {
    /// Field path → the officer's note about it. Empty: the whole form is open.
    pub marked: BTreeMap<String, String>,
    pub reasons: Vec<String>,
    pub note: String,
    pub at: Time,
    /// Pages with marked fields that were saved since.
    pub corrected_pages: BTreeSet<String>,
}

/// A place where the case stands. A running case always has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub step: String,
    /// How many steps this token has entered: with the token it names one activation for ever.
    pub activation: u32,
    pub waiting: Waiting,
    /// The token of the `parallel` step this one works for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<TokenId>,
    /// Steps to go to before and instead of `next`: compensations in reverse order, then where the case goes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<String>,
    /// How many actions this activation has asked for.
    pub actions: u32,
}

/// What a token waits for: always something that has a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "kebab-case")]
pub enum Waiting {
    /// Between two steps, inside one decision; never left standing.
    Nothing,
    /// The applicant fills in or corrects a form.
    Applicant {
        form: String,
    },
    /// An action's result.
    Action {
        action: ActionId,
    },
    /// Payments' verdict.
    Payment {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intent: Option<IntentId>,
        /// Asked to close: the verdict may still be *captured*.
        closing: bool,
    },
    Task {
        task: TaskId,
    },
    /// Refunds to settle, one action each.
    Refunds {
        actions: BTreeSet<ActionId>,
    },
    /// A message or event from outside.
    Message {
        name: String,
    },
    /// A moment; the timer is in `timers`.
    Time,
    /// The branches of a `parallel` step.
    Branches {
        open: BTreeSet<TokenId>,
    },
    /// A step that cannot go on by itself: a person looks at it (`RetryStep`).
    Attention {
        code: String,
    },
}

impl Waiting {
    /// Lower ranks are more worth telling the applicant.
    fn status(&self) -> (u8, &'static str) {
        match self {
            Self::Applicant { .. } => (0, "returned"),
            Self::Payment { .. } => (1, "paying"),
            Self::Task { .. } => (2, "reviewing"),
            Self::Attention { .. } => (3, "delayed"),
            Self::Refunds { .. } => (4, "refunding"),
            Self::Message { .. } | Self::Time => (5, "waiting"),
            Self::Action { .. } => (6, "working"),
            Self::Branches { .. } | Self::Nothing => (7, "working"),
        }
    }
}
