//! Where a document is withdrawn or corrected: a place of its own in the case, like a task that nobody takes or decides. It counts as
//! closed, so that whoever opens it says why.

use api::ServiceDefinition;
use kernel::{Hash, TaskId};
use process::{
    CaseState,
    case::{IssuedDocument, Recall, RecallState, Task},
};

/// Of each document that the definition lets be withdrawn.
pub fn places<'s>(
    definition: &'s ServiceDefinition,
    state: &'s CaseState,
) -> impl Iterator<Item = (Task, &'s IssuedDocument)> {
    state.documents.iter().filter_map(move |document| Some((of(definition, state, document)?, document)))
}

/// The place of this id.
pub fn place(definition: &ServiceDefinition, state: &CaseState, id: TaskId) -> Option<Task> {
    places(definition, state).map(|(place, _)| place).find(|place| place.id == id)
}

/// What waits there for a second officer.
pub fn proposed(document: &IssuedDocument) -> Option<&Recall> {
    document.recall.as_ref().filter(|recall| recall.state == RecallState::Proposed)
}

/// For whom it is, where, and how much of the case it shows: as the last task of the role.
fn of(definition: &ServiceDefinition, state: &CaseState, document: &IssuedDocument) -> Option<Task> {
    let recall = definition.document(&document.name)?.recall.as_ref()?;
    let own = state.tasks.values().filter(|task| task.role == recall.role && !state.is_foreign(task));
    let last = own.max_by_key(|task| task.opened)?;
    let parts: [&[u8]; 3] = [b"xizmat recall", state.case_id.as_bytes(), document.document.as_bytes()];
    Some(Task {
        id: TaskId::derived(Hash::of_parts(&parts)),
        step: last.step.clone(),
        activation: 0,
        token: 0,
        agency: state.agency.clone(),
        role: recall.role.clone(),
        office: last.office.clone(),
        opened: document.at,
        due: None,
        escalated: false,
        closed: Some(document.at),
        claim: None,
        proposal: None,
    })
}
