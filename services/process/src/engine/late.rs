//! What a step asked for and what is answered when nobody waits for it any more. Whoever performs it may have done it already, so it is
//! not forgotten but undone when they answer.

use super::{Run, actions::is_waiting};
use crate::{
    action::{ActionId, OpenAction, Request},
    case::{Token, TokenId, Waiting},
    event::{DocumentUnwanted, What},
    process::Process,
};

/// What whoever verifies the document reads, as signing keeps the reasons of definitions.
const NOT_NEEDED: &str = r#"{"uz":"Hujjat tayyor boʻlganida ariza boʻyicha u endi kerak emas edi.","uz-Cyrl":"Ҳужжат тайёр бўлганида ариза бўйича у энди керак эмас эди.","kaa":"Hújjet tayar bolǵanda ol arza boyınsha endi kerek emes edi.","ru":"Когда документ был готов, по заявлению он был уже не нужен.","en":"When the document was ready, the application no longer needed it."}"#;

/// Whether it stays open when its step is left or its token dropped.
pub fn stays_open(process: &Process, action: &OpenAction) -> bool {
    is_money(&action.request)
        || matches!(action.request, Request::IssueDocument { .. })
        || by(process, action).is_some()
}

/// The step that undoes what a call may have written.
fn by<'p>(process: &'p Process, action: &OpenAction) -> Option<&'p str> {
    let is_call = matches!(action.request, Request::CallRegistry { .. });
    process.step(&action.step).filter(|_| is_call)?.compensate.as_deref()
}

/// Whether the step on which a token stands has called, and may have done what another step undoes: its answer is not there yet, or
/// nobody gave one.
pub fn may_be_done(run: &Run<'_>, standing: &Token) -> bool {
    let in_flight = run.state.actions.values().filter(|action| standing.asked_for(action));
    let mut calls = in_flight.chain(run.state.unanswered.get(&standing.id));
    calls.any(|action| by(run.process, action).is_some())
}

/// The call that the compensation to which a token goes undoes, and that is not answered: nothing is undone before it is done.
pub fn answered_before(run: &Run<'_>, token: TokenId, to: &str) -> Option<ActionId> {
    run.token(token).filter(|token| token.plan.first().is_some_and(|first| first == to))?;
    let mut late = run.state.actions.values().filter(|action| !is_waiting(run, action));
    late.find(|action| by(run.process, action) == Some(to)).map(|action| action.id)
}

/// It is answered, or given up: whoever waited to undo it goes on, whatever the answer is.
pub fn undo_what_waited(run: &mut Run<'_>, late: &OpenAction) {
    let waits = |token: &&Token| token.waiting == Waiting::Action { action: late.id } && !token.asked_for(late);
    let waiting = run.state.tokens.values().filter(waits);
    let undoing: Vec<_> = waiting.filter_map(|token| Some((token.id, token.plan.first()?.clone()))).collect();
    for (token, to) in undoing {
        run.go(token, &to);
    }
}

/// Payments answers it and the answer is counted, whatever becomes of the step.
pub fn is_money(request: &Request) -> bool {
    matches!(request, Request::CloseIntent { .. } | Request::Refund { .. } | Request::CreateIntent { .. })
}

/// Whether nobody waits for it, and it is asked for until it is known what came of it.
pub fn must_be_known(action: &OpenAction) -> bool {
    let is_of_step = !action.step.is_empty();
    is_of_step && matches!(action.request, Request::IssueDocument { .. } | Request::CreateIntent { .. })
}

/// The token goes on, or ends, and nobody knows whether what it asked for was done: it is asked once more, under the same id.
pub fn find_out(run: &mut Run<'_>, token: TokenId) {
    let Some(unanswered) = run.state.unanswered.get(&token).filter(|action| must_be_known(action)).cloned() else {
        return;
    };
    if !run.state.actions.contains_key(&unanswered.id) {
        let attempt = unanswered.attempt.saturating_add(1);
        let action = OpenAction { attempt, not_before: None, expires: None, ..unanswered };
        run.emit(What::ActionRequested { action });
    }
}

/// A document that nobody waits for any more.
pub fn document(run: &mut Run<'_>, late: DocumentUnwanted, reason: Option<String>) {
    let document = late.document;
    run.emit(What::DocumentUnwanted(late));
    let reason = reason.unwrap_or_else(|| NOT_NEEDED.to_owned());
    run.request_apart(None, Request::RecallDocument { document, reason, replaced_by: None });
}
