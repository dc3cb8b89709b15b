//! Questions to the applicant: whoever has the task asks, no legal time runs until the answer, and silence has a rule.

use api::Questions;
use kernel::{
    Time,
    id::{PersonId, TaskId},
};

use super::{Run, enclosures, promise, tasks};
use crate::{
    Process, Refusal,
    action::{Effect, Request},
    case::{Enclosed, Question, Task, TokenId},
    event::What,
    letter,
    timer::Purpose,
};

/// Longest question and longest answer.
const TEXT_MAX: usize = 2_000;

pub fn ask(run: &mut Run<'_>, task: TaskId, officer: PersonId, text: &str) -> Result<(), Refusal> {
    let (known, rules) = may_ask(run, task, officer)?;
    let text = said(text)?;
    let until = run.deadline(rules.deadline);
    let due = stop(run, &known, until);
    let number = u32::try_from(run.state.questions.len()).unwrap_or(u32::MAX).saturating_add(1);
    let files = run.state.enclosed(Enclosed::Question { task }).to_vec();
    run.emit(What::QuestionAsked { task, number, text, officer, until, due, files });
    run.set_timer(known.token, Purpose::Answer, until);
    let reminded = rules.reminder.as_ref().map(|reminder| run.deadline(reminder.after));
    if let Some(at) = reminded.filter(|at| *at < until) {
        run.set_timer(known.token, Purpose::Reminder, at);
    }
    tell(run, known.token, &rules.notify);
    Ok(())
}

/// The task in which this officer can ask something now, and what the definition says of its questions.
pub fn may_ask<'p>(run: &Run<'p>, task: TaskId, officer: PersonId) -> Result<(Task, &'p Questions), Refusal> {
    let known = tasks::open(run, task)?;
    tasks::takes_no_part(run, officer)?;
    known.admit(officer, run.now())?;
    is_held(run, &known)?;
    somebody_hears(run)?;
    let rules = rules(run.process, &known.step).ok_or_else(|| {
        Refusal::conflict("question.not-foreseen", "In this task the service foresees no question to the applicant.")
    })?;
    one_more(run, task, rules)?;
    Ok((known, rules))
}

fn is_held(run: &Run<'_>, known: &Task) -> Result<(), Refusal> {
    match known.held(run.now()) {
        Some(_) => Ok(()),
        None => Err(Refusal::conflict(
            "question.not-held",
            "Only whoever has the task asks the applicant something, or takes it back. Take the task first.",
        )),
    }
}

/// A question that reaches nobody would end in the outcome that silence has.
fn somebody_hears(run: &Run<'_>) -> Result<(), Refusal> {
    match run.state.is_identified() {
        true => Ok(()),
        false => Err(Refusal::conflict(
            "question.nobody",
            "Nobody can be asked here: the applicant has no account. Ask them on paper, and decide on what they say.",
        )),
    }
}

fn rules<'a>(process: &'a Process, step: &str) -> Option<&'a Questions> {
    process.step(step)?.task.as_ref()?.questions.as_ref()
}

/// Without what no page shows.
pub fn plain(text: &str) -> String {
    let text: String =
        text.replace("\r\n", "\n").chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
    text.trim().to_owned()
}

fn said(text: &str) -> Result<String, Refusal> {
    let text = plain(text);
    if text.is_empty() {
        return Err(Refusal::invalid("question.empty", "Write something: the text is empty."));
    }
    if text.chars().count() > TEXT_MAX {
        let message = format!("A question and an answer have at most {TEXT_MAX} characters each.");
        return Err(Refusal::invalid("question.too-long", message));
    }
    Ok(text)
}

fn one_more(run: &Run<'_>, task: TaskId, rules: &Questions) -> Result<(), Refusal> {
    none_is_open(run, task)?;
    let counts = |question: &&Question| question.task == task && !question.taken_back;
    let asked = run.state.questions.iter().filter(counts).count();
    if u32::try_from(asked).is_ok_and(|asked| asked < rules.at_most) {
        return Ok(());
    }
    let message = "As many questions were asked in this task as the service foresees. Decide on what is known.";
    Err(Refusal::conflict("question.too-many", message))
}

/// What the applicant was promised time for is not decided before.
pub fn none_is_open(run: &Run<'_>, task: TaskId) -> Result<(), Refusal> {
    match run.state.open_question(task) {
        None => Ok(()),
        Some(_) => Err(Refusal::conflict(
            "question.open",
            "The applicant was asked something and still has time to answer. Go on when the answer is there or the time is over.",
        )),
    }
}

/// Stops the task's clock. Gives the deadline, should the answer come at its last moment; none where no time runs.
fn stop(run: &mut Run<'_>, known: &Task, until: Time) -> Option<Time> {
    let now = run.now();
    let mut timers = run.state.timers.values();
    let runs = timers.find(|timer| timer.token == known.token && timer.purpose == Purpose::Deadline && now < timer.due);
    let timer = runs?.id;
    let due = moved(run, known, known.due?, now, until)?;
    run.emit(What::TimerCancelled { timer });
    Some(due)
}

fn moved(run: &Run<'_>, known: &Task, due: Time, stopped: Time, resumed: Time) -> Option<Time> {
    // A task of an earlier release did not keep its time: there was one for all cases.
    let of_all = || run.process.step(&known.step)?.task.as_ref()?.deadline.as_ref()?.always();
    let allowed = known.allowed.or_else(of_all)?;
    Some(run.facts.calendar.resumed(due, allowed.unit, stopped, resumed))
}

pub fn open(run: &Run<'_>, number: u32) -> Result<Question, Refusal> {
    let asked = run.state.questions.iter().find(|question| question.number == number && question.is_open()).cloned();
    asked.ok_or_else(|| {
        Refusal::stale("question.closed", "This question is answered already, or nobody waits for its answer any more.")
    })
}

/// A question that was a mistake: the clocks go on as if it were answered now, so only the time in which it stood is not counted.
/// It is none of those that the service foresees; so that nobody holds a deadline up with it, as many are taken back as can be asked.
pub fn take_back(run: &mut Run<'_>, task: TaskId, number: u32, officer: PersonId) -> Result<(), Refusal> {
    let known = tasks::open(run, task)?;
    tasks::takes_no_part(run, officer)?;
    known.admit(officer, run.now())?;
    is_held(run, &known)?;
    let question = open(run, number)?;
    if question.task != task {
        return Err(Refusal::invalid(
            "question.other-task",
            "The question was asked in another task. Take it back there.",
        ));
    }
    let back = run.state.questions.iter().filter(|other| other.task == task && other.taken_back).count();
    let most = rules(run.process, &known.step).map_or(0, |rules| rules.at_most);
    if u32::try_from(back).is_ok_and(|back| back >= most) {
        let message =
            "No more questions can be taken back in this task. Wait for the answer, or until its time is over.";
        return Err(Refusal::conflict("question.taken-back-too-often", message));
    }
    let (due, promised) = resumed(run, &question);
    enclosures::forget(run, Enclosed::Answer { number });
    run.emit(What::QuestionTakenBack { number, officer, due, promised });
    go_on(run, task, due);
    Ok(())
}

pub fn answer(run: &mut Run<'_>, number: u32, text: &str, by: PersonId) -> Result<(), Refusal> {
    let question = open(run, number)?;
    let text = said(text)?;
    let (due, promised) = resumed(run, &question);
    let files = run.state.enclosed(Enclosed::Answer { number }).to_vec();
    run.emit(What::QuestionAnswered { number, text, by, due, promised, files });
    go_on(run, question.task, due);
    Ok(())
}

/// The time for the answer is over: the officer goes on, or the decision is the one that the definition names for silence.
pub fn lapse(run: &mut Run<'_>, task: TaskId) {
    let Some(question) = run.state.open_question(task).cloned() else { return };
    let (due, promised) = resumed(run, &question);
    enclosures::forget(run, Enclosed::Answer { number: question.number });
    run.emit(What::QuestionLapsed { number: question.number, due, promised });
    go_on(run, task, due);
    let silent = rules(run.process, &question.step).and_then(|rules| rules.on_silence.as_deref());
    if let (Some(name), Some(known)) = (silent, run.state.tasks.get(&task).cloned()) {
        tasks::decide_by_silence(run, &known, name);
    }
}

pub fn remind(run: &mut Run<'_>, task: TaskId) {
    let Some(question) = run.state.open_question(task) else { return };
    let reminder = rules(run.process, &question.step).and_then(|rules| rules.reminder.as_ref());
    let token = run.state.tasks.get(&task).map(|known| known.token);
    if let (Some(reminder), Some(token)) = (reminder, token) {
        tell(run, token, &reminder.notify);
    }
}

/// Until when the clocks go on that stood still for a question: the task's, and the promise's once no other question is open. They
/// stand still no longer than there was time for the answer, however late it comes or its timer fires: that is the day which was told.
fn resumed(run: &Run<'_>, question: &Question) -> (Option<Time>, Option<Time>) {
    let at = run.now().min(question.until);
    let known = run.state.tasks.get(&question.task);
    let due = question.due.and_then(|due| moved(run, known?, due, question.asked, at));
    let others = run.state.questions.iter().any(|other| other.is_open() && other.number != question.number);
    (due, if others { None } else { promise(run, at) })
}

/// Until when the promise goes on when the task is closed with the question that is open in it.
pub fn promised_after(run: &Run<'_>, task: TaskId) -> Option<Time> {
    run.state.open_question(task).and_then(|question| resumed(run, question).1)
}

fn promise(run: &Run<'_>, at: Time) -> Option<Time> {
    let (since, promised) = (run.state.paused?, run.state.promised?);
    let level = run.process.definition().spec.service_level.as_ref()?;
    let kept = since < promised;
    kept.then(|| run.facts.calendar.resumed(promised, level.promised.unit, since, at))
}

fn go_on(run: &mut Run<'_>, task: TaskId, due: Option<Time>) {
    promise::watch(run);
    let Some(token) = run.state.tasks.get(&task).map(|known| known.token) else { return };
    let waits = |purpose: Purpose| matches!(purpose, Purpose::Answer | Purpose::Reminder);
    let timers = run.state.timers.values().filter(|timer| timer.token == token && waits(timer.purpose));
    for timer in timers.map(|timer| timer.id).collect::<Vec<_>>() {
        run.emit(What::TimerCancelled { timer });
    }
    if let Some(due) = due {
        run.set_timer(token, Purpose::Deadline, due);
    }
}

/// A message to the applicant for which nobody waits.
fn tell(run: &mut Run<'_>, token: TokenId, notification: &str) {
    let request = Request::Notify {
        notification: notification.to_owned(),
        language: run.state.language.tag().to_owned(),
        input: letter::of_notification(&run.state),
        recipient: None,
    };
    run.request(token, Effect::Keyed, None, request);
}
