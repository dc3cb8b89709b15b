//! What a step asked for and what is answered when nobody waits for it any more. Whoever performs it may have done it already, so it is
//! not forgotten but undone when they answer.

use super::Run;
use crate::{
    action::{OpenAction, Request},
    case::TokenId,
    event::{DocumentUnwanted, What},
};

/// What whoever verifies the document reads, as signing keeps the reasons of definitions.
const NOT_NEEDED: &str = r#"{"uz":"Hujjat tayyor boʻlganida ariza boʻyicha u endi kerak emas edi.","uz-Cyrl":"Ҳужжат тайёр бўлганида ариза бўйича у энди керак эмас эди.","kaa":"Hújjet tayar bolǵanda ol arza boyınsha endi kerek emes edi.","ru":"Когда документ был готов, по заявлению он был уже не нужен.","en":"When the document was ready, the application no longer needed it."}"#;

/// Whether it stays open when its step is left or its token dropped.
pub fn stays_open(action: &OpenAction) -> bool {
    is_money(&action.request) || matches!(action.request, Request::IssueDocument { .. })
}

/// Payments answers it and the answer is counted, whatever becomes of the step.
pub fn is_money(request: &Request) -> bool {
    matches!(request, Request::CloseIntent { .. } | Request::Refund { .. } | Request::CreateIntent { .. })
}

/// Whether nobody waits for it, and it is asked for until it is known what came of it.
pub fn must_be_known(action: &OpenAction) -> bool {
    let is_of_step = !action.step.is_empty();
    is_of_step && matches!(action.request, Request::IssueDocument { .. })
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
