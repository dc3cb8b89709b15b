//! Who works on a task: an officer takes it, gives it back or is given it; when the time is over, it returns by itself.

use kernel::{
    Time,
    id::{PersonId, TaskId},
};

use super::{Run, tasks};
use crate::{Refusal, case::TokenId, event::What, timer::Purpose};

/// A second claim of whoever has the task changes nothing, also not its end.
pub fn claim(run: &mut Run<'_>, task: TaskId, officer: PersonId, until: Time) -> Result<(), Refusal> {
    let known = tasks::open(run, task)?;
    tasks::works_on(run, officer)?;
    known.admit_second(officer)?;
    known.admit(officer, run.now())?;
    if known.held(run.now()).is_none() {
        hold(run, known.token, until, What::TaskClaimed { task, officer, until });
    }
    Ok(())
}

/// Of a task that nobody has there is nothing to give back.
pub fn release(run: &mut Run<'_>, task: TaskId, officer: PersonId, by: Option<PersonId>) -> Result<(), Refusal> {
    let known = tasks::open(run, task)?;
    known.admit(officer, run.now())?;
    if known.held(run.now()).is_some() {
        forget_end(run, known.token);
        run.emit(What::TaskReleased { task, officer, by });
    }
    Ok(())
}

/// To whoever has it already nothing is given.
pub fn assign(run: &mut Run<'_>, task: TaskId, officer: PersonId, by: PersonId, until: Time) -> Result<(), Refusal> {
    let known = tasks::open(run, task)?;
    tasks::works_on(run, officer)?;
    known.admit_second(officer)?;
    if known.held(run.now()).is_none_or(|claim| claim.officer != officer) {
        hold(run, known.token, until, What::TaskAssigned { task, officer, by, until });
    }
    Ok(())
}

/// The time of a claim is over.
pub fn lapse(run: &mut Run<'_>, task: TaskId) {
    let claim = run.state.tasks.get(&task).filter(|task| task.closed.is_none()).and_then(|task| task.claim);
    if let Some(claim) = claim.filter(|claim| claim.until <= run.now()) {
        run.emit(What::TaskReleased { task, officer: claim.officer, by: None });
    }
}

pub fn hold(run: &mut Run<'_>, token: TokenId, until: Time, what: What) {
    forget_end(run, token);
    run.emit(what);
    run.set_timer(token, Purpose::Claim, until);
}

/// The end of an earlier claim ends no later one.
pub fn forget_end(run: &mut Run<'_>, token: TokenId) {
    let ends = run.state.timers.values().filter(|timer| timer.token == token && timer.purpose == Purpose::Claim);
    for timer in ends.map(|timer| timer.id).collect::<Vec<_>>() {
        run.emit(What::TimerCancelled { timer });
    }
}
