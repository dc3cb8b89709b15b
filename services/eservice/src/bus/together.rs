//! Tasks that an officer decides alike: each was opened by them before, and each is decided by a command of its own.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, TaskId};
use process::case::Task;
use proto::{
    eservice::v1::{Choices, ReadChoicesRequest},
    identity::v1::Officer,
};

use super::{
    claim::is_open,
    noted, stored,
    task::{allowed, task_for},
};
use crate::{
    domain::{review, text},
    host::{Host, Reach},
    store::openings,
};

/// Nothing of the case but its number: no opening of it.
pub async fn choices(host: Arc<Host>, call: Call<ReadChoicesRequest>) -> Result<Choices, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let found = allowed(&host, person, case_id, task_id).await;
    let (case, task, _) = noted(&host, person, case_id, &call.agency, found).await?;
    is_open(&task)?;
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let (outcomes, of_two) = review::choices(service.definition(), &task, text::language(&asked.language));
    Ok(Choices {
        number: case.state.number.clone().unwrap_or_default(),
        version: case.version,
        step: task.step.clone(),
        revision: case.revision.to_vec(),
        outcomes,
        of_two,
        opened: opened(&host, person, case_id, &task).await?,
    })
}

/// Refuses what the officer may decide but has not read. What they may not, or what is not there, the command itself refuses.
pub async fn was_read(
    host: &Host,
    person: &Person,
    officer: &Officer,
    case_id: CaseId,
    task_id: TaskId,
) -> Result<(), Failure> {
    let case = match stored(host, case_id).await {
        Ok(case) => case,
        Err(failure) if failure.kind == ErrorKind::NotFound => return Ok(()),
        Err(failure) => return Err(failure),
    };
    let Ok(task) = task_for(host, &case, task_id, person, officer) else { return Ok(()) };
    match opened(host, person, case_id, &task).await? {
        true => Ok(()),
        false => Err(Failure::forbidden(
            "task.not-opened",
            "You have not opened this application. Read it before you decide it together with others.",
        )),
    }
}

/// Whether the officer opened the task's page since the task waits: while it does, its answers stay as they are.
async fn opened(host: &Host, person: &Person, case_id: CaseId, task: &Task) -> Result<bool, Failure> {
    let mut tx = host.database.read().await?;
    let earlier = openings::earlier(&mut tx, case_id, person.actor, task.opened).await?;
    let page = task.id.to_string();
    Ok(earlier.iter().any(|earlier| earlier.thing == page))
}
