//! Officers take tasks and give them back; a lead of the office says who has one. Each is an act of the record.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, PersonId, TaskId};
use process::{Command, case::Task};
use prost::Message;
use proto::{
    eservice::v1::{AssignTaskRequest, CaseReply, Claim, ClaimTaskRequest, ReleaseTaskRequest},
    identity::v1::Officer,
};
use sql::audit::Act;

use super::{
    command_id,
    draft::{decoded, replied},
    noted,
    task::{self, opened_for, task_for},
};
use crate::{
    domain::{
        access,
        opening::{closed, in_own_queue},
    },
    execute::{Make, Order, act},
    host::{Host, Service},
    store::cases::Case,
};

/// Who has the task now, by the name that identity gives them: it is missing for a while rather than the page.
pub async fn holder(host: &Host, task: &Task) -> Option<Claim> {
    let claim = task.held(host.now())?;
    let name = host.officer(claim.officer).await.map(|officer| officer.display_name).unwrap_or_default();
    Some(Claim { officer: claim.officer.to_vec(), name, until_us: claim.until.micros() })
}

/// Outside of the officer's own queue only after they said why they opened the task, as for a decision.
pub async fn claim(host: Arc<Host>, call: Call<ClaimTaskRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let (case_id, task_id) = (CaseId::from_slice(&call.request.case_id)?, TaskId::from_slice(&call.request.task_id)?);
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    let until = host.now().plus(host.claims_last);
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        is_open(&task_for(&host, case, task_id, person, &officer)?)?;
        Ok(Command::ClaimTask { task: task_id, officer: person.id, until })
    };
    let mut claimed = act("task.claimed", host.now(), Some(person.actor), case_id, &call.agency);
    claimed.purpose = reason;
    claimed.detail = serde_json::json!({"task": task_id, "until": until}).to_string();
    executed(&host, &call, case_id, claimed, &command).await
}

pub async fn release(host: Arc<Host>, call: Call<ReleaseTaskRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let whose = match asked.officer.as_slice() {
        [] => person.id,
        id => PersonId::from_slice(id)?,
    };
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let own = whose == person.id;
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        let task = match own {
            true => task_for(&host, case, task_id, person, &officer)?,
            false => led(&host, case, task_id, person, &officer)?,
        };
        is_open(&task)?;
        Ok(Command::ReleaseTask { task: task_id, officer: whose, by: Some(person.id) })
    };
    let name = if own { "task.released" } else { "task.taken-back" };
    let mut released = act(name, host.now(), Some(person.actor), case_id, &call.agency);
    released.detail = serde_json::json!({"task": task_id, "officer": whose}).to_string();
    executed(&host, &call, case_id, released, &command).await
}

pub async fn assign(host: Arc<Host>, call: Call<AssignTaskRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let to = PersonId::from_slice(&asked.officer)?;
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let chosen = host.officer(to).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => unfit(),
        _ => failure,
    })?;
    let until = host.now().plus(host.claims_last);
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        let task = led(&host, case, task_id, person, &officer)?;
        is_open(&task)?;
        fits(&host, case, &task, to, &chosen)?;
        Ok(Command::AssignTask { task: task_id, officer: to, by: person.id, until })
    };
    let mut assigned = act("task.assigned", host.now(), Some(person.actor), case_id, &call.agency);
    assigned.detail = serde_json::json!({"task": task_id, "officer": to, "until": until}).to_string();
    executed(&host, &call, case_id, assigned, &command).await
}

/// The officer who asks, as identity knows them now.
pub(super) async fn admitted<Q>(
    host: &Host,
    call: &Call<Q>,
    case_id: CaseId,
    task_id: TaskId,
) -> Result<Officer, Failure> {
    let person = call.person()?;
    let officer = task::admitted(host, person, case_id, task_id).await;
    noted(host, person, case_id, &call.agency, officer).await
}

/// The task, for a lead of its office who has no part in the case.
fn led(host: &Host, case: &Case, task_id: TaskId, person: &Person, officer: &Officer) -> Result<Task, Failure> {
    let task = case.state.tasks.get(&task_id).ok_or_else(access::not_found)?;
    for who in [person.actor, person.id] {
        access::lead_may(host.keys.lookup(), &case.state, task, who, officer, host.now())?;
    }
    Ok(task.clone())
}

pub(super) fn is_open(task: &Task) -> Result<(), Failure> {
    if task.closed.is_some() { Err(closed()) } else { Ok(()) }
}

/// Only somebody gets a task in whose own queue it is, and who has no part in its case.
fn fits(host: &Host, case: &Case, task: &Task, to: PersonId, chosen: &Officer) -> Result<(), Failure> {
    let now = host.now();
    let may = access::officer_may(host.keys.lookup(), &case.state, task, to, chosen, now);
    if task.admit_second(to).is_err() {
        return Err(unfit());
    }
    match may {
        Ok(()) if in_own_queue(chosen, task, now) => Ok(()),
        Err(failure) if failure.kind != ErrorKind::NotFound => Err(failure),
        _ => Err(unfit()),
    }
}

fn unfit() -> Failure {
    Failure::conflict(
        "task.unfit-officer",
        "This officer does not have the task's role in its office, has a part in the application, or proposed the decision \
         that is to be checked. Choose another.",
    )
}

/// Once; the answer to the same command is kept.
pub(super) async fn executed<Q>(
    host: &Host,
    call: &Call<Q>,
    case_id: CaseId,
    act: Act,
    command: &Make<'_>,
) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![act],
        command,
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(host, person, case_id, &call.agency, done).await?.answer())
}
