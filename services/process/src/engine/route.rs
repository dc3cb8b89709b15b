//! Messages for waiting steps, and steps that a person lets try again.

use kernel::id::PersonId;
use serde_json::Value;

use super::Run;
use crate::{
    Refusal,
    case::{TokenId, Waiting},
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

pub fn retry(run: &mut Run<'_>, token: TokenId, by: PersonId, reason: &str) -> Result<(), Refusal> {
    let standing = run.token(token).filter(|token| matches!(token.waiting, Waiting::Attention { .. }));
    let Some(step) = standing.map(|token| token.step.clone()) else {
        return Err(Refusal::stale("step.not-stuck", "The step does not wait for anybody's attention."));
    };
    run.emit(What::StepRetried { token, by, reason: reason.to_owned() });
    run.go(token, &step);
    Ok(())
}
