//! What an applicant would be sent if a decision were taken: the same engine on a copy of the case, with every answer supposed.

use std::collections::VecDeque;

use kernel::{
    Money,
    id::{DocumentId, PersonId, RefundId, TaskId},
};
use serde_json::Value;

use crate::{ActionResult, CaseState, Command, Facts, OpenAction, Process, Refusal, Request, decide};

/// Actions that one decision may set off here; what comes later is not shown.
const ACTIONS_MAX: u32 = 50;
/// Where a document's number will stand.
const UNNUMBERED: &str = "—";

/// In the order in which they would be made.
#[derive(Clone, Default, PartialEq)]
pub struct Preview {
    pub documents: Vec<Letter>,
    pub notifications: Vec<Letter>,
}

/// One document or notification of the definition, with what its template reads.
#[derive(Clone, PartialEq)]
pub struct Letter {
    pub name: String,
    pub language: String,
    pub input: Value,
}

/// `decision`: the `DecideTask` that would be sent about `task`. Whoever has the task, and whatever is proposed, does not matter:
/// nothing is decided. Goes as far as no payment, registry or person is waited for.
pub fn preview(
    process: &Process,
    state: &CaseState,
    task: TaskId,
    decision: &Command,
    facts: &Facts<'_>,
) -> Result<Preview, Refusal> {
    let mut state = state.clone();
    if let Some(known) = state.tasks.get_mut(&task) {
        known.claim = None;
        known.proposal = None;
    }
    let mut decided = decide(process, &state, decision, facts)?;
    if decided.state.tasks.get(&task).is_some_and(|task| task.proposed().is_some()) {
        // Whoever it will be: nobody is this person.
        let second = Command::ConfirmTask { task, officer: PersonId::from_bytes([0; 16]) };
        decided = decide(process, &decided.state, &second, facts)?;
    }
    let mut found = Preview::default();
    let mut open: VecDeque<OpenAction> = decided.actions().into();
    for _ in 0..ACTIONS_MAX {
        let Some(action) = open.pop_front() else { break };
        let Some(result) = supposed(&action, &mut found) else { continue };
        let command = Command::CompleteAction { action_id: action.id, result };
        decided = decide(process, &decided.state, &command, facts)?;
        open.extend(decided.actions());
    }
    Ok(found)
}

/// The answer that a callee gives when all goes well; none where it is not ours to suppose.
fn supposed(action: &OpenAction, found: &mut Preview) -> Option<ActionResult> {
    match &action.request {
        Request::IssueDocument { document, language, input, .. } => {
            let letter = Letter { name: document.clone(), language: language.clone(), input: input.clone() };
            found.documents.push(letter);
            let document = DocumentId::derived(action.id);
            Some(ActionResult::Document { document, number: UNNUMBERED.to_owned(), code: UNNUMBERED.to_owned() })
        }
        // What another party is told is not the applicant's letter.
        Request::Notify { recipient: Some(_), .. } => Some(ActionResult::Done),
        Request::Notify { notification, language, input, .. } => {
            let letter = Letter { name: notification.clone(), language: language.clone(), input: input.clone() };
            found.notifications.push(letter);
            Some(ActionResult::Done)
        }
        Request::Refund { amount, .. } => {
            let (refund, amount) = (RefundId::derived(action.id), amount.unwrap_or(Money::ZERO));
            Some(ActionResult::Refund { refund, settled: true, amount })
        }
        Request::CallRegistry { .. }
        | Request::ResolveParty { .. }
        | Request::RecallDocument { .. }
        | Request::CreateIntent { .. }
        | Request::CloseIntent { .. }
        | Request::Emit { .. } => None,
    }
}
