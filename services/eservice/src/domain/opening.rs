//! What it is for an officer to open a case: from whose queue, for which reason, and for how long.

use std::time::Duration;

use kernel::{Failure, Time};
use process::case::Task;
use proto::identity::v1::{Appointment, Officer};

use super::access::in_force;

/// What an officer sees again of the same task or document within this time belongs to the opening that was recorded.
pub const LASTS: Duration = Duration::from_secs(3600);
const REASON_CHARS_MAX: usize = 500;

/// An officer's own queue is the open tasks of the very office they are appointed to, in their role; where a task belongs to
/// no office, of their role in the agency. Whatever else their appointments cover lies outside and needs a typed reason:
/// tasks of the offices when they are appointed to the whole agency, and every task that is closed.
pub fn in_own_queue(officer: &Officer, task: &Task, now: Time) -> bool {
    let office = task.office.as_deref().unwrap_or_default();
    task.closed.is_none()
        && officer.appointments.iter().any(|appointment| {
            in_force(appointment, now)
                && appointment.agency == task.agency
                && appointment.role == task.role
                && (office.is_empty() || appointment.office == office)
        })
}

/// As what the officer opens the task: their own office before the whole agency.
pub fn acting<'a>(officer: &'a Officer, task: &Task, now: Time) -> Option<&'a Appointment> {
    let office = task.office.as_deref().unwrap_or_default();
    let fits = |appointment: &&Appointment| {
        in_force(appointment, now) && appointment.agency == task.agency && appointment.role == task.role
    };
    let reaches =
        |appointment: &&Appointment| office.is_empty() || appointment.office.is_empty() || appointment.office == office;
    officer.appointments.iter().filter(fits).filter(reaches).max_by_key(|appointment| !appointment.office.is_empty())
}

/// An opening of the same case by the same officer that still lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The task or the document, as its id is written.
    pub thing: String,
    /// What was typed, if something was.
    pub reason: Option<String>,
    /// Of the case, as its page was shown; 0: messages were read, or an earlier release wrote it down.
    pub version: i64,
    /// Something came since that the officer has not seen.
    pub outdated: bool,
}

/// What is to be recorded.
#[derive(Debug, PartialEq, Eq)]
pub enum Opening {
    /// Nothing: it belongs to an opening that still lasts.
    Same,
    /// A new one, with the reason that was typed for it or, a while ago, for this case.
    New(Option<String>),
}

/// Judges an opening of `thing`; `earlier` are this officer's openings of the case that still last, the newest first.
pub fn judge(own: bool, task: &Task, thing: &str, typed: &str, earlier: &[Earlier]) -> Result<Opening, Failure> {
    let typed = typed.trim();
    if typed.chars().count() > REASON_CHARS_MAX {
        return Err(Failure::invalid("task.reason-long", "The reason has at most 500 letters."));
    }
    let typed = (!typed.is_empty()).then(|| typed.to_owned());
    let reason = typed.clone().or_else(|| earlier.iter().find_map(|earlier| earlier.reason.clone()));
    if !own && reason.is_none() {
        return Err(reason_needed(task));
    }
    let same = |earlier: &Earlier| earlier.thing == thing && !earlier.outdated && (own || earlier.reason.is_some());
    if typed.is_none() && earlier.iter().any(same) {
        return Ok(Opening::Same);
    }
    Ok(Opening::New(reason.filter(|_| typed.is_some() || !own)))
}

/// The case is there and may be opened, but not without saying why.
pub fn reason_needed(task: &Task) -> Failure {
    match task.closed {
        Some(_) => closed(),
        None => Failure::forbidden(
            "task.reason-needed",
            "This task is not in your own queue. Say why you open it: the applicant will read it.",
        ),
    }
}

/// Also what whoever decides second is told.
pub fn closed() -> Failure {
    Failure::conflict(
        "task.closed",
        "This task has been decided or is no longer needed. To look at it, say why: the applicant will read it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(office: Option<&str>) -> Task {
        Task {
            id: kernel::TaskId::from_bytes([1; 16]),
            step: "review".into(),
            activation: 1,
            token: 1,
            agency: "justice".into(),
            role: "registrar".into(),
            office: office.map(str::to_owned),
            opened: Time::default(),
            due: None,
            allowed: None,
            escalated: false,
            closed: None,
            claim: None,
            proposal: None,
        }
    }

    fn officer(office: &str) -> Officer {
        let (agency, role) = ("justice".into(), "registrar".into());
        let held = Appointment { agency, office: office.into(), role, from_us: 0, to_us: 0 };
        Officer { appointments: vec![held], ..Officer::default() }
    }

    #[test]
    fn ones_own_queue_is_the_open_tasks_of_ones_own_office() {
        let now = Time::from_micros(5);
        let own = |office: &str, task: &Task| in_own_queue(&officer(office), task, now);
        assert!(own("nukus", &task(Some("nukus"))));
        assert!(!own("", &task(Some("nukus"))), "the whole agency is not one's own queue");
        assert!(!own("samarkand", &task(Some("nukus"))));
        assert!(own("", &task(None)) && own("nukus", &task(None)), "no office: the role's");
        assert!(!own("nukus", &Task { closed: Some(now), ..task(Some("nukus")) }));
    }

    #[test]
    fn outside_of_it_nothing_is_shown_without_a_reason_and_the_reason_holds_for_a_while() {
        let task = task(Some("nukus"));
        let earlier = |thing: &str, reason: Option<&str>| Earlier {
            thing: thing.into(),
            reason: reason.map(Into::into),
            version: 1,
            outdated: false,
        };
        let refused = |earlier: &[Earlier]| judge(false, &task, "t", " ", earlier).unwrap_err().code;
        assert_eq!(refused(&[]), "task.reason-needed");
        assert_eq!(refused(&[earlier("t", None)]), "task.reason-needed", "it was in the own queue then");
        assert_eq!(judge(false, &task, "t", "a letter", &[]).unwrap(), Opening::New(Some("a letter".into())));
        assert_eq!(judge(false, &task, "t", "", &[earlier("t", Some("why"))]).unwrap(), Opening::Same);
        let document = judge(false, &task, "d", "", &[earlier("t", Some("why"))]).unwrap();
        assert_eq!(document, Opening::New(Some("why".into())), "another thing of the case, for the same reason");
        let closed = Task { closed: Some(Time::default()), ..task.clone() };
        assert_eq!(judge(false, &closed, "t", "", &[]).unwrap_err().code, "task.closed");
        assert_eq!(judge(false, &task, "t", &"x".repeat(501), &[]).unwrap_err().code, "task.reason-long");
    }

    #[test]
    fn in_ones_own_queue_each_task_and_document_is_an_opening_once_in_a_while() {
        let task = task(Some("nukus"));
        let seen = [Earlier { thing: "t".into(), reason: None, version: 1, outdated: false }];
        assert_eq!(judge(true, &task, "t", "", &[]).unwrap(), Opening::New(None));
        assert_eq!(judge(true, &task, "t", "", &seen).unwrap(), Opening::Same);
        assert_eq!(judge(true, &task, "d", "", &seen).unwrap(), Opening::New(None));
        let outdated = [Earlier { outdated: true, ..seen[0].clone() }];
        assert_eq!(judge(true, &task, "t", "", &outdated).unwrap(), Opening::New(None), "it is read anew");
    }
}
