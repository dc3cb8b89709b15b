//! What the docket indexes about a case: where it stands and who works on it, no form data.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Hash, PersonId, Time};
use process::{
    CaseState, Facts, Process,
    case::{Origin, PaymentState, Task},
};
use proto::{
    CaseRef,
    eservice::v1::{CaseChanged, OpenTask, PastTask},
};

use super::{asked, paper, recalls, text};

/// The case after a transition, as its event.
pub fn of(
    state: &CaseState,
    version: i64,
    (process, facts): (&Process, &Facts<'_>),
    lookup: Vec<Hash>,
    parties: BTreeSet<Hash>,
) -> CaseChanged {
    let definition = process.definition();
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
        tasks: open(state, (process, facts)),
        lookup: lookup.into_iter().map(Hash::to_vec).collect(),
        parties: parties.into_iter().map(Hash::to_vec).collect(),
        intents: paid.map(|payment| payment.intent.to_vec()).collect(),
        representative: representative.map(|(actor, _)| actor.to_vec()).unwrap_or_default(),
        represented_until_us: representative.map(|(_, until)| until.micros()).unwrap_or_default(),
        kept_off: kept_off.map(|person| person.to_vec()).collect(),
        start: state.start.clone(),
        asked: asked::indexed(state),
        subjects: state.subjects().map(|(subject, _)| subject.to_vec()).collect(),
        delivered: state.documents.iter().map(|document| document.name.clone()).collect(),
        typing_role: typing_role(state),
        past: past(state, recalls::unmet(process, state, facts)),
    }
}

/// By which officers come to the case again once nothing of it is open: of what is closed the newest of each role and office; and where
/// a role never had a task, the place where it withdraws a document. Another agency, whose opinion was asked for, comes back to nothing.
fn past(state: &CaseState, unmet: impl Iterator<Item = Task>) -> Vec<PastTask> {
    let own = state.tasks.values().filter(|task| !state.is_foreign(task)).cloned();
    let mut newest: BTreeMap<(String, String), PastTask> = BTreeMap::new();
    for task in own.chain(unmet) {
        let Some(closed) = task.closed else { continue };
        let office = task.office.clone().unwrap_or_default();
        let known = newest.entry((task.role.clone(), office.clone())).or_default();
        if known.task_id.is_empty() || known.closed_us < closed.micros() {
            let (task_id, role, closed_us) = (task.id.to_vec(), task.role.clone(), closed.micros());
            *known = PastTask { task_id, role, office, closed_us };
        }
    }
    newest.into_values().collect()
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

/// Of the process, asked of another agency beside it, and what one officer proposes to do with a document.
fn open(state: &CaseState, (process, facts): (&Process, &Facts<'_>)) -> Vec<OpenTask> {
    let definition = process.definition();
    let requests = state.open_requests().map(|request| {
        let task = open_task(&request.as_task(), definition);
        OpenTask { requested: true, ..task }
    });
    let proposals = recalls::places(process, state, facts).filter_map(|(place, document)| {
        let proposed = recalls::proposed(document)?;
        let title = definition.document(&document.name).and_then(|document| document.title.as_ref());
        Some(OpenTask {
            recall: true,
            opened_us: proposed.at.micros(),
            proposer: proposed.officer.to_vec(),
            title: Some(text::to_proto(title.unwrap_or(&definition.spec.title))),
            ..open_task(&place, definition)
        })
    });
    let typed_by: Vec<Vec<u8>> = state.typists().map(PersonId::to_vec).collect();
    let decided = state.open_tasks().map(|task| {
        let task = open_task(task, definition);
        OpenTask { typed_by: typed_by.clone(), ..task }
    });
    decided.chain(requests).chain(proposals).collect()
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
        recall: false,
    }
}

/// What a task is for, in the definition's words.
pub fn title_of(task: &Task, definition: &api::ServiceDefinition) -> proto::Text {
    let declared = definition.step(&task.step).and_then(|step| step.task.as_ref());
    let title = declared.and_then(|task| task.title.as_ref());
    text::to_proto(title.unwrap_or(&definition.spec.title))
}

#[cfg(test)]
mod tests {
    use kernel::{CaseId, TaskId};

    use super::*;

    #[test]
    fn officers_come_back_by_the_newest_closed_task_of_their_role_and_office_and_another_agency_by_none() {
        let mut state = CaseState::absent(CaseId::from_bytes([1; 16]));
        state.agency = "justice".into();
        let tasks = [
            (1, "justice", Some("nukus"), Some(5)),
            (2, "justice", Some("nukus"), Some(9)),
            (3, "justice", None, Some(7)),
            (4, "justice", Some("navoiy"), None),
            (5, "health", None, Some(8)),
        ];
        for (number, agency, office, closed) in tasks {
            let task = Task {
                id: TaskId::from_bytes([number; 16]),
                step: "review".into(),
                activation: 1,
                token: 1,
                agency: agency.into(),
                role: "registrar".into(),
                office: office.map(str::to_owned),
                opened: Time::default(),
                due: None,
                allowed: None,
                escalated: false,
                closed: closed.map(Time::from_micros),
                claim: None,
                proposal: None,
            };
            state.tasks.insert(task.id, task);
        }
        let past = past(&state, std::iter::empty());
        let known: Vec<(u8, &str, i64)> =
            past.iter().map(|task| (task.task_id[0], task.office.as_str(), task.closed_us)).collect();
        assert_eq!(known, [(3, "", 7), (2, "nukus", 9)]);
    }
}
