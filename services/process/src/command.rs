//! What may be asked of a case. The host has checked who asks; whether the case can do it is judged by `decide`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use kernel::{
    Language, Money, Time,
    id::{CaseId, DocumentId, IntentId, PersonId, RefundId, TaskId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    action::{ActionId, ActionResult},
    case::{Announced, Applicant, Beginning, Enclosed, Mandate, TokenId},
    evidence::FileReference,
    timer::TimerId,
};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Command {
    /// The first command of a case that starts with a form.
    OpenDraft {
        case_id: CaseId,
        applicant: Applicant,
        language: Language,
        /// `web`, `case`, `paper`, `ex-officio`.
        channel: String,
        /// Absent: with the service's own form.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beginning: Option<Box<Beginning>>,
    },
    /// The first command of a case that an agency's event begins: it runs at once, and nobody has sent it.
    BeginFromEvent {
        case_id: CaseId,
        applicant: Applicant,
        language: Language,
        number: String,
        /// Name of the definition's start.
        start: String,
        announced: Announced,
        /// What the event says.
        said: Value,
    },
    /// Keeps what was typed on one page, valid or not. An empty text is an absent answer.
    SaveAnswers {
        page: String,
        values: BTreeMap<String, String>,
        /// Prefilled facts of this page that the person says are wrong.
        disputed: BTreeSet<String>,
        /// Hash of what the page held when the form was shown; none where nobody was shown one.
        shown: Option<kernel::Hash>,
    },
    /// Attaches a file that lies with the host to a field of a page.
    AttachFile {
        page: String,
        at: String,
        file: FileReference,
    },
    RemoveFile {
        page: String,
        at: String,
        file: kernel::Hash,
    },
    /// What a registry said for the fields of a form that name this operation in `prefill`.
    RecordPrefill {
        registry: String,
        operation: String,
        result: PrefillResult,
    },
    /// The draft follows the revision that is in force now; another command that meets it does so, too.
    MoveDraft {
        /// Paths of the fields that the form asked for until now; absent where the host could not read that revision.
        asked_before: Option<BTreeSet<String>>,
    },
    DiscardDraft,
    /// Another officer goes on with what one took in on paper and left lying.
    TakeOver {
        officer: PersonId,
        role: String,
    },
    /// An officer says whose paper it is, of which that was not known; a second one says the same.
    Identify {
        /// As identity knows them.
        applicant: Box<Applicant>,
        /// By which their paper is known if it comes a second time.
        mark: Option<kernel::Hash>,
        officer: PersonId,
    },
    /// Submits a draft, or sends a returned application in again.
    Submit {
        /// The number people quote; given by the host at the first submission, ignored later.
        number: String,
        /// SHA-256 over exactly what the person saw; kept as evidence.
        shown_hash: kernel::Hash,
        by: PersonId,
        language: Language,
        /// What the registry says now of the mandate under which a representative submits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mandate: Option<Mandate>,
        /// The sign-in under which it is sent; none where nobody signs in, as in a scenario.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed_in: Option<SignedIn>,
    },
    /// The registry no longer says that the mandate is in force for this case.
    EndMandate {
        reason: String,
    },
    /// A party who is asked keeps what they typed on one page of their form.
    SavePartyAnswers {
        by: PersonId,
        page: String,
        values: BTreeMap<String, String>,
        /// Hash of what the page held when it was shown.
        shown: kernel::Hash,
    },
    /// A party who is asked agrees: what they answered becomes part of the application.
    Consent {
        by: PersonId,
        /// Whoever does it: of a company, who directs it now.
        actor: PersonId,
        /// SHA-256 over exactly what the person saw; kept as evidence.
        shown_hash: kernel::Hash,
        language: Language,
    },
    /// A party who is asked does not agree.
    Decline {
        by: PersonId,
        actor: PersonId,
    },
    CompleteAction {
        action_id: ActionId,
        result: ActionResult,
    },
    /// Payments' verdict on an intent, by event; may come before, after or instead of the reply to `CloseIntent`.
    PaymentVerdict {
        intent: IntentId,
        verdict: Verdict,
    },
    RefundSettled {
        intent: IntentId,
        refund: RefundId,
        amount: Money,
    },
    DecideTask {
        task: TaskId,
        outcome: String,
        reasons: Vec<String>,
        note: String,
        /// Fields to correct, with the officer's note, for an outcome that returns the application.
        marked: BTreeMap<String, String>,
        officer: PersonId,
    },
    /// A second officer agrees to what is proposed: it is decided.
    ConfirmTask {
        task: TaskId,
        officer: PersonId,
    },
    /// A second officer does not agree: whoever proposed has the task again until `until`.
    SendBackTask {
        task: TaskId,
        officer: PersonId,
        note: String,
        until: Time,
    },
    /// An officer takes a task: nobody else decides it before `until`.
    ClaimTask {
        task: TaskId,
        officer: PersonId,
        until: Time,
    },
    /// An officer gives a task back, or `by` takes it back from them; absent: their role ended.
    ReleaseTask {
        task: TaskId,
        officer: PersonId,
        by: Option<PersonId>,
    },
    /// Whoever leads the office gives a task to an officer, whoever has it now.
    AssignTask {
        task: TaskId,
        officer: PersonId,
        by: PersonId,
        until: Time,
    },
    /// The officer who has a task asks the applicant something.
    AskApplicant {
        task: TaskId,
        officer: PersonId,
        text: String,
    },
    /// An officer asks another agency for its opinion, of which the host knows that it lends officers for it.
    RequestOpinion {
        task: TaskId,
        agency: String,
        role: String,
        text: String,
        pages: Vec<String>,
        officer: PersonId,
    },
    /// An officer writes something down for colleagues.
    AddNote {
        task: TaskId,
        officer: PersonId,
        text: String,
    },
    /// A file that lies with the host goes out with the next question of a task, or with the answer to one.
    Enclose {
        of: Enclosed,
        file: FileReference,
        by: PersonId,
    },
    RemoveEnclosed {
        of: Enclosed,
        file: kernel::Hash,
        by: PersonId,
    },
    /// Whoever has the task takes a question back that nobody answered yet.
    TakeBackQuestion {
        task: TaskId,
        number: u32,
        officer: PersonId,
    },
    /// The applicant answers, or who acts for them.
    AnswerQuestion {
        number: u32,
        text: String,
        by: PersonId,
    },
    FireTimer {
        timer: TimerId,
    },
    /// Payments was restored to a moment before it made this intent: nobody can pay it any more.
    PaymentLost {
        intent: IntentId,
    },
    /// A message for a `wait` step, from an agency's system or another service.
    ReceiveMessage {
        name: String,
        body: Value,
    },
    /// The applicant takes the application back, as long as nothing was decided.
    Withdraw {
        by: PersonId,
    },
    /// An officer withdraws an issued document, or has it replaced by a new one with the same content; where two do that, the
    /// second gives the same command as the first.
    RecallDocument {
        document: DocumentId,
        reason: String,
        note: String,
        replace: bool,
        /// What was typed for the new one in place of a slip, by the path at which templates find it.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        corrections: BTreeMap<String, String>,
        officer: PersonId,
    },
    /// Two persons of the agency had many documents issued again, by the template of another revision of the service: this is one of them.
    ReissueDocument {
        document: DocumentId,
        reason: String,
        officer: PersonId,
        second: PersonId,
        template: kernel::Hash,
    },
    /// A step that could not go on is tried again: the first who says so asks for it, another one agrees.
    RetryStep {
        token: TokenId,
        by: PersonId,
        reason: String,
    },
}

impl Command {
    pub fn name(&self) -> &'static str {
        match self {
            Self::OpenDraft { .. } => "open-draft",
            Self::BeginFromEvent { .. } => "begin-from-event",
            Self::SaveAnswers { .. } => "save-answers",
            Self::AttachFile { .. } => "attach-file",
            Self::RemoveFile { .. } => "remove-file",
            Self::RecordPrefill { .. } => "record-prefill",
            Self::MoveDraft { .. } => "move-draft",
            Self::DiscardDraft => "discard-draft",
            Self::TakeOver { .. } => "take-over",
            Self::Identify { .. } => "identify",
            Self::Submit { .. } => "submit",
            Self::EndMandate { .. } => "end-mandate",
            Self::SavePartyAnswers { .. } => "save-party-answers",
            Self::Consent { .. } => "consent",
            Self::Decline { .. } => "decline",
            Self::CompleteAction { .. } => "complete-action",
            Self::PaymentVerdict { .. } => "payment-verdict",
            Self::RefundSettled { .. } => "refund-settled",
            Self::PaymentLost { .. } => "payment-lost",
            Self::DecideTask { .. } => "decide-task",
            Self::ConfirmTask { .. } => "confirm-task",
            Self::SendBackTask { .. } => "send-back-task",
            Self::ClaimTask { .. } => "claim-task",
            Self::ReleaseTask { .. } => "release-task",
            Self::AssignTask { .. } => "assign-task",
            Self::AskApplicant { .. } => "ask-applicant",
            Self::RequestOpinion { .. } => "request-opinion",
            Self::AddNote { .. } => "add-note",
            Self::Enclose { .. } => "enclose",
            Self::RemoveEnclosed { .. } => "remove-enclosed",
            Self::TakeBackQuestion { .. } => "take-back-question",
            Self::AnswerQuestion { .. } => "answer-question",
            Self::FireTimer { .. } => "fire-timer",
            Self::ReceiveMessage { .. } => "receive-message",
            Self::Withdraw { .. } => "withdraw",
            Self::RecallDocument { .. } => "recall-document",
            Self::ReissueDocument { .. } => "reissue-document",
            Self::RetryStep { .. } => "retry-step",
        }
    }
}

/// Commands carry personal data: a log line shows only which one it is.
impl fmt::Debug for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// When a person signed in, and how surely they are known since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub at: Time,
    /// `low`, `substantial`, `high`.
    pub assurance: String,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PrefillResult {
    Found {
        body: Value,
    },
    NotFound,
    /// The form is filled in by hand; nobody waits for a registry to open a form.
    Unavailable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    Captured { amount: Money, at: Time },
    Expired,
    Cancelled,
}
