//! Officers' notes: written for colleagues, and given to whoever applied with the copy of what is kept about them.

use std::{collections::BTreeSet, sync::Arc};

use bus::Call;
use kernel::{CaseId, Failure, PersonId, TaskId};
use process::Command;
use proto::eservice::v1::{AddNoteRequest, CaseReply, OfficerNote, OfficerNotes, ReadCaseRequest};

use super::{
    claim::{admitted, executed, is_open},
    noted, own, own_service,
    task::{opened_for, task_for},
};
use crate::{
    domain::{access, review},
    execute::act,
    host::{Host, Service},
    store::cases::Case,
};

/// As for a decision, somebody else's queue is entered with a reason. The words stay in the case; the record says that there are some.
pub async fn add(host: Arc<Host>, call: Call<AddNoteRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        is_open(&task_for(&host, case, task_id, person, &officer)?)?;
        Ok(Command::AddNote { task: task_id, officer: person.id, text: asked.text.clone() })
    };
    let mut written = act("task.noted", host.now(), Some(person.actor), case_id, &call.agency);
    written.purpose = reason;
    written.detail = serde_json::json!({"task": task_id}).to_string();
    executed(&host, &call, case_id, written, &command).await
}

/// Only for the applicant themselves: nobody acts for them in asking what is kept about them.
pub async fn read(host: Arc<Host>, call: Call<ReadCaseRequest>) -> Result<OfficerNotes, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let case = own(&host, person, case_id).await;
    let applied = case.and_then(|case| if case.applicant == person.id { Ok(case) } else { Err(access::not_found()) });
    let case = noted(&host, person, case_id, &call.agency, applied).await?;
    own_service(&host, person, &case).await?;
    let mut notes = review::notes(&case.state, |_| true);
    notes.iter_mut().for_each(|note| note.officer.clear());
    Ok(OfficerNotes { notes })
}

/// Adds who wrote each, by the names that identity gives them.
pub async fn named(host: &Host, notes: &mut [OfficerNote]) {
    let written_by: BTreeSet<Vec<u8>> = notes.iter().map(|note| note.officer.clone()).collect();
    for id in written_by {
        let Ok(officer) = PersonId::from_slice(&id) else { continue };
        let name = host.officer(officer).await.map(|officer| officer.display_name).unwrap_or_default();
        notes.iter_mut().filter(|note| note.officer == id).for_each(|note| note.name.clone_from(&name));
    }
}
