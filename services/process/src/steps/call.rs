//! `call`: asks a registry of an agency; its answer becomes a sourced fact.

use api::{Call, Step};

use super::{Flow, by_language, evaluate_all};
use crate::{
    action::{Effect, Request},
    case::{TokenId, Waiting},
    engine::Run,
    expr::Fault,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, call: &Call) -> Result<Flow, Fault> {
    let input = evaluate_all(run, &call.input)?;
    let expires = run.set_timeout(token, step);
    let request = Request::CallRegistry {
        registry: call.registry.clone(),
        operation: call.operation.clone(),
        input,
        purpose: by_language(&call.purpose),
    };
    let action = run.request(token, Effect::Keyed, expires, request);
    run.wait(token, Waiting::Action { action });
    Ok(Flow::Waits)
}
