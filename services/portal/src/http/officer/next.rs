//! One press takes the next case: of what nobody has in the officer's queue, as they narrowed it, what the legal clock puts first.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::{CommandId, ErrorKind, Failure};
use proto::{
    docket::v1::{self as docket, Task},
    eservice::v1::{CaseReply, ClaimTaskRequest, operations},
};

use super::{
    TaskPlace, appointments, home,
    queue::{MISSED, NOBODYS, Wanted, back, is_current},
};
use crate::{
    http::{Portal, Shared, fault::Refused, frame::hex, posted::Posted, visit::Officer},
    store::Session,
};

/// How often somebody else may be faster before the officer is asked to press again.
const TRIES_MAX: usize = 5;
/// As many as the docket gives at once, and how often it is asked for what comes after them.
const ROWS: i32 = 100;
const PAGES_MAX: usize = 10;

pub async fn next(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let command = posted.command()?;
    // The same press again leads to what it took.
    if let Some((press, task)) = &session.opened.desk.taken
        && *press == command.to_string()
    {
        return Ok(Redirect::to(task).into_response());
    }
    let held = appointments(&portal, &session).await?;
    let wanted = Wanted::at(posted.control("_queue")).of(&held);
    let mut asked = docket::ListQueueRequest { holder: holder(&wanted).to_owned(), ..wanted.request(ROWS) };
    let mut tries = 0;
    for _ in 0..PAGES_MAX {
        let queue: docket::Queue =
            portal.services.read(&session, &docket::operations::LIST_QUEUE, PLATFORM, &asked).await?;
        for task in queue.tasks.iter().filter(|task| held.owns(task) && is_takeable(task, &session)) {
            if tries == TRIES_MAX {
                return Ok(back(&wanted.path(), MISSED).into_response());
            }
            tries += 1;
            if let Some(taken) = take(&portal, &session, task, command).await? {
                return Ok(Redirect::to(&taken).into_response());
            }
        }
        if queue.next.is_empty() {
            break;
        }
        asked.after = queue.next;
    }
    Ok(back(&wanted.path(), NOBODYS).into_response())
}

/// Whoever narrowed the queue to what they have, or to what is to be checked, goes on there; anybody else takes what nobody has.
fn holder(wanted: &Wanted) -> &str {
    match wanted.holder.as_str() {
        own @ ("mine" | "second") => own,
        _ => "nobody",
    }
}

/// What can be taken and worked on now. Of one's own tasks that is neither the one that was just left nor one that waits for an answer.
fn is_takeable(task: &Task, session: &Session) -> bool {
    let me = session.person.to_vec();
    let left = session.seen.is_some_and(|(case, _)| task.case_id == case.to_vec());
    let free = match task.assignee == me {
        true => !left && task.status != "asked",
        false => task.assignee.is_empty(),
    };
    let is_kept = task.requested || task.recall || task.kept_off || task.proposer == me;
    free && !is_kept && is_current(task, session)
}

/// Its page's address; none where somebody was faster, or it is not for this officer after all: the list follows a moment later.
async fn take(portal: &Portal, session: &Session, task: &Task, command: CommandId) -> Result<Option<String>, Refused> {
    let parts = (home(task).to_owned(), task.service.clone(), hex(&task.case_id), hex(&task.task_id));
    let place = TaskPlace::new(parts)?;
    let request = ClaimTaskRequest { case_id: task.case_id.clone(), task_id: task.task_id.clone() };
    let sent: Result<CaseReply, Failure> =
        portal.services.command(session, &operations::CLAIM_TASK, place.at.host(), &request, command).await;
    match sent {
        Ok(reply) => {
            let (press, path) = (command.to_string(), place.path());
            portal.sessions.note_seen(session, place.at.case, reply.version).await?;
            portal.sessions.keep_desk(session, |desk| desk.taken = Some((press, path))).await?;
            Ok(Some(place.path()))
        }
        // This press has taken something already, and its answer was lost: what the officer holds shows it.
        Err(failure) if failure.code == "action.other-body" => Ok(Some("/officer?holder=mine".to_owned())),
        Err(failure) if is_passed_over(failure.kind) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// Claimed, closed, outside of the queue or typed by the officer meanwhile: others wait.
fn is_passed_over(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Conflict | ErrorKind::Stale | ErrorKind::Forbidden | ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use kernel::{CaseId, Hash, PersonId, Time};

    use super::*;
    use crate::{
        domain::sign_in::Kind,
        store::{Desk, Opened},
    };

    const ME: [u8; 16] = [7; 16];

    fn session(seen: Option<(u8, i64)>) -> Session {
        let opened = Opened {
            form_token: String::new(),
            access_token: String::new(),
            access_ends: Time::from_seconds(1),
            refresh_token: None,
            id_token: String::new(),
            assurance: String::new(),
            represents: false,
            acting: None,
            desk: Desk::default(),
        };
        Session {
            id_hash: Hash::of(b"id"),
            person: PersonId::from_bytes(ME),
            kind: Kind::Officer,
            opened,
            seen: seen.map(|(case, version)| (CaseId::from_bytes([case; 16]), version)),
            used: Time::from_seconds(1),
        }
    }

    fn task(assignee: &[u8]) -> Task {
        Task { case_id: vec![1; 16], version: 4, assignee: assignee.to_vec(), ..Task::default() }
    }

    #[test]
    fn only_what_this_officer_can_work_on_now_is_taken() {
        let new = session(None);
        let takes = |task: &Task| is_takeable(task, &new);
        assert!(takes(&task(&[])) && takes(&task(&ME)) && !takes(&task(&[8; 16])));
        assert!(takes(&Task { proposer: vec![8; 16], ..task(&[]) }), "a colleague's proposal is checked");
        assert!(!takes(&Task { proposer: ME.to_vec(), ..task(&[]) }), "nobody is their own second");
        assert!(!takes(&Task { status: "asked".into(), ..task(&ME) }), "an answer is awaited");
        for kept in [
            Task { requested: true, ..task(&[]) },
            Task { recall: true, ..task(&[]) },
            Task { kept_off: true, ..task(&[]) },
        ] {
            assert!(!takes(&kept));
        }
    }

    #[test]
    fn what_was_just_decided_or_left_does_not_come_again() {
        assert!(!is_takeable(&task(&[]), &session(Some((1, 5)))), "the list does not know of it yet");
        assert!(is_takeable(&task(&[]), &session(Some((1, 4)))), "another task of the same case");
        assert!(!is_takeable(&task(&ME), &session(Some((1, 4)))), "it is where they come from");
        assert!(is_takeable(&task(&ME), &session(Some((2, 9)))));
    }

    #[test]
    fn a_queue_of_other_officers_tasks_gives_what_nobody_has() {
        let of = |holder: &str| Wanted { holder: holder.into(), ..Wanted::default() };
        for (narrowed, asked) in [("", "nobody"), ("others", "nobody"), ("mine", "mine"), ("second", "second")] {
            assert_eq!(holder(&of(narrowed)), asked);
        }
    }

    #[test]
    fn somebody_who_was_faster_is_no_failure_and_a_host_that_is_away_is() {
        assert!(is_passed_over(ErrorKind::Conflict) && is_passed_over(ErrorKind::Forbidden));
        assert!(!is_passed_over(ErrorKind::Unavailable) && !is_passed_over(ErrorKind::Unauthenticated));
    }
}
