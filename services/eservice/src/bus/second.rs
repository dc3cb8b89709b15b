//! The second of two officers agrees to what the first proposed, or sends it back: never the same person, never a party of the case.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, PersonId, TaskId};
use process::{
    Command,
    case::{Proposal, Task},
};
use proto::{
    eservice::v1::{CaseReply, ConfirmTaskRequest, SendBackTaskRequest, TaskPage},
    identity::v1::Officer,
};

use super::{
    claim::{admitted, executed, is_open},
    stored,
    task::{as_shown, opened_for, task_for},
};
use crate::{
    execute::act,
    host::{Host, Reach, Service},
    store::cases::Case,
};

pub async fn confirm(host: Arc<Host>, call: Call<ConfirmTaskRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        checks(&host, case, (task_id, asked.version), person, &officer)?;
        Ok(Command::ConfirmTask { task: task_id, officer: person.id })
    };
    let mut confirmed = act("task.confirmed", host.now(), Some(person.actor), case_id, &call.agency);
    confirmed.purpose = reason;
    confirmed.detail = told(&host, case_id, task_id).await?.to_string();
    executed(&host, &call, case_id, confirmed, &command).await
}

/// The note stays with the case; the record says that there is one.
pub async fn send_back(host: Arc<Host>, call: Call<SendBackTaskRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    let until = host.now().plus(host.claims_last);
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        checks(&host, case, (task_id, asked.version), person, &officer)?;
        let note = asked.note.trim().to_owned();
        Ok(Command::SendBackTask { task: task_id, officer: person.id, note, until })
    };
    let mut sent = act("task.sent-back", host.now(), Some(person.actor), case_id, &call.agency);
    sent.purpose = reason;
    sent.detail = told(&host, case_id, task_id).await?.to_string();
    executed(&host, &call, case_id, sent, &command).await
}

/// Whether this officer may judge the proposal that they were shown. Who acts and who they act for are both compared.
fn checks(
    host: &Host,
    case: &Case,
    (task_id, version): (TaskId, i64),
    person: &Person,
    officer: &Officer,
) -> Result<(), Failure> {
    let task = task_for(host, case, task_id, person, officer)?;
    is_open(&task)?;
    for who in [person.id, person.actor] {
        task.admit_second(who)?;
    }
    task.admit(person.id, host.now())?;
    as_shown(case, version)
}

/// What is judged, for the record: who proposed which outcome for which reasons. What is not there any more is refused by the
/// command itself.
async fn told(host: &Host, case_id: CaseId, task_id: TaskId) -> Result<serde_json::Value, Failure> {
    let case = known(host, case_id).await?;
    let proposal = case.and_then(|case| case.state.tasks.get(&task_id)?.proposed().cloned());
    Ok(match proposal {
        Some(Proposal { outcome, reasons, officer, .. }) => {
            serde_json::json!({"task": task_id, "proposer": officer, "outcome": outcome, "reasons": reasons})
        }
        None => serde_json::json!({"task": task_id}),
    })
}

/// Whether what the first officer decides about this task waits for a second one. An unknown task is refused by the command itself.
pub async fn is_asked(host: &Host, case_id: CaseId, task_id: TaskId) -> Result<bool, Failure> {
    let Some(case) = known(host, case_id).await? else { return Ok(false) };
    let Some(task) = case.state.tasks.get(&task_id) else { return Ok(false) };
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let declared = service.definition().step(&task.step).and_then(|step| step.task.as_ref());
    Ok(declared.is_some_and(|task| task.four_eyes))
}

async fn known(host: &Host, case_id: CaseId) -> Result<Option<Case>, Failure> {
    match stored(host, case_id).await {
        Ok(case) => Ok(Some(case)),
        Err(failure) if failure.kind == ErrorKind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Adds to the page who proposed and who sent it back, by the names that identity gives them.
pub async fn named(host: &Host, task: &Task, page: &mut TaskPage) {
    let (Some(kept), Some(shown)) = (&task.proposal, &mut page.proposal) else { return };
    shown.name = name(host, kept.officer).await;
    if let Some(back) = &kept.sent_back {
        shown.sent_back_by = name(host, back.officer).await;
    }
}

pub(super) async fn name(host: &Host, officer: PersonId) -> String {
    host.officer(officer).await.map(|officer| officer.display_name).unwrap_or_default()
}
