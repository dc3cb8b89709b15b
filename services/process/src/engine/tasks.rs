//! Officers' decisions: once a task, with its reasons, never in one's own case.

use std::collections::BTreeMap;

use api::{Outcome, Step, StepKind};
use kernel::{
    ErrorKind,
    id::{PersonId, TaskId},
};

use super::{Run, enclosures, opinions, promise, questions, second};
use crate::{
    Refusal,
    case::{Overtaken, Task, TokenId},
    event::What,
    timer::Purpose,
};

/// Longest note an officer can write.
const NOTE_MAX: usize = 4_000;

pub struct Decided<'a> {
    pub outcome: &'a str,
    pub reasons: &'a [String],
    pub note: &'a str,
    pub marked: &'a BTreeMap<String, String>,
    pub officer: PersonId,
}

pub fn decide(run: &mut Run<'_>, task: TaskId, decided: &Decided<'_>) -> Result<(), Refusal> {
    if run.state.request(task).is_some() {
        return opinions::give(run, task, decided.officer, (decided.outcome, decided.note));
    }
    let known = open(run, task)?;
    works_on(run, decided.officer)?;
    known.admit(decided.officer, run.now())?;
    questions::none_is_open(run, task)?;
    let step = run.process.step(&known.step).ok_or_else(unknown)?;
    let outcome = outcome_of(step, decided.outcome)
        .ok_or_else(|| Refusal::invalid("task.outcome-unknown", "The task has no such outcome."))?;
    judge(run, outcome, decided)?;
    if is_of_two(step) {
        return second::propose(run, &known, decided);
    }
    take(run, &known, outcome, decided, None);
    Ok(())
}

/// Whether a second officer has to agree.
pub fn is_of_two(step: &Step) -> bool {
    step.task.as_ref().is_some_and(|task| task.four_eyes)
}

/// The decision is in force, and the case goes on with it. `second`: who checked it.
pub fn take(run: &mut Run<'_>, known: &Task, outcome: &Outcome, decided: &Decided<'_>, second: Option<PersonId>) {
    enclosures::forget_of_task(run, known.id);
    run.emit(What::TaskDecided {
        task: known.id,
        outcome: outcome.name.clone(),
        reasons: decided.reasons.to_vec(),
        note: decided.note.to_owned(),
        marked: decided.marked.clone(),
        officer: Some(decided.officer),
        second,
        overtaken: None,
    });
    follow(run, known.token, outcome, decided);
}

/// The task, while it can be worked on.
pub fn open(run: &Run<'_>, task: TaskId) -> Result<Task, Refusal> {
    let known = run.state.tasks.get(&task).cloned().ok_or_else(unknown)?;
    if known.closed.is_some() || is_decided_by_silence(run, &known) {
        return Err(Refusal::stale("task.closed", "The task is already decided or no longer needed."));
    }
    Ok(known)
}

/// What the law says of silence counts from the moment at which the time is over, however late its timer fires: nobody refuses
/// afterwards what silence has granted.
fn is_decided_by_silence(run: &Run<'_>, known: &Task) -> bool {
    let definition = run.process.step(&known.step).and_then(|step| step.task.as_ref());
    let decides = definition.is_some_and(|task| task.on_deadline != api::OnDeadline::Escalate);
    let mut timers = run.state.timers.values();
    decides
        && timers
            .any(|timer| timer.token == known.token && timer.purpose == Purpose::Deadline && timer.due <= run.now())
}

pub fn unknown() -> Refusal {
    Refusal::new(ErrorKind::NotFound, "task.unknown", "There is no such task.")
}

/// Nobody works on an application of their own, nor on one in which they act for somebody.
pub fn takes_no_part(run: &Run<'_>, officer: PersonId) -> Result<(), Refusal> {
    if run.state.takes_part(officer) {
        let message = "Nobody decides an application in which they take part themselves.";
        return Err(Refusal::new(ErrorKind::Forbidden, "task.own-case", message));
    }
    Ok(())
}

/// Whether this officer may work on a task of the case: besides, whoever typed the application does not.
pub fn works_on(run: &Run<'_>, officer: PersonId) -> Result<(), Refusal> {
    takes_no_part(run, officer)?;
    if run.state.is_typed_by(officer) {
        let message = "Whoever typed this application does not decide it. Other officers of the role do.";
        return Err(Refusal::new(ErrorKind::Forbidden, "task.taken-in", message));
    }
    Ok(())
}

pub fn outcome_of<'a>(step: &'a Step, name: &str) -> Option<&'a Outcome> {
    match step.kind() {
        Some(StepKind::Task(task)) => task.outcomes.iter().find(|outcome| outcome.name == name),
        _ => None,
    }
}

pub fn is_short(note: &str) -> Result<(), Refusal> {
    match note.chars().count() > NOTE_MAX {
        true => Err(Refusal::invalid("task.note-too-long", format!("A note has at most {NOTE_MAX} characters."))),
        false => Ok(()),
    }
}

fn judge(run: &Run<'_>, outcome: &Outcome, decided: &Decided<'_>) -> Result<(), Refusal> {
    let known = |code: &String| outcome.reasons.iter().any(|reason| reason.code == *code);
    // No more than there are: one that is given twice says nothing more.
    if decided.reasons.len() > outcome.reasons.len() || !decided.reasons.iter().all(known) {
        return Err(Refusal::invalid("task.reason-unknown", "The outcome has no such reason."));
    }
    if !outcome.reasons.is_empty() && decided.reasons.is_empty() {
        return Err(Refusal::invalid("task.reason-missing", "Choose at least one reason for this decision."));
    }
    is_short(decided.note)?;
    decided.marked.values().try_for_each(|note| is_short(note))?;
    let definition = run.process.definition();
    if !definition.returns(outcome) {
        return match decided.marked.is_empty() {
            true => Ok(()),
            false => Err(Refusal::invalid("task.marks-not-used", "Fields are marked only to return an application.")),
        };
    }
    let form = run.process.step(&outcome.next).and_then(|step| definition.form(step.form.as_deref()?));
    let known = |at: &String| form.is_some_and(|form| form.field(at).is_some());
    if !decided.marked.keys().all(known) {
        return Err(Refusal::invalid("task.field-unknown", "The form has no such field."));
    }
    if decided.marked.is_empty() && decided.note.trim().is_empty() {
        let message = "Mark what has to be corrected, or say it in the note.";
        return Err(Refusal::invalid("task.nothing-marked", message));
    }
    Ok(())
}

/// Nobody needs it any more. The clock of a question in it has stood still for the applicant.
pub fn withdraw(run: &mut Run<'_>, task: TaskId) {
    enclosures::forget_of_task(run, task);
    let promised = questions::promised_after(run, task);
    run.emit(What::TaskWithdrawn { task, promised });
    if promised.is_some() {
        promise::watch(run);
    }
}

fn follow(run: &mut Run<'_>, token: TokenId, outcome: &Outcome, decided: &Decided<'_>) {
    if run.process.definition().returns(outcome) {
        run.emit(What::Returned {
            marked: decided.marked.clone(),
            reasons: decided.reasons.to_vec(),
            note: decided.note.to_owned(),
        });
    }
    let to = outcome.next.clone();
    run.leave(token, &outcome.name, Some(&to));
}

/// The time is over: the superior is told, or silence decides as the definition says. A proposal that nobody checked is no decision:
/// it stops neither, and what silence overtakes is kept beside what it decides.
pub fn deadline(run: &mut Run<'_>, task: TaskId) {
    let Some(known) = run.state.tasks.get(&task).cloned().filter(|task| task.closed.is_none()) else { return };
    let Some(step) = run.process.step(&known.step) else { return };
    let Some(StepKind::Task(definition)) = step.kind() else { return };
    let name = match definition.on_deadline {
        api::OnDeadline::Escalate => return run.emit(What::TaskEscalated { task }),
        api::OnDeadline::Approve => "approve",
        api::OnDeadline::Refuse => "refuse",
    };
    decide_by_silence(run, &known, name);
}

/// Takes the outcome that the definition names for silence; one that it does not have leaves the task to a superior.
pub fn decide_by_silence(run: &mut Run<'_>, known: &Task, name: &str) {
    let (process, task) = (run.process, known.id);
    let Some(outcome) = process.step(&known.step).and_then(|step| outcome_of(step, name)) else {
        return run.emit(What::TaskEscalated { task });
    };
    enclosures::forget_of_task(run, task);
    run.emit(What::TaskDecided {
        task,
        outcome: outcome.name.clone(),
        reasons: Vec::new(),
        note: String::new(),
        marked: BTreeMap::new(),
        officer: None,
        second: None,
        overtaken: known.proposed().map(|proposal| Overtaken {
            officer: proposal.officer,
            outcome: proposal.outcome.clone(),
            at: proposal.at,
        }),
    });
    let to = outcome.next.clone();
    run.leave(known.token, &outcome.name, Some(&to));
}
