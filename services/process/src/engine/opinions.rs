//! The opinion of another agency for which the process has no step: asked by whoever has the task, advice and nothing more. The case
//! waits for it no longer than its task.

use kernel::{
    ErrorKind, Hash,
    id::{PersonId, TaskId},
};

use super::{Run, questions, tasks};
use crate::{Refusal, case::OpinionRequest, event::What, forms, timer::Purpose};

const TEXT_MAX: usize = 2_000;
/// Of one task.
const REQUESTS_MAX: usize = 5;
const DAYS: &str = "5 working days";

/// What is asked, of whom, and what they are shown.
pub struct Asked<'a> {
    pub agency: &'a str,
    pub role: &'a str,
    pub text: &'a str,
    pub pages: &'a [String],
    pub officer: PersonId,
}

pub fn ask(run: &mut Run<'_>, task: TaskId, asked: &Asked<'_>) -> Result<(), Refusal> {
    let known = tasks::open(run, task)?;
    tasks::takes_no_part(run, asked.officer)?;
    known.admit(asked.officer, run.now())?;
    if known.held(run.now()).is_none() {
        let message = "Only whoever has the task asks another agency. Take the task first.";
        return Err(Refusal::conflict("opinion.not-held", message));
    }
    if run.state.is_foreign(&known) || asked.agency == run.state.agency {
        let message =
            "Only the service's own agency asks for an opinion, and only another agency. Choose another agency.";
        return Err(Refusal::invalid("opinion.own-agency", message));
    }
    let text = questions::plain(asked.text);
    if text.is_empty() || text.chars().count() > TEXT_MAX {
        let message = format!("Write what you want to know, in at most {TEXT_MAX} characters.");
        return Err(Refusal::invalid("opinion.text", message));
    }
    let pages = shown(run, &known.step, asked.pages)?;
    if run.state.open_request(task).is_some() {
        let message = "An opinion is asked for already. Wait for it, or until its time is over.";
        return Err(Refusal::conflict("opinion.open", message));
    }
    let before = run.state.requests.iter().filter(|request| request.task == task).count();
    if before >= REQUESTS_MAX {
        let message = format!("At most {REQUESTS_MAX} opinions are asked for in one task. Decide on what is known.");
        return Err(Refusal::conflict("opinion.too-many", message));
    }
    let (case, number) = (run.state.case_id, run.state.requests.len() as u64);
    let id = TaskId::derived(Hash::of_parts(&[b"xizmat opinion", case.as_bytes(), &number.to_be_bytes()]));
    let until = run.deadline(DAYS.parse().expect("a span as definitions write it"));
    run.emit(What::OpinionRequested {
        id,
        task,
        agency: asked.agency.to_owned(),
        role: asked.role.to_owned(),
        text,
        pages,
        officer: asked.officer,
        until,
    });
    run.set_timer(known.token, Purpose::Opinion, until);
    Ok(())
}

/// At least one page, and none that the asking officer does not see.
fn shown(run: &Run<'_>, step: &str, wanted: &[String]) -> Result<Vec<String>, Refusal> {
    let shows = run.process.step(step).and_then(|step| step.task.as_ref()).map(|task| task.shows.as_slice());
    let shows = shows.unwrap_or_default();
    let form = forms::current_or_start(run.process, &run.state);
    let known = |page: &String| {
        let is_there = form.is_some_and(|form| form.page(page).is_some());
        is_there && (shows.is_empty() || shows.contains(page))
    };
    if wanted.is_empty() || !wanted.iter().all(known) {
        let message = "Name at least one page of the application, and only pages that you see yourself.";
        return Err(Refusal::invalid("opinion.pages", message));
    }
    let mut pages = wanted.to_vec();
    pages.sort();
    pages.dedup();
    Ok(pages)
}

/// An officer of the other agency says what it thinks.
pub fn give(run: &mut Run<'_>, id: TaskId, officer: PersonId, (outcome, text): (&str, &str)) -> Result<(), Refusal> {
    let request = run.state.request(id).cloned().ok_or_else(tasks::unknown)?;
    if request.closed.is_some() {
        return Err(Refusal::stale("task.closed", "The task is already decided or no longer needed."));
    }
    tasks::takes_no_part(run, officer)?;
    if !OpinionRequest::OUTCOMES.contains(&outcome) {
        return Err(Refusal::invalid("task.outcome-unknown", "The task has no such outcome."));
    }
    tasks::is_short(text)?;
    if request.officer == officer {
        let message = "Nobody gives the opinion for which they asked themselves.";
        return Err(Refusal::new(ErrorKind::Forbidden, "opinion.own-request", message));
    }
    run.emit(What::OpinionGiven { id, outcome: outcome.to_owned(), note: questions::plain(text), officer });
    forget_end(run, request.task);
    Ok(())
}

/// The time for the opinion of this task is over: whoever asked goes on without.
pub fn lapse(run: &mut Run<'_>, task: TaskId) {
    let open = run.state.open_request(task).filter(|request| request.until <= run.now());
    if let Some(id) = open.map(|request| request.id) {
        run.emit(What::OpinionLapsed { id });
    }
}

fn forget_end(run: &mut Run<'_>, task: TaskId) {
    let Some(token) = run.state.tasks.get(&task).map(|known| known.token) else { return };
    let timers = run.state.timers.values();
    let of_request = timers.filter(|timer| timer.token == token && timer.purpose == Purpose::Opinion);
    for timer in of_request.map(|timer| timer.id).collect::<Vec<_>>() {
        run.emit(What::TimerCancelled { timer });
    }
}
