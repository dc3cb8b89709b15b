//! Everything that can happen to a case.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Hash, Language, Money, Time,
    id::{CaseId, DocumentId, IntentId, PersonId, RefundId, TaskId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Chosen, CompensationBegun, CorrectionForgotten, Declared, DocumentUnwanted, DraftMoved, TaskOpened, VerdictKept,
};
use crate::{
    action::{ActionId, IntentState, OpenAction},
    case::{
        Applicant, Beginning, CaseOffice, Enclosed, HeldFact, Mandate, Number, Offered, Overtaken, PrefillOutcome,
        Slip, Source, TokenId, Waiting,
    },
    evidence::FileReference,
    timer::{Timer, TimerId},
};

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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beginning: Option<Box<Beginning>>,
    },
    /// A draft without a form moved on to another revision; before `DraftMoved`, one with a form did so, too.
    RevisionChosen {
        revision: Hash,
        semantics: u32,
    },
    DraftMoved(DraftMoved),
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
        /// By the list's name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        lists: BTreeMap<String, Vec<Offered>>,
        data: Value,
    },
    DraftDiscarded,
    /// Another officer goes on with what came on paper.
    TakenOver {
        officer: PersonId,
        role: String,
    },
    /// One officer says whose paper it is.
    IdentitySaid {
        person: PersonId,
        officer: PersonId,
    },
    /// Another one said the same: from now on the application is that person's.
    Identified {
        applicant: Box<Applicant>,
        mark: Option<Hash>,
        officers: [PersonId; 2],
    },
    /// The registry was asked again, and what it said is the mandate now.
    MandateConfirmed {
        mandate: Mandate,
    },
    /// The mandate gives no right to this case any more.
    MandateEnded {
        reason: String,
    },
    /// A party besides the applicant is known by person and asked to fill a form in.
    PartyAsked {
        party: String,
        person: PersonId,
        #[serde(flatten)]
        number: Number,
        step: String,
        form: String,
        /// What somebody else answered who was asked as this party before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        forgotten: Vec<String>,
    },
    PartyConsented {
        party: String,
        by: PersonId,
        /// Who answered for the company.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        actor: Option<PersonId>,
        data: Value,
        shown_hash: Hash,
        language: Language,
    },
    PartyDeclined {
        party: String,
        by: PersonId,
        /// Who answered for the company.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        actor: Option<PersonId>,
        /// Fields whose answers are not kept.
        forgotten: Vec<String>,
    },
    /// The party did not answer as long as anybody waited for it.
    PartyLapsed {
        party: String,
        forgotten: Vec<String>,
    },
    /// A party whom nobody asks is named in the case: identity is asked who has the number.
    SubjectNamed {
        party: String,
        #[serde(flatten)]
        number: Number,
    },
    /// Identity said who they are.
    SubjectKnown {
        party: String,
        person: PersonId,
    },
    /// An agency's event began the case: it runs from then on, and nobody has sent it.
    Begun {
        number: String,
        /// The whole data: what the event gave.
        data: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promised: Option<Time>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        office: Option<CaseOffice>,
    },
    Submitted {
        number: String,
        data: Value,
        shown_hash: Hash,
        by: PersonId,
        language: Language,
        promised: Option<Time>,
        /// Files of questions that a newer revision did not ask any more.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        forgotten: BTreeSet<Hash>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        office: Option<CaseOffice>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        declared: Option<Declared>,
    },
    Resubmitted {
        data: Value,
        shown_hash: Hash,
        by: PersonId,
        language: Language,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        office: Option<CaseOffice>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        declared: Option<Declared>,
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
    CompensationBegun(CompensationBegun),
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
    VerdictKept(VerdictKept),
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
    /// Payments will not give it back as it was asked: it stays owed until somebody has it tried again.
    RefundRefused {
        intent: IntentId,
        code: String,
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
    Chosen(Chosen),
    TaskOpened(TaskOpened),
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
        /// Who checked it, where two officers decide.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<PersonId>,
        /// The deadline decided while this waited for a second officer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overtaken: Option<Overtaken>,
    },
    /// The first of two officers said what they would decide; the case goes nowhere yet.
    TaskProposed {
        task: TaskId,
        outcome: String,
        reasons: Vec<String>,
        note: String,
        marked: BTreeMap<String, String>,
        officer: PersonId,
    },
    /// The second officer does not agree: whoever proposed has the task again until then.
    TaskSentBack {
        task: TaskId,
        officer: PersonId,
        note: String,
        until: Time,
    },
    TaskWithdrawn {
        task: TaskId,
        /// The promised time, where it stood still for a question in the task.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promised: Option<Time>,
    },
    /// The applicant is asked: the task's clock stops, and so does the promised time.
    QuestionAsked {
        task: TaskId,
        number: u32,
        text: String,
        officer: PersonId,
        until: Time,
        /// The deadline, should the answer come at its last moment; absent where no time ran.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileReference>,
    },
    /// The clocks that stood still go on, up to these moments.
    QuestionAnswered {
        number: u32,
        text: String,
        by: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promised: Option<Time>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileReference>,
    },
    /// A file lies ready for a question or an answer, or does so no longer.
    EnclosuresChanged {
        of: Enclosed,
        /// All that lie ready for it now.
        files: Vec<FileReference>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attached: Option<Hash>,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        removed: BTreeSet<Hash>,
    },
    /// No answer came in time.
    QuestionLapsed {
        number: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promised: Option<Time>,
    },
    /// The promised time is over, and the case is not.
    PromiseBroken {
        promised: Time,
    },
    /// An officer took it back before it was answered.
    QuestionTakenBack {
        number: u32,
        officer: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Time>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promised: Option<Time>,
    },
    /// An officer asks another agency for its opinion, beside the process; until then it can be given.
    OpinionRequested {
        id: TaskId,
        task: TaskId,
        agency: String,
        role: String,
        text: String,
        /// Keys of the pages that it shows.
        pages: Vec<String>,
        officer: PersonId,
        until: Time,
    },
    OpinionGiven {
        id: TaskId,
        outcome: String,
        note: String,
        officer: PersonId,
    },
    OpinionLapsed {
        id: TaskId,
    },
    NoteAdded {
        task: TaskId,
        text: String,
        officer: PersonId,
    },
    Returned {
        marked: BTreeMap<String, String>,
        reasons: Vec<String>,
        note: String,
    },
    CorrectionForgotten(CorrectionForgotten),
    DocumentIssued {
        name: String,
        document: DocumentId,
        number: String,
        code: String,
    },
    DocumentUnwanted(DocumentUnwanted),
    /// The first of two officers wants to withdraw or replace a document.
    DocumentRecallProposed {
        document: DocumentId,
        reason: String,
        note: String,
        replace: bool,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        corrections: Vec<Slip>,
        officer: PersonId,
    },
    /// It is withdrawn; one that is replaced is so when the new one is there.
    DocumentRecalled {
        document: DocumentId,
        reason: String,
        note: String,
        replace: bool,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        corrections: Vec<Slip>,
        officer: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<PersonId>,
    },
    DocumentReplaced {
        document: DocumentId,
        by: DocumentId,
    },
    /// No new one could be made: the old one stays as it is.
    DocumentKept {
        document: DocumentId,
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
    /// The first of two officers wants a step that failed to be tried again.
    StepRetryAsked {
        token: TokenId,
        by: PersonId,
        reason: String,
    },
    StepRetried {
        token: TokenId,
        by: PersonId,
        reason: String,
        /// Who agreed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<PersonId>,
    },
    Ended {
        outcome: String,
        delivers: Vec<String>,
    },
}
