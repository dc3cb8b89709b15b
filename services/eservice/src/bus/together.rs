//! Tasks that an officer decides alike: each was read by them as it is, and each is decided by a command of its own.

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
    store::{cases::Case, openings},
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
    let read = read(&host, person, &case, &task).await?;
    Ok(Choices {
        number: case.state.number.clone().unwrap_or_default(),
        version: case.version,
        step: task.step.clone(),
        revision: case.revision.to_vec(),
        outcomes,
        of_two,
        opened: read != Read::Never,
        outdated: read == Read::Before,
    })
}

/// Refuses what the officer may decide but has not read as it is. What they may not, or what is not there, the command itself refuses.
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
    match read(host, person, &case, &task).await? {
        Read::AsItIs => Ok(()),
        Read::Never => Err(Failure::forbidden(
            "task.not-opened",
            "You have not opened this application. Read it before you decide it together with others.",
        )),
        Read::Before => Err(Failure::stale(
            "task.outdated",
            "Something came to this application after you read it. Open it again before you decide it together with others.",
        )),
    }
}

/// How an officer read a task's page.
#[derive(PartialEq, Eq)]
enum Read {
    Never,
    /// Something came after it.
    Before,
    AsItIs,
}

/// Since the task waits. While it does, the answers of the form stay as they are; a question may be answered, another agency heard.
async fn read(host: &Host, person: &Person, case: &Case, task: &Task) -> Result<Read, Failure> {
    let mut tx = host.database.read().await?;
    let earlier = openings::earlier(&mut tx, case.id, person.actor, task.opened).await?;
    let page = task.id.to_string();
    let seen = earlier.iter().filter(|earlier| earlier.thing == page).map(|earlier| earlier.version).max();
    let Some(seen) = seen else { return Ok(Read::Never) };
    let outdated = openings::is_outdated(&mut tx, case, person.actor, seen).await?;
    Ok(if outdated { Read::Before } else { Read::AsItIs })
}
