//! What the docket indexes about a case: where it stands and who works on it, no form data.

use std::collections::BTreeSet;

use kernel::{Hash, PersonId, Time};
use process::{
    CaseState,
    case::{Origin, PaymentState, Task},
};
use proto::{
    CaseRef,
    eservice::v1::{CaseChanged, OpenTask},
};

use super::{asked, paper, text};

/// The case after a transition, as its event.
pub fn of(
    state: &CaseState,
    version: i64,
    definition: &api::ServiceDefinition,
    lookup: Vec<Hash>,
    parties: BTreeSet<Hash>,
) -> CaseChanged {
    let paid = state.payments.values().flatten().filter(|payment| payment.state == PaymentState::Captured);
    let office = state.own_tasks().find_map(|task| task.office.clone());
    let representative = state.applicant.as_ref().and_then(|applicant| {
        let recorded = applicant.mandate.as_ref().filter(|mandate| !mandate.is_asserted());
        let mandate = recorded.filter(|mandate| mandate.ended.is_none())?;
        Some((applicant.actor, mandate.until))
    });
    let kept_off = state.origin.iter().flat_map(Origin::kept_off).chain(&state.acted);
    CaseChanged {
        case: Some(case_ref(state)),
        number: state.number.clone().unwrap_or_default(),
        version,
        phase: state.public_phase().to_owned(),
        status: state.status().to_owned(),
        outcome: state.outcome.clone().unwrap_or_default(),
        applicant: applicant(state),
        office: office.unwrap_or_default(),
        opened_us: state.opened.micros(),
        changed_us: state.changed.micros(),
        due_us: micros(state.due()),
        title: Some(text::to_proto(&definition.spec.title)),
        tasks: open(state, definition),
        lookup: lookup.into_iter().map(Hash::to_vec).collect(),
        parties: parties.into_iter().map(Hash::to_vec).collect(),
        intents: paid.map(|payment| payment.intent.to_vec()).collect(),
        representative: representative.map(|(actor, _)| actor.to_vec()).unwrap_or_default(),
        represented_until_us: representative.map(|(_, until)| until.micros()).unwrap_or_default(),
        kept_off: kept_off.map(|person| person.to_vec()).collect(),
        start: state.start.clone(),
        asked: asked::indexed(state),
        delivered: state.documents.iter().map(|document| document.name.clone()).collect(),
        typing_role: typing_role(state),
    }
}

/// Whose list it stands in: in nobody's while an officer types it.
fn applicant(state: &CaseState) -> Vec<u8> {
    let applicant = state.applicant.as_ref().filter(|_| !paper::is_being_typed(state));
    applicant.map(|applicant| applicant.person.to_vec()).unwrap_or_default()
}

/// Of what only an officer can go on with: in which role.
fn typing_role(state: &CaseState) -> String {
    let taken = state.taken_in.as_ref().filter(|_| paper::is_left_to_officers(state));
    taken.map(|taken| taken.role.clone()).unwrap_or_default()
}

pub fn case_ref(state: &CaseState) -> CaseRef {
    CaseRef {
        case_id: state.case_id.to_vec(),
        agency: state.agency.clone(),
        service: state.service.clone(),
        revision: state.revision.to_vec(),
    }
}

pub fn micros(time: Option<Time>) -> i64 {
    time.map_or(0, Time::micros)
}

/// Of the process, and asked of another agency beside it.
fn open(state: &CaseState, definition: &api::ServiceDefinition) -> Vec<OpenTask> {
    let requests = state.open_requests().map(|request| {
        let task = open_task(&request.as_task(), definition);
        OpenTask { requested: true, ..task }
    });
    let typed_by: Vec<Vec<u8>> = state.typists().map(PersonId::to_vec).collect();
    let decided = state.open_tasks().map(|task| {
        let task = open_task(task, definition);
        OpenTask { typed_by: typed_by.clone(), ..task }
    });
    decided.chain(requests).collect()
}

fn open_task(task: &Task, definition: &api::ServiceDefinition) -> OpenTask {
    OpenTask {
        task_id: task.id.to_vec(),
        step: task.step.clone(),
        role: task.role.clone(),
        agency: task.agency.clone(),
        office: task.office.clone().unwrap_or_default(),
        opened_us: task.opened.micros(),
        due_us: micros(task.due),
        title: Some(title_of(task, definition)),
        assignee: task.claim.map(|claim| claim.officer.to_vec()).unwrap_or_default(),
        claimed_until_us: micros(task.claim.map(|claim| claim.until)),
        proposer: task.proposed().map(|proposal| proposal.officer.to_vec()).unwrap_or_default(),
        requested: false,
        typed_by: Vec::new(),
    }
}

/// What a task is for, in the definition's words.
pub fn title_of(task: &Task, definition: &api::ServiceDefinition) -> proto::Text {
    let declared = definition.step(&task.step).and_then(|step| step.task.as_ref());
    let title = declared.and_then(|task| task.title.as_ref());
    text::to_proto(title.unwrap_or(&definition.spec.title))
}
