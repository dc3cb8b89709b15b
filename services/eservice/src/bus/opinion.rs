//! Another agency's officers work on a task only under that agency's Grant: it is asked for before anything is shown or done.

use kernel::{CaseId, ErrorKind, Failure, TaskId};
use process::case::Task;
use proto::identity::v1::Officer;

use super::stored;
use crate::{domain::access, host::Host, store::cases::Case};

/// Whom the task does not concern is refused elsewhere; here nothing is asked for them.
pub async fn agreed(host: &Host, case: &Case, task: &Task, officer: &Officer) -> Result<(), Failure> {
    let now = host.now();
    let concerns = access::covers(officer, task, now) || access::leads(officer, task, now);
    if !concerns || !case.state.is_foreign(task) {
        return Ok(());
    }
    if host.lends((&case.agency, &case.service), &task.agency, &task.role).await? {
        return Ok(());
    }
    Err(access::not_found().with_detail("the task's agency has given no grant for it"))
}

/// The same before a command. What is unknown is refused by the command itself, on the state it meets.
pub async fn agreed_to(host: &Host, case_id: CaseId, task_id: TaskId, officer: &Officer) -> Result<(), Failure> {
    let case = match stored(host, case_id).await {
        Ok(case) => case,
        Err(failure) if failure.kind == ErrorKind::NotFound => return Ok(()),
        Err(failure) => return Err(failure),
    };
    match case.state.task(task_id) {
        Some(task) => agreed(host, &case, &task, officer).await,
        None => Ok(()),
    }
}
