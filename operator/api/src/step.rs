//! What each kind of step says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{LegalBasis, Span, Text, is_default};

/// An officer decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Task {
    /// What the officer reads in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Agency whose officers decide. When left out: the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// CEL expression of the office, for example `officeFor(data.marriage.office)`. When left out: any office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Role of the officer.
    pub role: String,
    /// Time for the decision: a length of time, or a list of `{when, is}` of which the first whose condition holds counts, for example
    /// by `case.office`. It is judged when the task opens and stays as long as the task does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// What happens when the time is over.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_deadline: OnDeadline,
    /// A second officer must confirm the decision. A proposal that waits for them does not stop the deadline: `escalate` shows it to
    /// the superior, `approve` and `refuse` take their outcome, and what was proposed stands beside it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub four_eyes: bool,
    /// Pages of the form that this task shows. When left out: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<String>,
    /// The officer may ask the applicant. When left out: nothing can be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<Questions>,
    /// What can be decided.
    pub outcomes: Vec<Outcome>,
}

/// Time for a decision: a length of time, or a list of `{when, is}` of which the first whose condition holds counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
// A structural schema has no choice between a text and a list: the API server keeps what is written, and whoever admits it judges it.
#[schemars(extend("x-kubernetes-preserve-unknown-fields" = true))]
pub enum Deadline {
    /// The same for every case.
    Always(Span),
    /// By what is known of the case; the last entry has no condition.
    ByCase(Vec<Term>),
}

impl Deadline {
    /// Nothing where it depends on the case.
    pub fn always(&self) -> Option<Span> {
        match self {
            Self::Always(span) => Some(*span),
            Self::ByCase(_) => None,
        }
    }

    /// None where it is the same for every case.
    pub fn terms(&self) -> &[Term] {
        match self {
            Self::Always(_) => &[],
            Self::ByCase(terms) => terms,
        }
    }
}

/// A length of time for some cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Term {
    /// CEL condition, for example `case.office.name == 'muynak'`. The last entry, and only that, has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Time for the decision when it holds.
    pub is: Span,
}

/// Questions to the applicant. From a question to its answer, the time for the decision and the promised time stand still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Questions {
    /// Time for the answer.
    pub deadline: Span,
    /// How many can be asked while the task is open, one after the other. When left out: 3.
    #[serde(default = "three", skip_serializing_if = "is_three")]
    pub at_most: u32,
    /// Name of the notification that tells the applicant of a question.
    pub notify: String,
    /// The applicant is reminded of a question that is not answered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder: Option<Reminder>,
    /// Outcome that is taken when no answer comes in time. When left out: the officer goes on without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_silence: Option<String>,
}

impl Questions {
    /// Every notification that they send, with the field that names it.
    pub fn notifications(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let reminder = self.reminder.iter().map(|reminder| ("reminder.notify", reminder.notify.as_str()));
        std::iter::once(("notify", self.notify.as_str())).chain(reminder)
    }
}

/// A reminder of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reminder {
    /// Time after the question.
    pub after: Span,
    /// Name of the notification.
    pub notify: String,
}

fn three() -> u32 {
    3
}

fn is_three(amount: &u32) -> bool {
    *amount == three()
}

/// What happens when an officer's time is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnDeadline {
    /// The task is marked late and shown to the officer's superior.
    #[default]
    Escalate,
    /// Silence is consent: the outcome named `approve` is taken.
    Approve,
    /// The outcome named `refuse` is taken.
    Refuse,
}

/// Something an officer can decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Outcome {
    /// Name of the outcome, for example `approve`.
    pub name: String,
    /// What the officer and the applicant read.
    pub label: Text,
    /// Reasons to choose from; when there are any, at least one must be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Step after this outcome. A `form` step returns the application with marked fields.
    pub next: String,
}

/// A coded reason of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reason {
    /// Short stable name, for example `no-record`.
    pub code: String,
    /// What the applicant reads.
    pub text: Text,
    /// Article of the law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// A registry of an agency is asked. The answer is found under `facts.<as>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// Name of the registry.
    pub registry: String,
    /// Name of its operation.
    pub operation: String,
    /// CEL expression of each input.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input: BTreeMap<String, String>,
    /// Name under which expressions and templates find the answer. When left out: the operation's name, with `_` for dashes.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Why it is asked: citizens read it under "who looked at my data".
    pub purpose: Text,
    /// The act that allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
    /// The citizen must consent first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub consent: bool,
}

impl Call {
    /// Name of the fact that holds the answer.
    pub fn fact(&self) -> String {
        self.answer.clone().unwrap_or_else(|| self.operation.replace('-', "_"))
    }
}

/// Rules choose the way: the first case that holds, or what a table says; else `otherwise`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decide {
    /// Cases in the order in which they are tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
    /// A table of rules, in place of `cases`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// Step when no case and no rule holds. It is left out only where they leave nothing open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

impl Decide {
    /// The rules of its table; none where it has cases.
    pub fn rules(&self) -> &[TableRule] {
        self.table.as_ref().map_or(&[], |table| &table.rules)
    }
}

/// A decision as a table: what is looked at, and a rule a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Table {
    /// What counts where several rules hold. When left out: never may more than one hold.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hit: Hit,
    /// What the rules look at: a column each.
    pub inputs: Vec<TableInput>,
    /// The rules: a line each.
    pub rules: Vec<TableRule>,
    /// Of `hit: collect`: what becomes of what the rules give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<Collect>,
}

/// What counts where several rules hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Hit {
    /// Never may more than one hold.
    #[default]
    Unique,
    /// The first that holds counts.
    First,
    /// All that hold count, and what they give is put together.
    Collect,
}

/// One thing that a table looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableInput {
    /// CEL expression, for example `age(applicant.birthDate)`.
    pub is: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
}

/// One rule of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableRule {
    /// Name of the rule: the case's history says by which it was decided.
    pub name: String,
    /// A condition for each input, in their order: `-` (whatever it is), `< 18`, `>= 60`, `18..65` (with both ends), `"a", "b"`, `true`,
    /// `2026-01-31`, `not("a")`. Amounts stand in so'm.
    pub when: Vec<String>,
    /// Step when it holds. Of `hit: collect` none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Values that are set when it holds. Of `hit: collect` none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Set>,
    /// Of `hit: collect`: CEL expression of what it gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gives: Option<String>,
    /// Article of the law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// What becomes of what the rules of a table give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Collect {
    /// Path in the data, for example `points`.
    pub at: String,
    /// Whether it is added up or listed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub by: CollectBy,
    /// Step after it, where a rule held.
    pub next: String,
}

/// How it is put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CollectBy {
    /// Numbers are added up.
    #[default]
    Sum,
    /// A list in the order of the rules.
    List,
}

/// One case of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    /// CEL condition.
    pub when: String,
    /// Step when it holds.
    pub next: String,
}

/// A person signs a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signature {
    /// Name of the document.
    pub document: String,
}

/// The case waits: for a length of time, until a time, for an event or for a message. Exactly one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wait {
    /// A length of time.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// CEL expression of a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Name of an event of an agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Name of a message to this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// An event is emitted for the agency's own system, and kept for it for seven days. The case does not wait for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Emit {
    /// Name of an event under `integration.events`.
    pub event: String,
    /// CEL expression of each attribute.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// The act that allows it. Needed where a registry's answer about health, belief, convictions and the like is passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
}

/// Several branches run at once. Each ends where it reaches the `next` of this step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parallel {
    /// The branches.
    pub branches: Vec<Branch>,
    /// Whether all branches must arrive or the first is enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub join: Join,
}

/// One branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Branch {
    /// Name of the branch.
    pub name: String,
    /// Its first step.
    pub start: String,
}

/// How branches meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Join {
    /// All must arrive.
    #[default]
    All,
    /// The first goes on; the others stop.
    Any,
}

/// A branch runs for each item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ForEach {
    /// CEL expression of the list.
    pub items: String,
    /// Name of the item in the branch.
    #[serde(rename = "as")]
    pub item: String,
    /// First step of the branch.
    pub start: String,
}

/// Another service's process runs inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subprocess {
    /// Name of the service.
    pub service: String,
}

/// A value of the data is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Set {
    /// Path of the value, for example `review.level`.
    pub at: String,
    /// CEL expression of the value.
    pub to: String,
}

/// The case ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct End {
    /// Name of the outcome: `granted`, `rejected`, `lapsed`, `withdrawn` or the service's own.
    pub outcome: String,
    /// What people read as the case's last state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// Documents that the applicant gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivers: Vec<String>,
}

/// Outcomes with which nothing is delivered that was applied for.
const WITHOUT_RESULT: [&str; 3] = ["rejected", "lapsed", "withdrawn"];

impl End {
    /// What was applied for is delivered here.
    pub fn gives_result(&self) -> bool {
        !self.delivers.is_empty() && !WITHOUT_RESULT.contains(&self.outcome.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Deadline;

    #[test]
    fn a_deadline_is_one_span_or_a_list_and_stays_as_it_was_written() {
        let by_office =
            json!([{"when": "case.office.name == 'muynak'", "is": "5 working days"}, {"is": "3 working days"}]);
        for written in [json!("3 working days"), by_office] {
            let deadline: Deadline = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(&deadline).unwrap(), written, "the same bytes, the same revision");
        }
        let wrong = [
            json!(3),
            json!("3 fortnights"),
            json!({"is": "3 days"}),
            json!([{"when": "true"}]),
            json!([{"is": "3 days", "then": "late"}]),
        ];
        let read = |written: Value| serde_json::from_value::<Deadline>(written);
        assert!(wrong.into_iter().all(|written| read(written).is_err()));
    }
}
