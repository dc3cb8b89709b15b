//! The process: named steps, each of exactly one kind, and where each goes next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Span,
    step::{Call, Decide, Emit, End, ForEach, Parallel, Set, Signature, Subprocess, Task, Wait},
};

/// Steps from application to end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Process {
    /// First step.
    pub start: String,
    /// CEL expression of the office that is responsible for a case, for example `officeFor(data.shop.soato)`. It is found when the
    /// application is sent; fees and steps then read it as `case.office.name` and `case.office.soato` (its areas).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// All steps.
    pub steps: Vec<Step>,
}

/// One step: a name, exactly one kind, and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Name of the step: what other steps go to.
    pub name: String,
    /// A person fills in the named form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// An officer decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The applicant pays the named fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// A registry of an agency is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// Rules choose the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decide: Option<Decide>,
    /// The named document is rendered and sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// A person signs a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// The named notification is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// The case waits for a time, an event or a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// The named payment steps are paid back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<Vec<String>>,
    /// An event is emitted for agencies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emit: Option<Emit>,
    /// Several branches run at once and meet at this step's `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel: Option<Parallel>,
    /// A branch runs for each item of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// Another service's process runs inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subprocess: Option<Subprocess>,
    /// Values of the data are set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Vec<Set>>,
    /// The case ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,

    /// Party that is asked. When left out: the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Notification that tells the party that they are asked. It must be mandatory and say nothing personal of the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
    /// Step to go to when the party declines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_declined: Option<String>,
    /// Step after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How long the step may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// Step to go to when it took longer. For a `call` without it: `onUnavailable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_timeout: Option<String>,
    /// Step to go to when a registry found nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_not_found: Option<String>,
    /// Step to go to when a registry did not answer in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_unavailable: Option<String>,
    /// How the step is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Step to go to when it failed for good. When left out, a person looks at the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_error: Option<String>,
    /// Step that undoes this one when the case is compensated. Where nobody knows whether this one was done, it is entered, too: it must
    /// bear that there is nothing to undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensate: Option<String>,
}

/// How a step is tried again; the pauses double and vary a little.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retry {
    /// How many times in all.
    pub attempts: u32,
    /// Pause after the first attempt.
    pub wait: Span,
    /// Longest pause. When left out: an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<Span>,
}

/// The one kind that a step has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepKind<'a> {
    /// Name of a form.
    Form(&'a str),
    /// An officer's task.
    Task(&'a Task),
    /// Name of a fee.
    Payment(&'a str),
    /// A registry call.
    Call(&'a Call),
    /// Rules.
    Decide(&'a Decide),
    /// Name of a document.
    Document(&'a str),
    /// A person's signature.
    Signature(&'a Signature),
    /// Name of a notification.
    Notify(&'a str),
    /// A wait.
    Wait(&'a Wait),
    /// Payment steps that are paid back.
    Refund(&'a [String]),
    /// An event.
    Emit(&'a Emit),
    /// Branches.
    Parallel(&'a Parallel),
    /// A branch an item.
    ForEach(&'a ForEach),
    /// Another process.
    Subprocess(&'a Subprocess),
    /// Values that are set.
    Set(&'a [Set]),
    /// The end.
    End(&'a End),
}

impl Step {
    /// Every kind that is set; a checked step has exactly one.
    pub fn kinds(&self) -> Vec<StepKind<'_>> {
        [
            self.form.as_deref().map(StepKind::Form),
            self.task.as_ref().map(StepKind::Task),
            self.payment.as_deref().map(StepKind::Payment),
            self.call.as_ref().map(StepKind::Call),
            self.decide.as_ref().map(StepKind::Decide),
            self.document.as_deref().map(StepKind::Document),
            self.signature.as_ref().map(StepKind::Signature),
            self.notify.as_deref().map(StepKind::Notify),
            self.wait.as_ref().map(StepKind::Wait),
            self.refund.as_deref().map(StepKind::Refund),
            self.emit.as_ref().map(StepKind::Emit),
            self.parallel.as_ref().map(StepKind::Parallel),
            self.for_each.as_ref().map(StepKind::ForEach),
            self.subprocess.as_ref().map(StepKind::Subprocess),
            self.set.as_deref().map(StepKind::Set),
            self.end.as_ref().map(StepKind::End),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The one kind; nothing when none or more than one is set.
    pub fn kind(&self) -> Option<StepKind<'_>> {
        let kinds = self.kinds();
        if kinds.len() == 1 { kinds.first().copied() } else { None }
    }
}

impl StepKind<'_> {
    /// Field of the step that holds this kind, as written in YAML.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Form(_) => "form",
            Self::Task(_) => "task",
            Self::Payment(_) => "payment",
            Self::Call(_) => "call",
            Self::Decide(_) => "decide",
            Self::Document(_) => "document",
            Self::Signature(_) => "signature",
            Self::Notify(_) => "notify",
            Self::Wait(_) => "wait",
            Self::Refund(_) => "refund",
            Self::Emit(_) => "emit",
            Self::Parallel(_) => "parallel",
            Self::ForEach(_) => "forEach",
            Self::Subprocess(_) => "subprocess",
            Self::Set(_) => "set",
            Self::End(_) => "end",
        }
    }
}
