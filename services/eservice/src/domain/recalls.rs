//! Where a document is withdrawn or corrected: a place of its own in the case, like a task that nobody takes or decides. It counts as
//! closed, so that whoever opens it says why.

use kernel::{Hash, TaskId};
use process::{
    CaseState, Facts, Process,
    case::{IssuedDocument, Recall, RecallState, Task},
    process::office,
};

/// Of each document that the definition lets be withdrawn.
pub fn places<'s>(
    process: &'s Process,
    state: &'s CaseState,
    facts: &'s Facts<'s>,
) -> impl Iterator<Item = (Task, &'s IssuedDocument)> {
    state.documents.iter().filter_map(move |document| Some((of(process, state, document, facts)?, document)))
}

/// The place of this id.
pub fn place(process: &Process, state: &CaseState, id: TaskId, facts: &Facts<'_>) -> Option<Task> {
    places(process, state, facts).map(|(place, _)| place).find(|place| place.id == id)
}

/// Those of roles that never had a task of the case.
pub fn unmet<'s>(process: &'s Process, state: &'s CaseState, facts: &'s Facts<'s>) -> impl Iterator<Item = Task> {
    let places = places(process, state, facts).map(|(place, _)| place);
    places.filter(move |place| met(state, &place.role).next().is_none())
}

/// What waits there for a second officer.
pub fn proposed(document: &IssuedDocument) -> Option<&Recall> {
    document.recall.as_ref().filter(|recall| recall.state == RecallState::Proposed)
}

/// The case's own tasks in this role.
fn met<'s>(state: &'s CaseState, role: &'s str) -> impl Iterator<Item = &'s Task> {
    state.tasks.values().filter(move |task| task.role == role && !state.is_foreign(task))
}

/// For whom it is, where, and how much of the case it shows: as the last task of the role; where none ever was, as the first that the
/// definition has would be opened now. Whose office cannot be told is nobody's.
fn of(process: &Process, state: &CaseState, document: &IssuedDocument, facts: &Facts<'_>) -> Option<Task> {
    let recall = process.definition().document(&document.name)?.recall.as_ref()?;
    let (step, office) = match met(state, &recall.role).max_by_key(|task| task.opened) {
        Some(last) => (last.step.clone(), last.office.clone()),
        None => declared(process, state, &recall.role, facts)?,
    };
    let parts: [&[u8]; 3] = [b"xizmat recall", state.case_id.as_bytes(), document.document.as_bytes()];
    Some(Task {
        id: TaskId::derived(Hash::of_parts(&parts)),
        step,
        activation: 0,
        token: 0,
        agency: state.agency.clone(),
        role: recall.role.clone(),
        office,
        opened: document.at,
        due: None,
        allowed: None,
        escalated: false,
        closed: Some(document.at),
        claim: None,
        proposal: None,
    })
}

/// The step of the first task in this role, and its office.
fn declared(process: &Process, state: &CaseState, role: &str, facts: &Facts<'_>) -> Option<(String, Option<String>)> {
    let tasks = process.definition().steps().iter().filter_map(|step| Some((step, step.task.as_ref()?)));
    let mut own = tasks.filter(|(_, task)| task.agency.as_ref().is_none_or(|agency| *agency == state.agency));
    let (step, task) = own.find(|(_, task)| task.role == role)?;
    Some((step.name.clone(), office::of_task(process, state, task, facts).ok()?))
}
