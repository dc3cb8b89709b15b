//! Messages for waiting steps, and steps that a person lets try again.

use kernel::id::PersonId;
use serde_json::Value;

use super::{Run, money, tasks};
use crate::{
    OpenAction, Refusal, Request,
    case::{AFTER_THE_END, TokenId, Waiting},
    event::What,
};

/// Messages a case keeps for steps that have not come to waiting for them.
const MESSAGES_MAX: usize = 200;

pub fn receive(run: &mut Run<'_>, name: &str, body: &Value) {
    let untaken = run.state.messages.iter().filter(|message| !message.taken).count();
    if untaken >= MESSAGES_MAX {
        return;
    }
    run.emit(What::MessageReceived { name: name.to_owned(), body: body.clone() });
    let waiting = run
        .state
        .tokens
        .values()
        .find(|token| matches!(&token.waiting, Waiting::Message { name: wanted } if wanted == name));
    let Some(token) = waiting.map(|token| token.id) else { return };
    run.emit(What::MessageTaken { name: name.to_owned() });
    let to = run.step_of(token).and_then(|step| step.next.clone());
    run.leave(token, "next", to.as_deref());
}

/// One officer wants it, another one agrees, and the step is entered anew: it does all of its own work again and nothing in its place.
/// What may have been done already is asked for under the identity that it had, so that it is not done twice. In a case that has ended
/// there is only money that payments refused to give back.
pub fn retry(run: &mut Run<'_>, token: TokenId, by: PersonId, reason: &str) -> Result<(), Refusal> {
    tasks::takes_no_part(run, by)?;
    let standing = run.token(token).filter(|token| matches!(token.waiting, Waiting::Attention { .. }));
    let step = standing.map(|token| token.step.clone());
    let owes = token == AFTER_THE_END && run.state.refused_refunds().next().is_some();
    if step.is_none() && !owes {
        return Err(Refusal::stale("step.not-stuck", "The step does not wait for anybody's attention."));
    }
    match run.state.retry_asked(token).cloned() {
        None => run.emit(What::StepRetryAsked { token, by, reason: reason.to_owned() }),
        Some(asked) if asked.by == by => {
            let message =
                "You asked for this yourself. Another officer who leads an office of the agency has to agree.";
            return Err(Refusal::conflict("step.own-retry", message));
        }
        Some(asked) => {
            run.emit(What::StepRetried { token, by: asked.by, reason: asked.reason, second: Some(by) });
            match (run.state.unanswered.get(&token).cloned(), step) {
                (Some(action), _) => ask_again(run, action),
                (None, Some(step)) => run.go(token, &step),
                (None, None) => money::ask_refused_back(run),
            }
        }
    }
    Ok(())
}

/// Whoever performed it knows it by its id and answers as they did; a higher attempt makes its answer another one than the last.
fn ask_again(run: &mut Run<'_>, unanswered: OpenAction) {
    let (token, action, attempt) = (unanswered.token, unanswered.id, unanswered.attempt.saturating_add(1));
    let is_intent = matches!(unanswered.request, Request::CreateIntent { .. });
    // The time to pay begins with the intent.
    let over = run.step_of(token).filter(|_| !is_intent).and_then(|step| run.set_timeout(token, step));
    let expires = unanswered.expires.and(over);
    run.emit(What::ActionRequested { action: OpenAction { attempt, not_before: None, expires, ..unanswered } });
    let waiting =
        if is_intent { Waiting::Payment { intent: None, closing: false } } else { Waiting::Action { action } };
    run.wait(token, waiting);
}
