//! `CaseChanged` becomes an entry and its open tasks.

use ::bus::Event;
use kernel::{CaseId, Failure, PersonId, TaskId, Time};
use prost::Message;
use proto::eservice::v1::{CaseChanged, OpenTask};
use sql::Tx;

use crate::store::{self, Entry, Task};

pub async fn take(tx: &mut Tx, event: Event) -> Result<(), Failure> {
    if !event.is::<CaseChanged>() {
        return Ok(());
    }
    let change: CaseChanged = event.decode()?;
    let entry = entry(&change)?;
    // Events may be redelivered out of order: the version of the case decides, never the order of arrival.
    if store::put(tx, &entry, &change.lookup).await? {
        let tasks: Result<Vec<Task>, Failure> = change.tasks.iter().map(|open| task(&entry, open)).collect();
        store::replace(tx, entry.case_id, &tasks?).await?;
    }
    Ok(())
}

fn entry(change: &CaseChanged) -> Result<Entry, Failure> {
    let case = change.case.clone().unwrap_or_default();
    Ok(Entry {
        case_id: CaseId::from_slice(&case.case_id)?,
        version: change.version,
        number: change.number.clone(),
        agency: case.agency,
        service: case.service,
        phase: change.phase.clone(),
        status: change.status.clone(),
        outcome: change.outcome.clone(),
        applicant: PersonId::from_slice(&change.applicant)?,
        office: change.office.clone(),
        opened: Time::from_micros(change.opened_us),
        changed: Time::from_micros(change.changed_us),
        due: Time::from_micros(change.due_us),
        title: change.title.clone().unwrap_or_default().encode_to_vec(),
    })
}

fn task(entry: &Entry, open: &OpenTask) -> Result<Task, Failure> {
    Ok(Task {
        task_id: TaskId::from_slice(&open.task_id)?,
        case_id: entry.case_id,
        version: entry.version,
        number: entry.number.clone(),
        agency: open.agency.clone(),
        office: open.office.clone(),
        role: open.role.clone(),
        service: entry.service.clone(),
        step: open.step.clone(),
        opened: Time::from_micros(open.opened_us),
        due: Time::from_micros(open.due_us),
        title: open.title.clone().unwrap_or_default().encode_to_vec(),
    })
}
