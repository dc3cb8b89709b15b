//! Decisions of two officers: the first proposes, a second one agrees, and only then anything follows; or sends it back.

use kernel::{
    Time,
    id::{PersonId, TaskId},
};

use super::{
    Run, claims, questions,
    tasks::{self, Decided},
};
use crate::{
    Refusal,
    case::{Proposal, Task},
    event::What,
};

/// Keeps what the first officer would decide; whoever has the role may check it now.
pub fn propose(run: &mut Run<'_>, known: &Task, decided: &Decided<'_>) -> Result<(), Refusal> {
    if known.proposed().is_some() {
        known.admit_second(decided.officer)?;
        return Err(Refusal::conflict(
            "task.proposed",
            "A decision is already proposed. Agree to it, or send it back with a note.",
        ));
    }
    claims::forget_end(run, known.token);
    run.emit(What::TaskProposed {
        task: known.id,
        outcome: decided.outcome.to_owned(),
        reasons: decided.reasons.to_vec(),
        note: decided.note.to_owned(),
        marked: decided.marked.clone(),
        officer: decided.officer,
    });
    Ok(())
}

/// What is proposed is decided as the first officer wrote it.
pub fn confirm(run: &mut Run<'_>, task: TaskId, officer: PersonId) -> Result<(), Refusal> {
    let (known, proposal) = checked(run, task, officer)?;
    // Who proposed may have come to take part since, or to type: the case learns of some people only on its way.
    if run.state.is_kept_from(proposal.officer) {
        let message = "Whoever proposed this decision takes part in the application by now, or types it. Send it back with a note; another \
                       officer of the role decides it.";
        return Err(Refusal::conflict("task.proposer-takes-part", message));
    }
    // Whoever checks may ask, too: what they wait for belongs to the decision.
    questions::none_is_open(run, task)?;
    let step = run.process.step(&known.step).ok_or_else(tasks::unknown)?;
    let outcome = tasks::outcome_of(step, &proposal.outcome).ok_or_else(tasks::unknown)?;
    let decided = Decided {
        outcome: &proposal.outcome,
        reasons: &proposal.reasons,
        note: &proposal.note,
        marked: &proposal.marked,
        officer: proposal.officer,
    };
    tasks::take(run, &known, outcome, &decided, Some(officer));
    Ok(())
}

/// The first officer reads why, and has the task for a while; after that it is anybody's to propose anew.
pub fn send_back(run: &mut Run<'_>, task: TaskId, officer: PersonId, note: &str, until: Time) -> Result<(), Refusal> {
    let (known, proposal) = checked(run, task, officer)?;
    if note.trim().is_empty() {
        return Err(Refusal::invalid("task.note-missing", "Say in the note what has to be changed."));
    }
    tasks::is_short(note)?;
    let note = note.to_owned();
    // Whoever may not work on it any more would only keep it from the others.
    if run.state.is_kept_from(proposal.officer) {
        claims::forget_end(run, known.token);
        run.emit(What::TaskSentBack { task, officer, note, until: run.now() });
        run.emit(What::TaskReleased { task, officer: proposal.officer, by: None });
        return Ok(());
    }
    claims::hold(run, known.token, until, What::TaskSentBack { task, officer, note, until });
    Ok(())
}

/// The task and what waits in it for a second officer, when this officer may be the second.
fn checked(run: &Run<'_>, task: TaskId, officer: PersonId) -> Result<(Task, Proposal), Refusal> {
    let known = tasks::open(run, task)?;
    tasks::works_on(run, officer)?;
    known.admit(officer, run.now())?;
    known.admit_second(officer)?;
    match known.proposed().cloned() {
        Some(proposal) => Ok((known, proposal)),
        None => Err(Refusal::stale("task.not-proposed", "No decision waits for a second officer here.")),
    }
}
