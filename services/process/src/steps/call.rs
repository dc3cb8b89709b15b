//! `call`: asks a registry of an agency; its answer becomes a sourced fact.

use api::{Call, Step};

use super::{Flow, by_language, evaluate_all};
use crate::{
    action::{Effect, Request},
    case::{Source, TokenId, Waiting},
    engine::Run,
    event::What,
    expr::Fault,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, call: &Call) -> Result<Flow, Fault> {
    let input = evaluate_all(run, &call.input);
    forget_outdated(run, step, call);
    let input = input?;
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

/// What the registry said before the application was corrected is about something else: where it is asked again and does not answer,
/// nothing rests on it.
fn forget_outdated(run: &mut Run<'_>, step: &Step, call: &Call) {
    let name = call.fact();
    let corrected = run.state.correction.as_ref().map(|correction| correction.sent);
    let read = run.state.sources.get(&name).map(|source| source.read);
    if read.zip(corrected).is_some_and(|(read, corrected)| read < corrected) {
        let source = Source { source: String::new(), read: run.now() };
        run.emit(What::FactsRecorded { step: step.name.clone(), name, value: serde_json::Value::Null, source });
    }
}
