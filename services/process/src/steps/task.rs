//! `task`: an officer of a role and office decides within a legal deadline.

use api::{Deadline, Span, Step, Task};
use kernel::{Hash, id::TaskId};

use super::Flow;
use crate::{
    case::{TokenId, Waiting},
    engine::Run,
    event::{TaskOpened, What},
    expr::Fault,
    process::office,
    timer::Purpose,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, task: &Task) -> Result<Flow, Fault> {
    let office = office::of_task(run.process, &run.state, task, &run.facts)?;
    let activation = run.token(token).map_or(0, |token| token.activation);
    let case = run.state.case_id;
    let id = Hash::of_parts(&[b"xizmat task", case.as_bytes(), &token.to_be_bytes(), &activation.to_be_bytes()]);
    let id = TaskId::derived(id);
    let allowed = allowed(run, task);
    let due = allowed.map(|span| run.deadline(span));
    run.emit(What::TaskOpened(TaskOpened {
        task: id,
        step: step.name.clone(),
        activation,
        token,
        agency: task.agency.clone().unwrap_or_else(|| run.process.agency().to_owned()),
        role: task.role.clone(),
        office,
        due,
        allowed,
    }));
    if let Some(due) = due {
        run.set_timer(token, Purpose::Deadline, due);
    }
    run.set_timeout(token, step);
    run.wait(token, Waiting::Task { task: id });
    Ok(Flow::Waits)
}

/// How much time there is: of several lengths the first whose condition holds for the case as it stands. The check demands a last one
/// that always does.
fn allowed(run: &Run<'_>, task: &Task) -> Option<Span> {
    let Some(Deadline::ByCase(terms)) = &task.deadline else {
        return task.deadline.as_ref().and_then(Deadline::always);
    };
    // What cannot be judged, such as the office of a case that has none, does not hold.
    let holds = |when: &String| run.evaluate(when, |value| value.as_bool()).unwrap_or(false);
    terms.iter().find(|term| term.when.as_ref().is_none_or(holds)).map(|term| term.is)
}
