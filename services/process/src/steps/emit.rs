//! `emit`: an event for agencies, published in the transition's own transaction.

use api::{Emit, Step};

use super::{Flow, evaluate_all};
use crate::{
    action::{Effect, Request},
    case::TokenId,
    engine::Run,
    expr::Fault,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, emit: &Emit) -> Result<Flow, Fault> {
    let attributes = evaluate_all(run, &emit.attributes)?;
    run.request(token, Effect::Keyed, None, Request::Emit { event: emit.event.clone(), attributes });
    Ok(Flow::next(step))
}
