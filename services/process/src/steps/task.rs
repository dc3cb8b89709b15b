//! `task`: an officer of a role and office decides within a legal deadline.

use api::{Step, Task};
use kernel::{Hash, id::TaskId};

use super::Flow;
use crate::{
    case::{TokenId, Waiting},
    engine::Run,
    event::What,
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
    let due = task.deadline.map(|deadline| run.deadline(deadline));
    run.emit(What::TaskOpened {
        task: id,
        step: step.name.clone(),
        activation,
        token,
        agency: task.agency.clone().unwrap_or_else(|| run.process.agency().to_owned()),
        role: task.role.clone(),
        office,
        due,
    });
    if let Some(due) = due {
        run.set_timer(token, Purpose::Deadline, due);
    }
    run.set_timeout(token, step);
    run.wait(token, Waiting::Task { task: id });
    Ok(Flow::Waits)
}
