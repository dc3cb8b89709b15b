//! Files of a case's thread: enclosed by whoever may ask or answer now, and taken away again until it is sent.

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash, TaskId};
use process::{
    Command,
    case::Enclosed,
    evidence::{self, FileReference},
};
use proto::{
    eservice::v1::{AttachFileRequest, CaseReply, Enclosure, RemoveFileRequest},
    identity::v1::Officer,
};

use super::{
    allow_applicant,
    claim::{executed, is_open},
    filed, files, noted, own, own_service,
    task::{allowed, opened_for, task_for},
};
use crate::{
    domain::{access, intake},
    execute::{act, on_behalf},
    host::{Host, Service},
    store::cases::Case,
};

/// Where files are enclosed, and the officer who does it; absent: whoever applied.
pub struct Opened {
    pub case: Case,
    of: Enclosed,
    officer: Option<Officer>,
}

/// As for the question or the answer itself; whether it can be sent the command says once more.
pub async fn open(
    host: &Host,
    person: &Person,
    case_id: &[u8],
    agency: &str,
    asked: &Enclosure,
) -> Result<Opened, Failure> {
    let id = CaseId::from_slice(case_id)?;
    if asked.task_id.is_empty() {
        let case = noted(host, person, id, agency, own(host, person, id).await).await?;
        own_service(host, person, &case).await?;
        let number = u32::try_from(asked.question).unwrap_or_default();
        if !case.state.questions.iter().any(|question| question.number == number && question.is_open()) {
            return Err(Failure::stale("file.no-field", "The application does not ask for files here now."));
        }
        return Ok(Opened { case, of: Enclosed::Answer { number }, officer: None });
    }
    let task_id = TaskId::from_slice(&asked.task_id)?;
    let (case, task, officer) = noted(host, person, id, agency, allowed(host, person, id, task_id).await).await?;
    if case.state.is_foreign(&task) {
        return Err(access::not_found().with_detail("another agency asks the applicant nothing"));
    }
    opened_for(host, person, &officer, id, task_id).await?;
    is_open(&task)?;
    task.admit(person.id, host.now())?;
    Ok(Opened { case, of: Enclosed::Question { task: task_id }, officer: Some(officer) })
}

pub async fn attach(host: &Host, call: &Call<AttachFileRequest>, asked: &Enclosure) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let opened = open(host, person, &call.request.case_id, &call.agency, asked).await?;
    let pieces = files::hashes(&call.request.pieces)?;
    let file = files::made(host, &opened.case, &evidence::enclosed(), &call.request.name, &pieces).await?;
    let command = Command::Enclose { of: opened.of, file, by: person.id };
    change(host, call, &opened, "file.attached", &command).await
}

pub async fn remove(host: &Host, call: &Call<RemoveFileRequest>, asked: &Enclosure) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let opened = open(host, person, &call.request.case_id, &call.agency, asked).await?;
    let id = Hash::from_slice(&call.request.id)?;
    let is_meant = |file: &&FileReference| filed::address(&opened.case, file.hash) == id;
    // One that is gone already is taken away once more: the command finds nothing to do.
    let file = opened.case.state.enclosed(opened.of).iter().find(is_meant).map_or(id, |file| file.hash);
    let command = Command::RemoveEnclosed { of: opened.of, file, by: person.id };
    change(host, call, &opened, "file.removed", &command).await
}

async fn change<Q>(
    host: &Host,
    call: &Call<Q>,
    opened: &Opened,
    name: &str,
    command: &Command,
) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let make = |case: &Case, service: &Service, _: Option<&str>| -> Result<Command, Failure> {
        match (&opened.officer, opened.of) {
            (Some(officer), Enclosed::Question { task }) => is_open(&task_for(host, case, task, person, officer)?)?,
            _ => {
                allow_applicant(host, case, person)?;
                intake::assured(service.definition(), person.assurance.as_str())?;
            }
        }
        Ok(command.clone())
    };
    let mut recorded = act(name, host.now(), Some(person.actor), opened.case.id, &call.agency);
    recorded.detail = match opened.of {
        Enclosed::Question { task } => serde_json::json!({"task": task}).to_string(),
        Enclosed::Answer { number } => serde_json::json!({"question": number}).to_string(),
    };
    executed(host, call, opened.case.id, on_behalf(recorded, person), &make).await
}
