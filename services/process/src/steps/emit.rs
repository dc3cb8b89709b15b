//! `emit`: an event for the agency's own system, written down with the transition; the case does not wait until it is taken.

use api::{Emit, Step};

use super::{Flow, evaluate_all};
use crate::{
    action::{EVENT_KEPT, Effect, Request},
    case::TokenId,
    engine::Run,
    expr::Fault,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, emit: &Emit) -> Result<Flow, Fault> {
    let attributes = evaluate_all(run, &emit.attributes)?;
    let given_up = run.now().plus(EVENT_KEPT);
    run.request(token, Effect::Keyed, Some(given_up), Request::Emit { event: emit.event.clone(), attributes });
    Ok(Flow::next(step))
}
