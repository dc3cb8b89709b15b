//! A promise that is broken is told once: not while the applicant has something to do, nor while a question stops the clock.

use std::time::Duration;

use super::*;
use crate::{case::Question, timer::Purpose};

const DAY: Duration = Duration::from_secs(86_400);

/// Two days are promised, and the task has five working days.
fn promising() -> Host {
    let mut definition = crate::sample::definition();
    let level = json!({"promised": "2 days", "onBreach": "lapsed"});
    definition.spec.service_level = Some(serde_json::from_value(level).unwrap());
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let review = steps.iter_mut().find(|step| step.name == "review").unwrap().task.as_mut().unwrap();
    review.deadline = Some(api::Deadline::Always("5 working days".parse().unwrap()));
    review.questions = Some(api::Questions {
        deadline: "5 days".parse().unwrap(),
        at_most: 2,
        notify: "issued".into(),
        reminder: None,
        on_silence: None,
    });
    let mut host = Host::new();
    host.process = Process::compile(&definition).unwrap();
    paying_of(host)
}

fn pay(host: &mut Host) -> TaskId {
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    host.state.open_tasks().next().unwrap().id
}

/// Time passes, and what is due of the promise fires.
fn until(host: &mut Host, moment: Time) {
    host.now = moment;
    while let Some(timer) = promise(host).filter(|(_, due)| *due <= host.now) {
        host.give(&Command::FireTimer { timer: timer.0 }).unwrap();
    }
}

fn promise(host: &Host) -> Option<(Hash, Time)> {
    let timer = host.state.timers.values().find(|timer| timer.purpose == Purpose::Promise)?;
    Some((timer.id, timer.due))
}

fn told(host: &Host) -> (usize, usize) {
    let notes = host.state.timeline.iter().filter(|entry| entry.code == "promise-broken").count();
    let letters = host.requested.values().filter(|action| {
        matches!(&action.request, Request::Notify { notification, .. } if notification == "lapsed") && action.token == 0
    });
    (notes, letters.count())
}

#[test]
fn a_broken_promise_is_told_to_the_applicant_once_and_makes_open_tasks_late() {
    let mut host = promising();
    let task = pay(&mut host);
    let promised = host.state.promised.unwrap();
    until(&mut host, promised.minus(Duration::from_secs(1)));
    assert!(host.state.breached.is_none() && told(&host) == (0, 0), "not before");
    until(&mut host, promised);
    assert_eq!((host.state.breached, told(&host)), (Some(promised), (1, 1)));
    assert!(host.state.tasks[&task].escalated, "whoever leads sees it, though its own deadline is later");
    until(&mut host, promised.plus(DAY * 9));
    assert_eq!(told(&host), (1, 1), "once");
    assert!(promise(&host).is_none());
}

#[test]
fn nothing_is_broken_while_the_applicant_has_something_to_do() {
    let mut host = promising();
    let promised = host.state.promised.unwrap();
    until(&mut host, promised);
    assert!(host.state.breached.is_none(), "the applicant has not paid");
    pay(&mut host);
    until(&mut host, promised.plus(DAY));
    assert_eq!(told(&host), (1, 1), "now it is the agency's turn");
}

#[test]
fn a_question_stops_the_promise_and_its_answer_begins_it_anew() {
    let mut host = promising();
    let task = pay(&mut host);
    let claimed = Command::ClaimTask { task, officer: officer(), until: host.now.plus(DAY) };
    host.give(&claimed).unwrap();
    host.give(&Command::AskApplicant { task, officer: officer(), text: "Which school?".into() }).unwrap();
    let promised = host.state.promised.unwrap();
    until(&mut host, promised.plus(DAY));
    assert!(host.state.breached.is_none() && told(&host) == (0, 0), "it stands still");
    host.give(&Command::AnswerQuestion { number: 1, text: "None.".into(), by: applicant() }).unwrap();
    let moved = host.state.promised.unwrap();
    assert!(moved > promised && promise(&host).map(|(_, due)| due) == Some(moved));
    until(&mut host, moved);
    assert_eq!(told(&host), (1, 1));
}

#[test]
fn while_another_question_is_open_an_answer_does_not_begin_the_promise_anew() {
    let mut host = promising();
    let task = pay(&mut host);
    host.give(&Command::ClaimTask { task, officer: officer(), until: host.now.plus(DAY) }).unwrap();
    host.give(&Command::AskApplicant { task, officer: officer(), text: "Which school?".into() }).unwrap();
    let (promised, asked) = (host.state.promised.unwrap(), host.now);
    // A task beside it asks, too.
    let beside = Question { number: 2, task: TaskId::from_bytes([9; 16]), ..host.state.questions[0].clone() };
    host.state.questions.push(beside);
    let answer = |number: u32| Command::AnswerQuestion { number, text: "None.".into(), by: applicant() };
    host.now = asked.plus(DAY);
    host.give(&answer(1)).unwrap();
    assert_eq!((host.state.promised, host.state.paused), (Some(promised), Some(asked)), "it still stands still");
    host.now = asked.plus(DAY * 2);
    host.give(&answer(2)).unwrap();
    assert_eq!((host.state.promised, host.state.paused), (Some(promised.plus(DAY * 2)), None));
}

#[test]
fn a_question_that_is_closed_with_its_task_has_stopped_the_promise_as_long_as_it_stood() {
    let mut definition = promising().process.definition().clone();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let review = steps.iter_mut().find(|step| step.name == "review").unwrap();
    (review.timeout, review.on_timeout) = (Some("1 day".parse().unwrap()), Some("undo".into()));
    let mut host = paying_of(Host { process: Process::compile(&definition).unwrap(), ..Host::new() });
    let task = pay(&mut host);
    host.give(&Command::ClaimTask { task, officer: officer(), until: host.now.plus(DAY) }).unwrap();
    host.give(&Command::AskApplicant { task, officer: officer(), text: "Which school?".into() }).unwrap();
    let (promised, asked) = (host.state.promised.unwrap(), host.now);
    let over = host.state.timers.values().find(|timer| timer.purpose == Purpose::Timeout).unwrap().clone();
    host.now = over.due;
    host.give(&Command::FireTimer { timer: over.id }).unwrap();
    assert!(host.state.tasks[&task].closed.is_some() && host.state.paused.is_none());
    let moved = promised.plus(over.due.since(asked));
    assert_eq!((host.state.promised, promise(&host).map(|(_, due)| due)), (Some(moved), Some(moved)));
}

#[test]
fn an_ended_case_promises_nothing_and_a_service_that_says_nothing_watches_nothing() {
    let mut host = promising();
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!(host.state.phase, Phase::Ended);
    assert!(promise(&host).is_none());
    let silent = paying();
    assert!(promise(&silent).is_none());
}

/// As [`promising`], and what is undone when it is withdrawn takes its time.
fn undone_slowly() -> Host {
    let mut host = promising();
    let mut definition = host.process.definition().clone();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let release = steps.iter_mut().find(|step| step.name == "release").unwrap();
    release.emit = None;
    release.wait = Some(serde_json::from_value(json!({"message": "released"})).unwrap());
    host = Host::new();
    host.process = Process::compile(&definition).unwrap();
    let mut host = paying_of(host);
    pay(&mut host);
    host
}

#[test]
fn whoever_took_it_back_is_not_told_of_a_broken_promise_while_it_is_undone() {
    let mut host = undone_slowly();
    let promised = host.state.promised.unwrap();
    assert!(promise(&host).is_some());
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!(host.state.phase, Phase::Running, "a step is undone");
    until(&mut host, promised.plus(DAY * 3));
    assert_eq!(told(&host), (0, 0));
    assert!(promise(&host).is_none() && host.state.breached.is_none());
}

#[test]
fn while_nothing_can_be_paid_yet_it_is_the_agency_that_is_late() {
    let (mut host, _) = before_paying(Host { process: promising().process, ..Host::new() });
    let promised = host.state.promised.unwrap();
    until(&mut host, promised);
    assert_eq!((host.state.breached, told(&host)), (Some(promised), (1, 1)));
}

#[test]
fn a_broken_promise_makes_no_other_agencys_opinion_late() {
    let mut host = promising();
    let task = pay(&mut host);
    host.state.tasks.get_mut(&task).unwrap().agency = "emergencies".into();
    let promised = host.state.promised.unwrap();
    until(&mut host, promised);
    assert_eq!(told(&host), (1, 1));
    assert!(!host.state.tasks[&task].escalated, "its own time is not over");
}
