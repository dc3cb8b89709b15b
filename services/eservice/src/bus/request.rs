//! An opinion asked for beside the process: of an agency that lends officers to the service, with the pages that are named.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure, TaskId};
use process::Command;
use proto::eservice::v1::{CaseReply, Lender, Lenders, ReadChoicesRequest, RequestOpinionRequest, ShownPage};

use super::{
    claim::{admitted, executed, is_open},
    noted, stored,
    task::{allowed, opened_for, task_for},
};
use crate::{
    domain::{access, summary, text},
    execute::act,
    host::{Host, Reach, Service},
    store::cases::Case,
};

/// Nothing of the case but its number and the titles of its pages: no opening of it.
pub async fn lenders(host: Arc<Host>, call: Call<ReadChoicesRequest>) -> Result<Lenders, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let found = allowed(&host, person, case_id, task_id).await;
    let own = found.and_then(|found| match found.0.state.is_foreign(&found.1) {
        true => Err(access::not_found().with_detail("another agency asks nobody")),
        false => Ok(found),
    });
    let (case, task, _) = noted(&host, person, case_id, &call.agency, own).await?;
    is_open(&task)?;
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let lent = host.platform.lent(&case.agency, &case.service).await?;
    let declared = service.definition().step(&task.step).and_then(|step| step.task.as_ref());
    let shows = declared.map(|task| task.shows.as_slice()).unwrap_or_default();
    let language = text::language(&asked.language);
    let sections = summary::sections(&service.process, &case.state, language, &host.facts(&service)).into_iter();
    let shown = sections.filter(|section| shows.is_empty() || shows.contains(&section.page));
    Ok(Lenders {
        number: case.state.number.clone().unwrap_or_default(),
        lenders: lent.into_iter().map(|lent| Lender { agency: lent.agency, role: lent.role }).collect(),
        pages: shown.map(|section| ShownPage { page: section.page, title: section.title }).collect(),
    })
}

/// As for a decision, somebody else's queue is entered with a reason. Without a Grant nobody is asked; what is asked stays in the case.
pub async fn ask(host: Arc<Host>, call: Call<RequestOpinionRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let officer = admitted(&host, &call, case_id, task_id).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    let case = stored(&host, case_id).await;
    let case = case.and_then(|case| task_for(&host, &case, task_id, person, &officer).map(|_| case));
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    if !host.lends((&case.agency, &case.service), &asked.agency, &asked.role).await? {
        return Err(Failure::conflict(
            "opinion.no-grant",
            "This agency lends no officers in this role to the service. Choose another, or have a Grant approved first.",
        ));
    }
    let command = |case: &Case, _: &Service, _: Option<&str>| -> Result<Command, Failure> {
        is_open(&task_for(&host, case, task_id, person, &officer)?)?;
        Ok(Command::RequestOpinion {
            task: task_id,
            agency: asked.agency.clone(),
            role: asked.role.clone(),
            text: asked.text.clone(),
            pages: asked.pages.clone(),
            officer: person.id,
        })
    };
    let mut requested = act("task.opinion-requested", host.now(), Some(person.actor), case_id, &call.agency);
    requested.purpose = reason;
    requested.detail = serde_json::json!({
        "task": task_id, "agency": asked.agency, "role": asked.role, "pages": asked.pages,
    })
    .to_string();
    executed(&host, &call, case_id, requested, &command).await
}
