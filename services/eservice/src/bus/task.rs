//! Officers open tasks and decide them: their role, their office, never their own case; every look is recorded.

use std::{collections::BTreeMap, sync::Arc};

use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, Language, TaskId};
use process::{Command, case::Task, results};
use prost::Message;
use proto::{
    eservice::v1::{CaseReply, DecideTaskRequest, ReadTaskRequest, RuleResult, TaskPage},
    identity::v1::Officer,
};

use super::{
    claim, command_id,
    draft::{decoded, replied},
    filed, note, noted,
    opening::{self, Look},
    opinion, second, stored, together,
};
use crate::{
    domain::{
        access,
        opening::{LASTS, closed, in_own_queue, reason_needed},
        recalls, review, rules, text,
    },
    execute::{Order, act},
    host::{Host, Reach, Service},
    store::{
        cases::{self, Case},
        openings,
    },
};

pub async fn read(host: Arc<Host>, call: Call<ReadTaskRequest>) -> Result<TaskPage, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let task_id = TaskId::from_slice(&asked.task_id)?;
    let opened = allowed(&host, person, case_id, task_id).await;
    let (case, task, officer) = noted(&host, person, case_id, &call.agency, opened).await?;
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let look = Look {
        who: person.actor,
        officer: &officer,
        case: &case,
        task: &task,
        document: None,
        file: None,
        version: Some(case.version),
        reason: &asked.purpose,
    };
    opening::record(&host, &service, &look).await?;
    let language = text::language(&asked.language);
    let mut page = review::page(&service.process, &case.state, case.version, &task, language, &host.facts(&service));
    page.claim = claim::holder(&host, &task).await;
    second::named(&host, &task, &mut page).await;
    page.kept_off = case.state.request(task_id).is_none() && case.state.is_typed_by(person.id);
    note::named(&host, &mut page.notes).await;
    for section in &mut page.sections {
        if section.page.starts_with('@') {
            service.in_words(&mut section.rows, language);
        }
        for row in &mut section.rows {
            row.source = service.source(&row.source, language);
        }
    }
    page.rules = rules(&host, &service, &case, (&task, &page), language).await?;
    filed::name(&case, filed::of_task(&mut page));
    filed::judge(&host, case_id, filed::of_task(&mut page)).await?;
    Ok(page)
}

/// What rules gave until now, as the case's own agency reads it; of an opinion's page nothing.
async fn rules(
    host: &Host,
    service: &Service,
    case: &Case,
    (task, page): (&Task, &TaskPage),
    language: Language,
) -> Result<Vec<RuleResult>, Failure> {
    if page.opinion {
        return Ok(Vec::new());
    }
    let mut tx = host.database.read().await?;
    let events = cases::events(&mut tx, case).await?;
    drop(tx);
    let facts = host.facts(service);
    let given = results::of_case(&service.process, case.id, &events, facts.reference);
    let mut told = rules::results(&service.process, &case.state, &given, (task, page), language, &facts);
    for fact in told.iter_mut().flat_map(|result| &mut result.facts).filter(|fact| fact.whence == "registry") {
        if let Some(row) = &mut fact.row {
            service.in_words(std::slice::from_mut(row), language);
            row.source = service.source(&row.source, language);
        }
    }
    Ok(told)
}

/// The case and its task, or the place where a document of it is withdrawn, when this officer may open it.
pub async fn allowed(
    host: &Host,
    person: &Person,
    case_id: CaseId,
    task_id: TaskId,
) -> Result<(Case, Task, Officer), Failure> {
    let officer = officer_of(host, person).await?;
    let case = stored(host, case_id).await?;
    let task = match case.state.task(task_id) {
        Some(task) => task,
        None => place(host, &case, task_id).await?,
    };
    may_open(host, &case, &task, person, &officer)?;
    opinion::agreed(host, &case, &task, &officer).await?;
    Ok((case, task, officer))
}

/// Where one of its documents is withdrawn.
async fn place(host: &Host, case: &Case, id: TaskId) -> Result<Task, Failure> {
    if case.state.documents.is_empty() {
        return Err(access::not_found());
    }
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    recalls::place(&service.process, &case.state, id, &host.facts(&service)).ok_or_else(access::not_found)
}

/// The officer who asks, as identity knows them now; of another agency, while that agency lends them to the task.
pub(super) async fn admitted(
    host: &Host,
    person: &Person,
    case_id: CaseId,
    task_id: TaskId,
) -> Result<Officer, Failure> {
    let officer = officer_of(host, person).await?;
    opinion::agreed_to(host, case_id, task_id, &officer).await?;
    Ok(officer)
}

pub(super) async fn officer_of(host: &Host, person: &Person) -> Result<Officer, Failure> {
    if !person.officer {
        return Err(access::not_found().with_detail("not signed in as an officer"));
    }
    host.officer(person.id).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => access::not_found().with_detail("no officer"),
        _ => failure,
    })
}

pub(super) fn task_for(
    host: &Host,
    case: &Case,
    task_id: TaskId,
    person: &Person,
    officer: &Officer,
) -> Result<Task, Failure> {
    let task = case.state.task(task_id).ok_or_else(access::not_found)?;
    may_open(host, case, &task, person, officer)?;
    Ok(task)
}

/// Who acts and who they act for are both judged.
pub(super) fn may_open(
    host: &Host,
    case: &Case,
    task: &Task,
    person: &Person,
    officer: &Officer,
) -> Result<(), Failure> {
    for who in [person.actor, person.id] {
        access::officer_may(host.keys.lookup(), &case.state, task, who, officer, host.now())?;
    }
    Ok(())
}

/// The reason for which the officer opened a task outside of their own queue: without one they do not decide it either.
pub(super) async fn opened_for(
    host: &Host,
    person: &Person,
    officer: &Officer,
    case_id: CaseId,
    task_id: TaskId,
) -> Result<Option<String>, Failure> {
    // What may not be looked at, is closed or unknown is refused by the command itself, on the state it meets.
    let case = match stored(host, case_id).await {
        Ok(case) => case,
        Err(failure) if failure.kind == ErrorKind::NotFound => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let Ok(task) = task_for(host, &case, task_id, person, officer) else { return Ok(None) };
    if task.closed.is_some() || in_own_queue(officer, &task, host.now()) {
        return Ok(None);
    }
    let mut tx = host.database.read().await?;
    let earlier = openings::earlier(&mut tx, case_id, person.actor, host.now().minus(LASTS)).await?;
    let reason = earlier.into_iter().find_map(|earlier| earlier.reason);
    reason.map(Some).ok_or_else(|| reason_needed(&task))
}

/// Nobody decides about what they did not see.
pub(super) fn as_shown(case: &Case, version: i64) -> Result<(), Failure> {
    match case.version == version {
        true => Ok(()),
        false => Err(Failure::stale(
            "case.stale",
            "The application changed after this page was shown. Look at it again before you decide.",
        )),
    }
}

pub async fn decide(host: Arc<Host>, call: Call<DecideTaskRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let task_id = TaskId::from_slice(&asked.task_id)?;
    let officer = admitted(&host, person, case_id, task_id).await;
    let officer = noted(&host, person, case_id, &call.agency, officer).await?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    if asked.together {
        together::was_read(&host, person, &officer, case_id, task_id).await?;
    }
    let marked: BTreeMap<String, String> =
        asked.marked.iter().map(|field| (field.at.clone(), field.note.clone())).collect();
    let command = |case: &Case, _: &Service, _: Option<&str>| {
        let task = task_for(&host, case, task_id, person, &officer)?;
        if task.closed.is_some() {
            return Err(closed());
        }
        task.admit(person.id, host.now())?;
        as_shown(case, asked.version)?;
        Ok(Command::DecideTask {
            task: task_id,
            outcome: asked.outcome.clone(),
            reasons: asked.reasons.clone(),
            note: asked.note.clone(),
            marked: marked.clone(),
            officer: person.id,
        })
    };
    let name = if second::is_asked(&host, case_id, task_id).await? { "task.proposed" } else { "task.decided" };
    let mut decided = act(name, host.now(), Some(person.actor), case_id, &call.agency);
    decided.purpose = reason;
    decided.detail =
        serde_json::json!({"task": task_id, "outcome": asked.outcome, "reasons": asked.reasons}).to_string();
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![decided],
        command: &command,
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}
