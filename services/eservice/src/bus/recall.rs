//! An officer withdraws a document of a case, or has it replaced: in the role that the definition names, of no case of their own.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, DocumentId, Failure, TaskId};
use process::Command;
use prost::Message;
use proto::{
    eservice::v1::{CaseReply, RecallDocumentRequest},
    identity::v1::Officer,
};

use super::{
    command_id,
    draft::{decoded, replied},
    noted,
    task::{allowed, as_shown, may_open},
};
use crate::{
    domain::{
        access,
        opening::{LASTS, in_own_queue, reason_needed},
        recalls, review,
    },
    execute::{Order, act},
    host::{Host, Service},
    store::{cases::Case, openings},
};

pub async fn recall(host: Arc<Host>, call: Call<RecallDocumentRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let task_id = TaskId::from_slice(&asked.task_id)?;
    let document = DocumentId::from_slice(&asked.document_id)?;
    let admitted = admitted(&host, person, case_id, task_id).await;
    let (officer, reason) = noted(&host, person, case_id, &call.agency, admitted).await?;
    let command = |case: &Case, service: &Service, _: Option<&str>| {
        let place = || recalls::place(&service.process, &case.state, task_id, &host.facts(service));
        let task = case.state.task(task_id).or_else(place).ok_or_else(access::not_found)?;
        may_open(&host, case, &task, person, &officer)?;
        if !review::may_recall(service.definition(), &case.state, &task, document) {
            return Err(access::not_found().with_detail("no document that is withdrawn through this task"));
        }
        as_shown(case, asked.version)?;
        Ok(Command::RecallDocument {
            document,
            reason: asked.reason.clone(),
            note: asked.note.trim().to_owned(),
            replace: asked.replace,
            corrections: asked.corrections.iter().map(|slip| (slip.at.clone(), slip.value.clone())).collect(),
            officer: person.id,
        })
    };
    let name = if asked.corrections.is_empty() { "document.recalled" } else { "document.corrected" };
    let mut recalled = act(name, host.now(), Some(person.actor), case_id, &call.agency);
    recalled.purpose = reason;
    // Which fields; what stood and stands in them is content of the case, and goes with it.
    let fields: Vec<&str> = asked.corrections.iter().map(|slip| slip.at.as_str()).collect();
    recalled.detail = serde_json::json!({
        "document": document, "task": task_id, "reason": asked.reason, "replace": asked.replace, "corrected": fields,
    })
    .to_string();
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![recalled],
        command: &command,
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

/// The officer, and the reason for which they opened the case: a task that is closed is in nobody's queue.
async fn admitted(
    host: &Host,
    person: &Person,
    case_id: CaseId,
    task_id: TaskId,
) -> Result<(Officer, Option<String>), Failure> {
    let (case, task, officer) = allowed(host, person, case_id, task_id).await?;
    if case.state.is_foreign(&task) {
        return Err(access::not_found().with_detail("another agency withdraws nothing"));
    }
    if in_own_queue(&officer, &task, host.now()) {
        return Ok((officer, None));
    }
    let mut tx = host.database.read().await?;
    let earlier = openings::earlier(&mut tx, case_id, person.actor, host.now().minus(LASTS)).await?;
    drop(tx);
    let reason = earlier.into_iter().find_map(|earlier| earlier.reason);
    Ok((officer, Some(reason.ok_or_else(|| reason_needed(&task))?)))
}
