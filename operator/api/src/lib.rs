//! The resources people write: what a ServiceDefinition, an Agency, a Registry and a Grant say, and nothing about how they run.
//!
//! Every type refuses unknown fields and carries its explanation, because the same words become the JSON Schema for
//! editors, the CRD and `kubectl explain`. What people see in an order is a list with names.

mod access;
mod agency;
mod data;
mod definition;
mod document;
mod eligibility;
mod fee;
mod form;
mod grant;
mod level;
mod lookup;
mod notification;
mod prescribed;
mod process;
mod registry;
mod resource;
mod revision;
mod rollout;
mod span;
mod step;
mod text;

pub use access::{
    Access, Assurance, EffectiveFrom, FromCase, FromEvent, FromEventValue, Identified, Intake, LegalBasis, Mandate,
    MandateKind, Party, PartyKind, Start, StartKind, Submission,
};
pub use agency::{Account, Agency, AgencySpec, ClosedDay, Engineer, LifeEvent, Office, PublicKey, Publication};
pub use data::{Concept, Data, Retention};
pub use definition::{Audience, Level, Metadata, RevisionState, ServiceDefinition, Spec};
pub use document::{Correctable, Document, Recall};
pub use eligibility::{Eligibility, EligibilityOutcome, EligibilityQuestion, EligibilityRule};
pub use fee::{Earned, Fee, Share, Waiver};
pub use form::{Check, Choice, EntryField, Evidence, Field, Form, Input, Layout, OfferedList, Page, Prefill, Repeat};
pub use grant::{Grant, GrantRequest, GrantSpec, GrantedTo};
pub use level::{Deployment, EmittedEvent, Integration, Isolation, RegistryUse, Replicas, Resources, ServiceLevel};
pub use lookup::Outgoing;
pub use notification::{Channel, Delivery, MessageClass, Notification};
pub use prescribed::PrescribedForm;
pub use process::{Process, Retry, Step, StepKind};
pub use registry::{AnswerField, Example, Operation, OperationKind, Registry, RegistrySpec, Sensitivity};
pub use resource::{Kind, Resource};
pub use revision::{Changed, RevisionSpec, ServiceRevision};
pub use rollout::{Backtest, OnBadHealth, Percent, PercentError, Rollout};
pub use span::{Span, SpanError, Unit};
pub use step::{
    Branch, Call, Case, Collect, CollectBy, Deadline, Decide, Emit, End, ForEach, Hit, Join, OnDeadline, Outcome,
    Parallel, Questions, Reason, Reminder, Set, Signature, Subprocess, Table, TableInput, TableRule, Task, Term, Wait,
};
pub use text::{Reviewed, Text, Texts};

/// Version of every resource in this crate.
pub const API_VERSION: &str = "xizmat.dev/v1alpha1";

/// Leaves a value out of the written form when it says nothing beyond the default, so that both spellings hash the same.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
