//! One file a kind of step: what happens when a token enters it.

mod call;
mod choose;
mod document;
mod emit;
pub mod end;
mod form;
mod notify;
pub mod parallel;
pub mod payment;
pub mod refund;
mod set;
mod task;
mod wait;

use std::collections::BTreeMap;

use api::{Step, StepKind, Text};

use crate::{case::TokenId, engine::Run, expr::Fault};

/// What entering a step comes to.
pub enum Flow {
    /// The step is done; the name of the way and the step it leads to.
    Leave {
        way: &'static str,
        to: Option<String>,
    },
    /// The token waits for something that has a name.
    Waits,
    Ended,
}

impl Flow {
    fn next(step: &Step) -> Self {
        Self::Leave { way: "next", to: step.next.clone() }
    }
}

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step) -> Flow {
    let entered = match step.kind() {
        Some(StepKind::Form(form)) => form::enter(run, token, step, form),
        Some(StepKind::Task(task)) => task::enter(run, token, step, task),
        Some(StepKind::Payment(fee)) => Ok(payment::enter(run, token, step, fee)),
        Some(StepKind::Call(call)) => call::enter(run, token, step, call),
        Some(StepKind::Decide(decide)) => choose::enter(run, step, decide),
        Some(StepKind::Document(document)) => Ok(document::enter(run, token, step, document)),
        Some(StepKind::Notify(notification)) => Ok(notify::enter(run, token, step, notification)),
        Some(StepKind::Wait(wait)) => wait::enter(run, token, step, wait),
        Some(StepKind::Refund(names)) => Ok(refund::enter(run, token, step, names)),
        Some(StepKind::Emit(emit)) => emit::enter(run, token, step, emit),
        Some(StepKind::Parallel(parallel)) => Ok(parallel::enter(run, token, step, parallel)),
        Some(StepKind::Set(values)) => set::enter(run, step, values),
        Some(StepKind::End(end)) => Ok(end::enter(run, token, &step.name, end)),
        Some(StepKind::Signature(_) | StepKind::ForEach(_) | StepKind::Subprocess(_)) | None => {
            Err(Fault { code: "process.not-built", message: "this kind of step is not built yet".to_owned() })
        }
    };
    entered.unwrap_or_else(|fault| {
        run.fail(token, fault.code);
        Flow::Waits
    })
}

/// A text as events and actions carry it.
fn by_language(text: &Text) -> BTreeMap<String, String> {
    text.iter().map(|(tag, text)| (tag.to_owned(), text.to_owned())).collect()
}

/// Evaluates named expressions into a JSON object, leaving out what is null.
fn evaluate_all(run: &Run<'_>, expressions: &BTreeMap<String, String>) -> Result<serde_json::Value, Fault> {
    let mut values = serde_json::Map::new();
    for (name, source) in expressions {
        let value = run.evaluate(source, |value| Ok(value.to_json()))?;
        if !value.is_null() {
            values.insert(name.clone(), value);
        }
    }
    Ok(serde_json::Value::Object(values))
}
