//! Questions: no time of the office runs while the applicant is asked, and every question ends.

use std::time::Duration;

use api::{Questions, Reminder};

use super::*;
use crate::{calendar::civil_date, timer::Purpose};

const HOURS: Duration = Duration::from_secs(4 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn questions(on_silence: Option<&str>) -> Questions {
    Questions {
        deadline: "5 working days".parse().unwrap(),
        at_most: 2,
        notify: "issued".into(),
        reminder: Some(Reminder { after: "3 days".parse().unwrap(), notify: "lapsed".into() }),
        on_silence: on_silence.map(str::to_owned),
    }
}

/// A paid case whose task an officer has; it is due on Thursday.
pub fn taken(on_silence: Option<&str>) -> (Host, TaskId) {
    taken_of(|review| review.questions = Some(questions(on_silence)))
}

fn taken_of(change: impl FnOnce(&mut api::Task)) -> (Host, TaskId) {
    let mut definition = crate::sample::definition();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let review = steps.iter_mut().find(|step| step.name == "review").unwrap();
    change(review.task.as_mut().unwrap());
    let mut host = Host::new();
    host.process = Process::compile(&definition).unwrap();
    let mut host = super::paying_of(host);
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    take(&mut host, task);
    (host, task)
}

fn take(host: &mut Host, task: TaskId) {
    let until = host.now.plus(HOURS);
    host.give(&Command::ClaimTask { task, officer: officer(), until }).unwrap();
}

pub fn ask(task: TaskId) -> Command {
    Command::AskApplicant { task, officer: officer(), text: " Which school is next to the shop? ".into() }
}

pub fn answer(number: u32) -> Command {
    Command::AnswerQuestion { number, text: "None.".into(), by: applicant() }
}

fn approve(task: TaskId) -> Command {
    Command::DecideTask {
        task,
        outcome: "approve".into(),
        reasons: Vec::new(),
        note: String::new(),
        marked: BTreeMap::new(),
        officer: officer(),
    }
}

pub fn refused(host: &Host, command: &Command) -> &'static str {
    decide(&host.process, &host.state, command, &host.law.at(host.now, 0)).unwrap_err().code
}

fn timers(host: &Host, purpose: Purpose) -> Vec<Time> {
    host.state.timers.values().filter(|timer| timer.purpose == purpose).map(|timer| timer.due).collect()
}

/// Lets time pass; what is due by then fires at its own moment.
fn pass(host: &mut Host, by: Duration) {
    let until = host.now.plus(by);
    while let Some(timer) = host.state.timers.values().filter(|timer| timer.due <= until).min_by_key(|timer| timer.due)
    {
        let (id, due) = (timer.id, timer.due);
        host.now = host.now.max(due);
        host.give(&Command::FireTimer { timer: id }).unwrap();
    }
    host.now = until;
}

fn told(host: &Host) -> Vec<String> {
    let sent = host.requested.values().filter_map(|action| match &action.request {
        Request::Notify { notification, .. } => Some(notification.clone()),
        _ => None,
    });
    sent.collect()
}

fn day(at: Option<Time>) -> String {
    civil_date(at.unwrap()).to_string()
}

#[test]
fn the_clock_stops_with_the_question_and_the_moved_deadline_fires_after_the_answer() {
    let (mut host, task) = taken(None);
    assert_eq!(day(host.state.tasks[&task].due), "2026-11-26");
    assert_eq!(day(host.state.promised), "2026-11-27");
    host.give(&ask(task)).unwrap();
    assert_eq!(host.state.status(), "asked");
    assert!(timers(&host, Purpose::Deadline).is_empty(), "no time of the office runs");
    assert_eq!(day(Some(host.state.questions[0].until)), "2026-12-01");
    assert_eq!(day(host.state.tasks[&task].due), "2026-12-03", "should the answer come at the last moment");
    assert_eq!(told(&host), ["issued"]);
    // Past the first deadline; nobody is late.
    pass(&mut host, 2 * DAY + HOURS);
    assert!(!host.state.tasks[&task].escalated);
    host.give(&answer(1)).unwrap();
    assert_eq!(host.state.status(), "reviewing");
    assert_eq!(host.state.questions[0].text, "Which school is next to the shop?");
    assert_eq!(host.state.questions[0].answer.as_ref().unwrap().text, "None.");
    // Thursday's answer: two working days are left, of the promise three.
    assert_eq!(day(host.state.tasks[&task].due), "2026-11-30");
    assert_eq!(day(host.state.promised), "2026-12-01");
    assert!(timers(&host, Purpose::Answer).is_empty() && timers(&host, Purpose::Reminder).is_empty());
    pass(&mut host, 5 * DAY);
    assert!(host.state.tasks[&task].escalated, "the moved deadline fired");
    host.give(&approve(task)).unwrap();
    assert_eq!(host.state.paused, None);
}

/// Asked on Tuesday and answered on Thursday: two working days are left.
fn answered_on_thursday(host: &mut Host, task: TaskId) {
    host.give(&ask(task)).unwrap();
    pass(host, 2 * DAY + HOURS);
    host.give(&answer(1)).unwrap();
}

#[test]
fn the_time_that_the_case_got_is_kept_and_goes_on_after_a_question_as_it_counted_before() {
    let by_goods = "[{when: data.goods.kind == 'alcohol', is: 5 days}, {when: data.goods.stalls < 9, is: 2 working days}, {is: 1 day}]";
    let (mut host, task) = taken_of(|review| {
        review.questions = Some(questions(None));
        review.deadline = Some(serde_saphyr::from_str(by_goods).unwrap());
    });
    assert_eq!(day(host.state.tasks[&task].due), "2026-11-26", "of several that hold the first");
    assert_eq!(host.state.tasks[&task].allowed.map(|span| span.to_string()).as_deref(), Some("2 working days"));
    answered_on_thursday(&mut host, task);
    assert_eq!(day(host.state.tasks[&task].due), "2026-11-30");
}

#[test]
fn a_task_of_an_older_release_goes_on_after_a_question_by_the_time_that_its_definition_gave_all() {
    let (mut host, task) = taken(None);
    // It did not keep which time it was.
    let mut stored = serde_json::to_value(&host.state.tasks[&task]).unwrap();
    assert_eq!(stored.as_object_mut().unwrap().remove("allowed"), Some(json!("2 working days")));
    host.state.tasks.insert(task, serde_json::from_value(stored).unwrap());
    assert_eq!(host.state.tasks[&task].allowed, None);
    answered_on_thursday(&mut host, task);
    assert_eq!(day(host.state.tasks[&task].due), "2026-11-30");
}

#[test]
fn an_applicant_is_reminded_and_silence_leaves_the_officer_to_go_on() {
    let (mut host, task) = taken(None);
    host.give(&ask(task)).unwrap();
    assert_eq!(refused(&host, &approve(task)), "question.open", "the applicant was given time");
    pass(&mut host, 3 * DAY);
    let mut sent = told(&host);
    sent.sort();
    assert_eq!(sent, ["issued", "lapsed"], "the reminder");
    pass(&mut host, 5 * DAY);
    assert_eq!(host.state.questions[0].state(), "unanswered");
    assert_eq!(host.state.status(), "reviewing");
    assert_eq!(refused(&host, &answer(1)), "question.closed");
    assert_eq!(day(host.state.tasks[&task].due), "2026-12-03");
    host.give(&approve(task)).unwrap();
}

#[test]
fn the_clocks_stand_still_no_longer_than_there_was_time_to_answer_however_late_it_is_noticed() {
    let clocks = |late: Duration, answers: bool| {
        let (mut host, task) = taken(None);
        host.give(&ask(task)).unwrap();
        let told = host.state.tasks[&task].due;
        let timer = host.state.timers.values().find(|timer| timer.purpose == Purpose::Answer).unwrap();
        let (timer, until) = (timer.id, timer.due);
        host.now = until.plus(late);
        let command = if answers { answer(1) } else { Command::FireTimer { timer } };
        host.give(&command).unwrap();
        assert_eq!(host.state.tasks[&task].due, told, "the day that everybody was told");
        (host.state.tasks[&task].due, host.state.promised)
    };
    let in_time = clocks(Duration::ZERO, false);
    // The last second of a day, and a host that was away.
    for late in [Duration::from_secs(2), 3 * DAY] {
        assert_eq!(clocks(late, false), in_time);
        assert_eq!(clocks(late, true), in_time);
    }
}

#[test]
fn silence_decides_where_the_definition_says_so() {
    let (mut host, task) = taken(Some("refuse"));
    host.give(&ask(task)).unwrap();
    pass(&mut host, 9 * DAY);
    let decision = host.state.decisions.last().unwrap();
    assert_eq!((decision.outcome.as_str(), decision.officer), ("refuse", None));
    assert!(host.state.tasks[&task].closed.is_some() && host.state.open_question(task).is_none());
    assert!(timers(&host, Purpose::Deadline).is_empty(), "nothing of the task is left");
}

#[test]
fn there_is_one_question_at_a_time_and_no_more_than_the_definition_foresees() {
    let (mut host, task) = taken(None);
    host.give(&ask(task)).unwrap();
    assert_eq!(refused(&host, &ask(task)), "question.open");
    host.give(&answer(1)).unwrap();
    assert_eq!(refused(&host, &answer(1)), "question.closed", "an answer is given once");
    host.give(&ask(task)).unwrap();
    host.give(&answer(2)).unwrap();
    assert_eq!(refused(&host, &ask(task)), "question.too-many");
    assert_eq!(host.state.questions.iter().map(|question| question.number).collect::<Vec<_>>(), [1, 2]);
}

pub fn take_back(task: TaskId, number: u32) -> Command {
    Command::TakeBackQuestion { task, number, officer: officer() }
}

#[test]
fn a_question_that_is_taken_back_has_stopped_the_clocks_for_as_long_as_it_stood() {
    let (mut host, task) = taken(None);
    host.give(&ask(task)).unwrap();
    host.give(&take_back(task, 1)).unwrap();
    assert_eq!(host.state.questions[0].state(), "taken-back");
    assert_eq!(day(host.state.tasks[&task].due), "2026-11-26", "no time was lost");
    assert_eq!(day(host.state.promised), "2026-11-27");
    assert_eq!(refused(&host, &answer(1)), "question.closed");
    host.give(&ask(task)).unwrap();
    pass(&mut host, DAY);
    assert_eq!(refused(&host, &take_back(task, 2)), "question.not-held", "the claim is over");
    take(&mut host, task);
    host.give(&take_back(task, 2)).unwrap();
    assert_eq!(day(host.state.tasks[&task].due), "2026-11-27", "a day more for the day that it stood");
    assert_eq!(day(host.state.promised), "2026-11-30");
    assert!(timers(&host, Purpose::Answer).is_empty() && timers(&host, Purpose::Reminder).is_empty());
    assert_eq!(timers(&host, Purpose::Deadline).len(), 1);
    host.give(&approve(task)).unwrap();
    assert_eq!(host.state.paused, None);
}

#[test]
fn what_is_taken_back_is_none_of_the_questions_foreseen_and_nobody_goes_on_so_for_ever() {
    let (mut host, task) = taken(None);
    for number in 1..=2 {
        host.give(&ask(task)).unwrap();
        host.give(&take_back(task, number)).unwrap();
    }
    host.give(&ask(task)).unwrap();
    assert_eq!(refused(&host, &take_back(task, 3)), "question.taken-back-too-often");
    assert_eq!(refused(&host, &take_back(task, 1)), "question.closed");
    host.give(&answer(3)).unwrap();
    assert_eq!(refused(&host, &take_back(task, 3)), "question.closed", "an answer stays");
    host.give(&ask(task)).unwrap();
    host.give(&answer(4)).unwrap();
    assert_eq!(refused(&host, &ask(task)), "question.too-many");
    let by = |officer: PersonId| Command::TakeBackQuestion { task, number: 4, officer };
    assert_eq!(refused(&host, &by(PersonId::from_bytes([4; 16]))), "task.claimed");
    assert_eq!(refused(&host, &by(applicant())), "task.own-case");
}

#[test]
fn only_whoever_has_the_task_asks_and_nobody_after_the_decision() {
    let (mut host, task) = taken(None);
    let by = |officer: PersonId, text: &str| Command::AskApplicant { task, officer, text: text.to_owned() };
    assert_eq!(refused(&host, &by(PersonId::from_bytes([4; 16]), "?")), "task.claimed");
    assert_eq!(refused(&host, &by(applicant(), "?")), "task.own-case");
    assert_eq!(refused(&host, &by(officer(), "  ")), "question.empty");
    assert_eq!(refused(&host, &by(officer(), &"x".repeat(2_001))), "question.too-long");
    host.give(&Command::ReleaseTask { task, officer: officer(), by: Some(officer()) }).unwrap();
    assert_eq!(refused(&host, &ask(task)), "question.not-held");
    take(&mut host, task);
    host.give(&approve(task)).unwrap();
    assert_eq!(refused(&host, &ask(task)), "task.closed");
}

#[test]
fn where_the_definition_foresees_no_questions_none_is_asked() {
    let mut host = paying();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    take(&mut host, task);
    assert_eq!(refused(&host, &ask(task)), "question.not-foreseen");
}

#[test]
fn a_message_about_a_question_moves_no_case_whatever_becomes_of_it() {
    for result in [
        ActionResult::Done,
        ActionResult::Refused { code: "no".into() },
        ActionResult::Unknown { code: "who-knows".into() },
    ] {
        let (mut host, task) = taken(None);
        host.give(&ask(task)).unwrap();
        let message = host.state.actions.values().find(|action| action.step == "review").unwrap().id;
        host.give(&Command::CompleteAction { action_id: message, result }).unwrap();
        assert_eq!(host.state.status(), "asked");
        assert!(host.state.actions.values().all(|action| action.id != message));
    }
}

#[test]
fn an_application_that_is_withdrawn_leaves_no_question_open() {
    let (mut host, task) = taken(None);
    host.give(&ask(task)).unwrap();
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert!(host.state.open_question(task).is_none() && host.state.paused.is_none());
    assert_eq!(refused(&host, &answer(1)), "question.closed");
}

#[test]
fn a_scenario_asks_and_replies() {
    let (host, _) = taken(None);
    let scenario = crate::scenario::parse(
        "title: asked\nwhen:\n  - answer: {shop.soato: '1726266', shop.opened: 2020-01-01, goods.kind: other, goods.stalls: '2'}\n  - submit: {}\n  - pay: {}\n  - ask: Which school?\n    expect: {status: asked, notifications: [issued]}\n  - reply: None\n    expect: {status: reviewing}\n  - decide: {outcome: approve}\nthen: {status: granted, timeline: [submitted, paid, task-opened, question-asked, question-answered, decided, issued, ended]}\n",
    )
    .unwrap();
    let report = crate::scenario::run(&host.process, &crate::sample::offices(), &scenario);
    assert!(report.passed(), "{report}");
}
