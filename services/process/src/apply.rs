//! `apply`: how each event changes a case. Nothing is evaluated or looked up here, so a history replays the same for ever.

mod draft;
mod money;
mod moved;
mod opinions;
mod parties;
mod questions;
mod recall;

use kernel::{
    Time,
    id::{PersonId, TaskId},
};
use serde_json::Value;

pub use parties::as_agreed;

use crate::{
    action::{OpenAction, Request},
    case::{
        CaseState, Claim, Compensable, IssuedDocument, OfficerDecision, Phase, Proposal, ReceivedMessage, RetryAsked,
        Returned, SentBack, TimelineEntry, Token, TokenId, Waiting,
    },
    event::{CompensationBegun, Event, What},
    paths,
};

pub fn apply(mut state: CaseState, event: &Event) -> CaseState {
    apply_to(&mut state, event);
    state
}

/// The state after a whole history.
pub fn replay<'a>(state: CaseState, events: impl IntoIterator<Item = &'a Event>) -> CaseState {
    events.into_iter().fold(state, apply)
}

pub fn apply_to(state: &mut CaseState, event: &Event) {
    state.events += 1;
    state.changed = event.at;
    match &event.what {
        what if draft::draft(state, event.at, what) => {}
        what if draft::representation(state, event.at, what) => {}
        what if parties::apply(state, event.at, what) => {}
        what if movement(state, event.at, what) => {}
        what if work(state, event.at, what) => {}
        what if money::money(state, event.at, what) => {}
        what if tasks(state, event.at, what) => {}
        what if proposals(state, event.at, what) => {}
        what if questions::thread(state, event.at, what) => {}
        what if opinions::apply(state, event.at, what) => {}
        what if recall::apply(state, event.at, what) => {}
        what => outcome(state, event.at, what),
    }
}

fn note(state: &mut CaseState, at: Time, code: &str, step: &str, actor: &str) {
    state.timeline.push(TimelineEntry { at, code: code.to_owned(), step: step.to_owned(), actor: actor.to_owned() });
}

/// Where the case stands.
#[expect(clippy::too_many_lines, reason = "one arm an event")]
fn movement(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::TokenMade { token, parent } => {
            let made = Token {
                id: *token,
                step: String::new(),
                activation: 0,
                waiting: Waiting::Nothing,
                parent: *parent,
                plan: Vec::new(),
                actions: 0,
            };
            state.tokens.insert(*token, made);
            state.next_token = state.next_token.max(token.saturating_add(1));
        }
        What::StepEntered { token, step, activation } => {
            *state.activations.entry(step.clone()).or_default() += 1;
            state.retries.remove(token);
            state.unanswered.remove(token);
            with_token(state, *token, |token| {
                token.step.clone_from(step);
                token.activation = *activation;
                token.waiting = Waiting::Nothing;
                token.actions = 0;
                if token.plan.first() == Some(step) {
                    token.plan.remove(0);
                }
            });
        }
        What::Waits { token, waiting } => {
            if let Waiting::Attention { .. } = waiting {
                let step = step_of(state, *token);
                note(state, at, "delayed", &step, "system");
            }
            with_token(state, *token, |token| token.waiting = waiting.clone());
        }
        What::StepLeft { token, step, way: _, compensated_by } => {
            if let Some(by) = compensated_by {
                state.compensable.push(Compensable { step: step.clone(), by: by.clone() });
            }
            state.unanswered.remove(token);
            with_token(state, *token, |token| token.waiting = Waiting::Nothing);
        }
        What::TokenEnded { token } => {
            let ended = state.tokens.remove(token);
            state.retries.remove(token);
            state.unanswered.remove(token);
            if let Some(parent) = ended.and_then(|token| token.parent) {
                with_token(state, parent, |parent| {
                    if let Waiting::Branches { open } = &mut parent.waiting {
                        open.remove(token);
                    }
                });
            }
        }
        What::CompensationBegun(CompensationBegun { token, plan, undone }) => {
            state.compensable.retain(|done| match undone {
                Some(steps) => !steps.contains(&done.step),
                None => !plan.contains(&done.by),
            });
            with_token(state, *token, |token| token.plan.clone_from(plan));
        }
        What::StepRetryAsked { token, by, reason } => {
            state.retries.insert(*token, RetryAsked { by: *by, reason: reason.clone(), at });
        }
        What::StepRetried { token, second, .. } => {
            state.retries.remove(token);
            if second.is_some() {
                let step = step_of(state, *token);
                note(state, at, "retried", &step, "officer");
            }
            with_token(state, *token, |token| token.waiting = Waiting::Nothing);
        }
        _ => return false,
    }
    true
}

fn step_of(state: &CaseState, token: TokenId) -> String {
    state.tokens.get(&token).map(|token| token.step.clone()).unwrap_or_default()
}

fn with_token(state: &mut CaseState, token: TokenId, change: impl FnOnce(&mut Token)) {
    if let Some(token) = state.tokens.get_mut(&token) {
        change(token);
    }
}

/// Actions, timers, facts and messages.
fn work(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::ActionRequested { action } => {
            with_token(state, action.token, |token| token.actions = token.actions.max(action.index + 1));
            if action.request.is_answered() {
                state.actions.insert(action.id, action.clone());
            }
        }
        What::ActionRetried { action, attempt, not_before, code: _ } => {
            if let Some(action) = state.actions.get_mut(action) {
                action.attempt = *attempt;
                action.not_before = Some(*not_before);
            }
        }
        What::ActionClosed { action, outcome } => {
            if let Some(action) = state.actions.remove(action) {
                keep_unanswered(state, action, outcome);
            }
        }
        What::TimerSet { timer } => {
            state.timers.insert(timer.id, timer.clone());
        }
        What::TimerCancelled { timer } | What::TimerFired { timer } => {
            state.timers.remove(timer);
        }
        What::FactsRecorded { step: _, name, value, source } => {
            if let Value::Object(facts) = &mut state.facts {
                if value.is_null() {
                    facts.remove(name);
                    state.sources.remove(name);
                } else {
                    facts.insert(name.clone(), value.clone());
                    state.sources.insert(name.clone(), source.clone());
                }
            }
        }
        What::ValuesSet { step: _, values } => {
            for (path, value) in values {
                paths::put(&mut state.data, path, value.clone());
            }
        }
        What::Chosen(_) => {}
        What::MessageReceived { name, body } => {
            state.messages.push(ReceivedMessage { name: name.clone(), body: body.clone(), at, taken: false });
        }
        What::MessageTaken { name } => {
            let waiting = state.messages.iter_mut().find(|message| message.name == *name && !message.taken);
            if let Some(message) = waiting {
                message.taken = true;
            }
        }
        _ => return false,
    }
    true
}

/// Of what must not happen twice it is kept what was asked, until there is an answer. A refusal of a repetition is no answer to what
/// was asked before.
fn keep_unanswered(state: &mut CaseState, action: OpenAction, outcome: &str) {
    let once = matches!(
        action.request,
        Request::CallRegistry { .. } | Request::IssueDocument { .. } | Request::CreateIntent { .. }
    );
    let token = state.tokens.get(&action.token);
    if !once || token.is_none_or(|token| !token.asked_for(&action)) {
        return;
    }
    match outcome {
        "unavailable" | "unknown" | "dropped" => {
            state.unanswered.insert(action.token, action);
        }
        "refused" => {
            if let Some(kept) = state.unanswered.get_mut(&action.token) {
                *kept = action;
            }
        }
        _ => {
            state.unanswered.remove(&action.token);
        }
    }
}

/// Officers' work.
fn tasks(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::TaskOpened(opened) => {
            let task = opened.at(at);
            let asked = state.is_foreign(&task);
            state.tasks.insert(task.id, task);
            note(state, at, if asked { "opinion-asked" } else { "task-opened" }, &opened.step, "system");
        }
        What::TaskEscalated { task } => {
            if let Some(task) = state.tasks.get_mut(task) {
                task.escalated = true;
            }
        }
        What::TaskClaimed { task, officer, until } => held(state, *task, Some((*officer, *until))),
        What::TaskReleased { task, .. } => held(state, *task, None),
        What::TaskAssigned { task, officer, by: _, until } => {
            held(state, *task, Some((*officer, *until)));
            let step = state.tasks.get(task).map(|task| task.step.clone()).unwrap_or_default();
            note(state, at, "assigned", &step, "officer");
        }
        What::TaskWithdrawn { task, promised } => {
            close(state, *task, at);
            state.promised = promised.or(state.promised);
        }
        What::TaskDecided { task, outcome, reasons, note: text, marked, officer, second, overtaken } => {
            let step = close(state, *task, at);
            if second.is_some() {
                note(state, at, "checked-twice", &step, "officer");
            }
            if overtaken.is_some() {
                note(state, at, "overtaken", &step, "system");
            }
            let code = if state.is_opinion(*task) { "opinion-given" } else { "decided" };
            note(state, at, code, &step, if officer.is_some() { "officer" } else { "system" });
            state.decisions.push(OfficerDecision {
                task: *task,
                step,
                outcome: outcome.clone(),
                reasons: reasons.clone(),
                note: text.clone(),
                marked: marked.clone(),
                officer: *officer,
                second: *second,
                overtaken: overtaken.clone(),
                at,
            });
        }
        _ => return false,
    }
    true
}

/// Nobody works on the task any more, nor waits for an answer in it. Gives the name of its step.
fn close(state: &mut CaseState, task: TaskId, at: Time) -> String {
    let step = state.tasks.get_mut(&task).map(|task| {
        task.closed = Some(at);
        task.claim = None;
        task.proposal = None;
        task.step.clone()
    });
    questions::close(state, task, at);
    opinions::close(state, task, at);
    step.unwrap_or_default()
}

/// What the first of two officers would decide, and what the second says to it.
fn proposals(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::TaskProposed { task, outcome, reasons, note: text, marked, officer } => {
            if let Some(task) = state.tasks.get_mut(task) {
                task.claim = None;
                task.proposal = Some(Proposal {
                    outcome: outcome.clone(),
                    reasons: reasons.clone(),
                    note: text.clone(),
                    marked: marked.clone(),
                    officer: *officer,
                    at,
                    sent_back: None,
                });
            }
        }
        What::TaskSentBack { task, officer, note: text, until } => {
            if let Some(task) = state.tasks.get_mut(task)
                && let Some(proposal) = &mut task.proposal
            {
                proposal.sent_back = Some(SentBack { officer: *officer, note: text.clone(), at });
                task.claim = Some(Claim { officer: proposal.officer, until: *until });
            }
        }
        _ => return false,
    }
    true
}

/// Who works on a task from now on, and until when.
fn held(state: &mut CaseState, task: TaskId, by: Option<(PersonId, Time)>) {
    if let Some(task) = state.tasks.get_mut(&task) {
        task.claim = by.map(|(officer, until)| Claim { officer, until });
    }
}

/// What was sent back, what was issued, how it ended.
fn outcome(state: &mut CaseState, at: Time, what: &What) {
    match what {
        What::Returned { marked, reasons, note: text } => {
            state.returned = Some(Returned {
                marked: marked.clone(),
                reasons: reasons.clone(),
                note: text.clone(),
                at,
                corrected_pages: std::collections::BTreeSet::new(),
                before: std::collections::BTreeMap::new(),
            });
            note(state, at, "returned", "", "officer");
        }
        What::DocumentIssued { name, document, number, code } => {
            note(state, at, "issued", name, "system");
            state.documents.push(IssuedDocument {
                name: name.clone(),
                document: *document,
                number: number.clone(),
                code: code.clone(),
                at,
                recall: None,
            });
        }
        What::PromiseBroken { promised: _ } => {
            state.breached = Some(at);
            note(state, at, "promise-broken", "", "system");
        }
        What::Withdrawn { .. } => {
            state.returned = None;
            note(state, at, "withdrawn", "", "applicant");
        }
        What::Ended { outcome, delivers } => {
            state.phase = Phase::Ended;
            state.ended = Some(at);
            state.outcome = Some(outcome.clone());
            state.delivers.clone_from(delivers);
            state.returned = None;
            note(state, at, "ended", outcome, "system");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Histories as version 1 stored them; a change that breaks this loses cases.
    #[test]
    fn histories_that_were_stored_before_replay_to_the_state_they_had() {
        let stored: Vec<Value> = serde_json::from_str(include_str!("sample/histories.v1.json")).unwrap();
        assert!(stored.len() >= 9);
        for history in stored {
            let events = history["events"].as_array().unwrap().iter();
            let events: Vec<Event> =
                events.map(|event| crate::event::read(event.to_string().as_bytes()).unwrap()).collect();
            let mut state: CaseState = serde_json::from_value(history["state"].clone()).unwrap();
            let replayed = replay(CaseState::absent(state.case_id), &events);
            // Its events always said who sent it; version 1 did not keep that in the state.
            state.submitted_by = replayed.submitted_by;
            state.acted.clone_from(&replayed.acted);
            // Nor what a returned application was corrected in.
            state.correction.clone_from(&replayed.correction);
            // Nor what it was that nobody answered.
            state.unanswered.clone_from(&replayed.unanswered);
            assert!(replayed == state);
        }
    }

    #[test]
    fn an_event_from_the_future_is_refused_and_not_guessed() {
        let event = Event::new(Time::default(), What::DraftDiscarded);
        let mut value = serde_json::to_value(&event).unwrap();
        assert!(crate::event::read(value.to_string().as_bytes()).is_ok());
        value["version"] = Value::from(2);
        assert!(crate::event::read(value.to_string().as_bytes()).is_err());
        value["version"] = Value::from(1);
        value["what"] = "Karimova".into();
        let told = crate::event::read(value.to_string().as_bytes()).unwrap_err().to_string();
        assert!(!told.contains("Karimova"), "{told}");
    }
}
