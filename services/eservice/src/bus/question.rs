//! The thread of a case: the officer who has a task asks, the applicant or who acts for them answers. Each is an act of the record.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure, TaskId};
use process::{Command, case::Enclosed};
use proto::eservice::v1::{AnswerQuestionRequest, AskApplicantRequest, CaseReply, TakeBackQuestionRequest};

use super::{
    acting, allow_applicant,
    claim::{admitted, executed, is_open},
    filed,
    task::{opened_for, task_for},
};
use crate::{
    domain::intake,
    execute::act,
    host::{Host, Service},
    store::cases::Case,
};

/// As for a decision, somebody else's queue is entered with a reason. What is asked stays in the case.
pub async fn ask(host: Arc<Host>, call: Call<AskApplicantRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    let found = filed::found(&host, case_id).await?;
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        is_open(&task_for(&host, case, task_id, person, &officer)?)?;
        let enclosed = case.state.enclosed(Enclosed::Question { task: task_id }).iter();
        filed::each_readable(&host, &found, case, enclosed.map(|file| file.hash))?;
        Ok(Command::AskApplicant { task: task_id, officer: person.id, text: asked.text.clone() })
    };
    let mut noted = act("task.asked", host.now(), Some(person.actor), case_id, &call.agency);
    noted.purpose = reason;
    noted.detail = serde_json::json!({"task": task_id}).to_string();
    executed(&host, &call, case_id, noted, &command).await
}

/// By whoever could ask: the question stays in the thread, and nobody waits for its answer.
pub async fn take_back(host: Arc<Host>, call: Call<TakeBackQuestionRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let number = u32::try_from(asked.number).unwrap_or_default();
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        is_open(&task_for(&host, case, task_id, person, &officer)?)?;
        Ok(Command::TakeBackQuestion { task: task_id, number, officer: person.id })
    };
    let mut noted = act("task.question-taken-back", host.now(), Some(person.actor), case_id, &call.agency);
    noted.purpose = reason;
    noted.detail = serde_json::json!({"task": task_id, "question": number}).to_string();
    executed(&host, &call, case_id, noted, &command).await
}

pub async fn answer(host: Arc<Host>, call: Call<AnswerQuestionRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    acting(&host, person, case_id, &call.agency).await?;
    // Questions are counted from 1: no other number is one of the case.
    let number = u32::try_from(asked.number).unwrap_or_default();
    let found = filed::found(&host, case_id).await?;
    let command = |case: &Case, service: &Service, _: Option<&str>| -> Result<Command, Failure> {
        allow_applicant(&host, case, person)?;
        intake::assured(service.definition(), person.assurance.as_str())?;
        let enclosed = case.state.enclosed(Enclosed::Answer { number }).iter();
        filed::each_readable(&host, &found, case, enclosed.map(|file| file.hash))?;
        Ok(Command::AnswerQuestion { number, text: asked.text.clone(), by: person.actor })
    };
    let mut noted = act("case.answered", host.now(), Some(person.actor), case_id, &call.agency);
    noted.detail = serde_json::json!({"question": number}).to_string();
    executed(&host, &call, case_id, noted, &command).await
}
