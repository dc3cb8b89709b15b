//! The state of a case: everything `decide` may look at, rebuilt from events by `apply` alone.

mod applicant;
mod corrections;
mod enclosures;
mod notes;
mod office;
mod opinions;
mod parties;
mod questions;
mod records;
mod refunds;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

pub use applicant::{Applicant, Mandate, MandateEnd};
pub use corrections::{Before, Correction};
pub use enclosures::{Enclosed, Enclosure};
use kernel::{
    Hash, Language, Time,
    id::{CaseId, IntentId, PersonId, TaskId},
};
pub use notes::Note;
pub use office::CaseOffice;
pub use opinions::{GivenOpinion, OpinionRequest};
pub use parties::{KnownParty, Number, PartyAnswer, Subject};
pub use questions::{Answer, Question};
pub use records::{
    Announced, Beginning, Carried, Claim, Compensable, Dropped, Identity, IssuedDocument, Moved, OfficerDecision,
    Origin, Overtaken, Payment, PaymentState, Proposal, Recall, RecallState, ReceivedMessage, RetryAsked, SentBack,
    Slip, TakenIn, Task, TimelineEntry,
};
pub use refunds::AFTER_THE_END;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    action::{ActionId, OpenAction},
    command::Verdict,
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
    /// How it came: `web`, `case` where it was begun from another one, `paper` or `ex-officio` where an officer began it,
    /// `event` where nobody did.
    pub channel: String,
    /// Name of the definition's start by which it began; empty: the service's own form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub start: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_in: Option<TakenIn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Announced>,
    /// Who really sent it the first time: the applicant, whoever acts for them, or the officer who took it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<PersonId>,
    /// Whoever else sent it again or answered for the applicant: a company's other directors.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub acted: BTreeSet<PersonId>,
    pub language: Language,
    pub applicant: Option<Applicant>,
    /// Whoever else was asked, by the party's name in the definition.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parties: BTreeMap<String, KnownParty>,
    /// Whom the case is about and nobody asks, by the party's name in the definition.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subjects: BTreeMap<String, Subject>,
    pub opened: Time,
    pub changed: Time,
    /// When a person last did something with the draft.
    pub touched: Time,
    pub submitted: Option<Time>,
    pub ended: Option<Time>,
    /// When the service promised its result.
    pub promised: Option<Time>,
    /// Since when that promise is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached: Option<Time>,
    pub shown_hash: Option<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<CaseOffice>,

    /// What was typed, field path → text, also when it is wrong.
    pub answers: BTreeMap<String, String>,
    /// The typed data of valid answers; after submission it satisfies the schema.
    pub data: Value,
    /// Facts a registry gave for fields, held here and never read back from a browser.
    pub prefill: BTreeMap<String, HeldFact>,
    /// `registry/operation` → what became of the prefill request.
    pub prefilled: BTreeMap<String, PrefillOutcome>,
    /// What registries offer this person to choose from, by the list's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, Vec<Offered>>,
    /// Prefilled fields of which the person says "this is wrong".
    pub disputed: BTreeSet<String>,
    /// Pages the person has been through (`form/page`).
    pub answered_pages: BTreeSet<String>,
    /// What an officer sent back, until it is submitted again.
    pub returned: Option<Returned>,
    /// Of a later form that was not returned, how each field stood that was saved since, until it is sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unsent: BTreeMap<String, Before>,
    /// What was corrected the last time that an officer returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
    /// What the draft's last move to another revision changed, until it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,

    /// Answers of registries to `call` steps, by the name the definition gives them; an object.
    pub facts: Value,
    pub sources: BTreeMap<String, Source>,

    pub tokens: BTreeMap<TokenId, Token>,
    pub next_token: TokenId,
    /// Steps that failed and that an officer wants to be tried again, by their token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retries: BTreeMap<TokenId, RetryAsked>,
    /// What a step that failed asked for and nobody knows what came of: a write to a registry, a document, an intent. Only the same
    /// action is sent again, because whoever performed it answers it as they did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unanswered: BTreeMap<TokenId, OpenAction>,
    /// How often each step was entered.
    pub activations: BTreeMap<String, u32>,
    pub actions: BTreeMap<ActionId, OpenAction>,
    pub timers: BTreeMap<TimerId, Timer>,
    pub payments: BTreeMap<String, Vec<Payment>>,
    /// What payments said of intents before the case knew that there are any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: BTreeMap<IntentId, Verdict>,
    pub tasks: BTreeMap<TaskId, Task>,
    pub decisions: Vec<OfficerDecision>,
    /// What officers asked the applicant, in the order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// Files that lie ready for a question or an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enclosures: Vec<Enclosure>,
    /// What officers asked other agencies beside the process.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<OpinionRequest>,
    /// What officers wrote down for each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Since when the promised time stands still: a question is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Time>,
    pub documents: Vec<IssuedDocument>,
    /// What documents say otherwise since a slip was corrected, by the path at which templates find it. Answers and facts stay as they
    /// were when it was decided.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub corrected: BTreeMap<String, Value>,
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
            start: String::new(),
            origin: None,
            taken_in: None,
            announced: None,
            submitted_by: None,
            acted: BTreeSet::new(),
            language: Language::default(),
            applicant: None,
            parties: BTreeMap::new(),
            subjects: BTreeMap::new(),
            opened: Time::default(),
            changed: Time::default(),
            touched: Time::default(),
            submitted: None,
            ended: None,
            promised: None,
            breached: None,
            shown_hash: None,
            office: None,
            answers: BTreeMap::new(),
            data: Value::Object(Map::new()),
            prefill: BTreeMap::new(),
            prefilled: BTreeMap::new(),
            lists: BTreeMap::new(),
            disputed: BTreeSet::new(),
            answered_pages: BTreeSet::new(),
            returned: None,
            unsent: BTreeMap::new(),
            correction: None,
            moved: None,
            facts: Value::Object(Map::new()),
            sources: BTreeMap::new(),
            tokens: BTreeMap::new(),
            next_token: 1,
            retries: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            activations: BTreeMap::new(),
            actions: BTreeMap::new(),
            timers: BTreeMap::new(),
            payments: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            tasks: BTreeMap::new(),
            decisions: Vec::new(),
            questions: Vec::new(),
            enclosures: Vec::new(),
            requests: Vec::new(),
            notes: Vec::new(),
            paused: None,
            documents: Vec::new(),
            corrected: BTreeMap::new(),
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
                let waiting = self.tokens.values().map(|token| self.standing(&token.waiting));
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

    /// The nearest deadline of an open task of the case's own agency, else the promised date.
    pub fn due(&self) -> Option<Time> {
        let deadlines = self.own_tasks().filter_map(|task| task.due);
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

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldFact {
    pub value: Value,
    /// `registry/operation`
    pub source: String,
    pub read: Time,
}

/// An entry of a list that a registry offers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// The word that a browser sends for it; it says nothing about the entry.
    pub choice: String,
    /// What the data keeps.
    pub value: String,
    pub label: String,
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
    /// How each field stood that was saved since.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub before: BTreeMap<String, Before>,
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

impl Token {
    /// Whether it asked for this where it stands now.
    pub fn asked_for(&self, action: &OpenAction) -> bool {
        self.id == action.token && self.step == action.step && self.activation == action.activation
    }
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
    /// Another party answers a form, or declines to.
    Party {
        party: String,
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
            Self::Party { .. } => (2, "asking"),
            Self::Task { .. } => (3, "reviewing"),
            Self::Attention { .. } => (4, "delayed"),
            Self::Refunds { .. } => (5, "refunding"),
            Self::Message { .. } | Self::Time => (6, "waiting"),
            Self::Action { .. } => (7, "working"),
            Self::Branches { .. } | Self::Nothing => (8, "working"),
        }
    }
}
