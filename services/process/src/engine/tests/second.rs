//! Two officers decide: nothing follows from what one of them says alone, and the two are never one person.

use std::time::Duration;

use super::*;
use crate::timer::Purpose;

const HOURS: Duration = Duration::from_secs(4 * 3600);

fn colleague() -> PersonId {
    PersonId::from_bytes([4; 16])
}

/// A paid case whose inspection two officers decide, and its open task.
fn reviewing() -> (Host, TaskId) {
    reviewing_with(|_| {})
}

fn reviewing_with(change: impl FnOnce(&mut api::Task)) -> (Host, TaskId) {
    let mut definition = crate::sample::definition();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let review = steps.iter_mut().find(|step| step.name == "review").unwrap().task.as_mut().unwrap();
    review.four_eyes = true;
    change(review);
    let mut host = Host::new();
    host.process = Process::compile(&definition).unwrap();
    let mut host = paying_of(host);
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    (host, task)
}

fn refuse(task: TaskId, officer: PersonId) -> Command {
    Command::DecideTask {
        task,
        outcome: "refuse".into(),
        reasons: vec!["too-close".into()],
        note: "Measured on the map".into(),
        marked: BTreeMap::new(),
        officer,
    }
}

fn send_back(host: &Host, task: TaskId, officer: PersonId, note: &str) -> Command {
    Command::SendBackTask { task, officer, note: note.into(), until: host.now.plus(HOURS) }
}

fn refused(host: &Host, command: &Command) -> &'static str {
    decide(&host.process, &host.state, command, &host.law.at(host.now, 0)).unwrap_err().code
}

fn told(host: &Host, code: &str) -> usize {
    host.state.timeline.iter().filter(|entry| entry.code == code).count()
}

#[test]
fn what_one_officer_proposes_is_decided_when_another_agrees_and_the_applicant_is_told_of_two() {
    let (mut host, task) = reviewing();
    let taken = Command::ClaimTask { task, officer: officer(), until: host.now.plus(HOURS) };
    host.give(&taken).unwrap();
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.claimed");
    host.give(&refuse(task, officer())).unwrap();
    let known = &host.state.tasks[&task];
    assert!(known.closed.is_none() && known.claim.is_none() && host.state.decisions.is_empty(), "nothing follows yet");
    assert_eq!(told(&host, "decided"), 0, "nobody is told of a proposal");
    for own in [
        Command::ConfirmTask { task, officer: officer() },
        send_back(&host, task, officer(), "I was wrong"),
        Command::ClaimTask { task, officer: officer(), until: host.now.plus(HOURS) },
        refuse(task, officer()),
    ] {
        assert_eq!(refused(&host, &own), "task.own-proposal", "{own:?}");
    }
    assert_eq!(refused(&host, &refuse(task, colleague())), "task.proposed");
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: applicant() }), "task.own-case");
    host.give(&Command::ConfirmTask { task, officer: colleague() }).unwrap();
    let decision = host.state.decisions.last().unwrap();
    assert_eq!((decision.officer, decision.second), (Some(officer()), Some(colleague())));
    assert_eq!((decision.outcome.as_str(), decision.note.as_str()), ("refuse", "Measured on the map"));
    assert_eq!((told(&host, "checked-twice"), told(&host, "decided")), (1, 1));
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.closed");
    let known = &host.state.tasks[&task];
    assert!(known.proposal.is_none() && known.claim.is_none(), "nothing of it is left");
}

#[test]
fn who_does_not_agree_says_why_and_the_first_has_the_task_again_for_a_while() {
    let (mut host, task) = reviewing();
    assert_eq!(refused(&host, &send_back(&host, task, colleague(), "Why?")), "task.not-proposed");
    host.give(&refuse(task, officer())).unwrap();
    assert_eq!(refused(&host, &send_back(&host, task, colleague(), " ")), "task.note-missing");
    let back = send_back(&host, task, colleague(), "The school moved in May");
    host.give(&back).unwrap();
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.claimed");
    assert_eq!(refused(&host, &refuse(task, colleague())), "task.claimed", "it is the first one's again");
    host.now = host.now.plus(HOURS);
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.not-proposed");
    let ends = host.state.timers.values().find(|timer| timer.purpose == Purpose::Claim).unwrap().id;
    host.give(&Command::FireTimer { timer: ends }).unwrap();
    let anew = Command::DecideTask {
        task,
        outcome: "approve".into(),
        reasons: Vec::new(),
        note: String::new(),
        marked: BTreeMap::new(),
        officer: colleague(),
    };
    host.give(&anew).unwrap();
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.own-proposal");
    host.give(&Command::ConfirmTask { task, officer: officer() }).unwrap();
    assert_eq!(host.state.decisions.len(), 1);
    assert!(host.state.timers.values().all(|timer| timer.purpose != Purpose::Claim), "no claim waits for its end");
}

#[test]
fn a_task_of_one_officer_has_nothing_to_agree_to() {
    let mut host = paying();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    host.give(&Command::PaymentVerdict {
        intent,
        verdict: Verdict::Captured { amount: Money::uzs(1_000), at: host.now },
    })
    .unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.not-proposed");
    host.give(&refuse(task, officer())).unwrap();
    assert_eq!(host.state.decisions.last().unwrap().second, None);
    assert_eq!(told(&host, "checked-twice"), 0);
}

#[test]
fn a_preview_shows_what_would_be_sent_and_decides_nothing_also_while_a_proposal_waits() {
    let (mut host, task) = reviewing();
    let law = crate::sample::Law::new();
    let preview = |host: &Host, command: &Command| {
        crate::preview::preview(&host.process, &host.state, task, command, &law.at(host.now, 0))
    };
    let approve = Command::DecideTask {
        task,
        outcome: "approve".into(),
        reasons: Vec::new(),
        note: String::new(),
        marked: BTreeMap::new(),
        officer: officer(),
    };
    let names = |letters: &[crate::preview::Letter]| -> Vec<String> {
        letters.iter().map(|letter| letter.name.clone()).collect()
    };
    let granted = preview(&host, &approve).ok().unwrap();
    assert_eq!(names(&granted.documents), ["permit"]);
    assert_eq!(names(&granted.notifications), ["issued"]);
    host.give(&refuse(task, officer())).unwrap();
    let before = host.state.clone();
    let refusal = preview(&host, &refuse(task, colleague())).ok().unwrap();
    assert!(refusal.documents.is_empty());
    assert_eq!(names(&refusal.notifications), ["refused"]);
    assert!(host.state == before, "nothing is decided");
    let own = preview(&host, &refuse(task, applicant()));
    assert_eq!(own.err().unwrap().code, "task.own-case");
}

fn questions() -> api::Questions {
    api::Questions {
        deadline: "5 working days".parse().unwrap(),
        at_most: 2,
        notify: "issued".into(),
        reminder: None,
        on_silence: None,
    }
}

#[test]
fn a_proposal_is_no_decision_and_the_application_can_still_be_taken_back() {
    let (mut host, task) = reviewing();
    host.give(&refuse(task, officer())).unwrap();
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!(host.state.phase, Phase::Ended);
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.closed");
}

/// The task's deadline passes.
fn time_is_over(host: &mut Host) {
    let deadline = host.state.timers.values().find(|timer| timer.purpose == Purpose::Deadline).unwrap();
    let (timer, due) = (deadline.id, deadline.due);
    host.now = due;
    host.give(&Command::FireTimer { timer }).unwrap();
}

#[test]
fn a_deadline_that_passes_while_a_proposal_waits_makes_the_task_late_and_the_proposal_stays() {
    let (mut host, task) = reviewing();
    host.give(&refuse(task, officer())).unwrap();
    time_is_over(&mut host);
    let known = &host.state.tasks[&task];
    assert!(known.escalated && known.closed.is_none() && known.proposed().is_some());
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: officer() }), "task.own-proposal");
    host.give(&Command::ConfirmTask { task, officer: colleague() }).unwrap();
    assert_eq!(host.state.decisions.last().unwrap().second, Some(colleague()));
}

#[test]
fn silence_decides_over_a_proposal_that_nobody_checked_and_says_so() {
    let (mut host, task) = reviewing_with(|review| review.on_deadline = api::OnDeadline::Approve);
    host.give(&refuse(task, officer())).unwrap();
    let proposed = host.now;
    time_is_over(&mut host);
    let decision = host.state.decisions.last().unwrap();
    assert_eq!((decision.outcome.as_str(), decision.officer, decision.second), ("approve", None, None));
    let overtaken = decision.overtaken.as_ref().unwrap();
    assert_eq!((overtaken.officer, overtaken.outcome.as_str(), overtaken.at), (officer(), "refuse", proposed));
    assert_eq!((told(&host, "overtaken"), told(&host, "decided"), told(&host, "checked-twice")), (1, 1, 0));
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.closed");
    assert!(host.state.tasks[&task].proposal.is_none(), "nothing of it is left");
}

#[test]
fn nobody_decides_once_silence_has_also_before_its_timer_fires() {
    let (mut host, task) = reviewing_with(|review| review.on_deadline = api::OnDeadline::Approve);
    host.give(&refuse(task, officer())).unwrap();
    let deadline = host.state.timers.values().find(|timer| timer.purpose == Purpose::Deadline).unwrap();
    let (timer, due) = (deadline.id, deadline.due);
    let confirm = Command::ConfirmTask { task, officer: colleague() };
    host.now = due.minus(Duration::from_secs(1));
    assert!(decide(&host.process, &host.state, &confirm, &host.law.at(host.now, 0)).is_ok(), "it is in time");
    host.now = due.plus(HOURS);
    assert_eq!(refused(&host, &confirm), "task.closed");
    let claim = Command::ClaimTask { task, officer: colleague(), until: host.now.plus(HOURS) };
    assert_eq!(refused(&host, &claim), "task.closed");
    host.give(&Command::FireTimer { timer }).unwrap();
    let decision = host.state.decisions.last().unwrap();
    assert_eq!((decision.outcome.as_str(), decision.officer), ("approve", None));
}

#[test]
fn where_nothing_is_proposed_or_it_was_sent_back_silence_overtakes_nothing() {
    for sent_back in [false, true] {
        let (mut host, task) = reviewing_with(|review| review.on_deadline = api::OnDeadline::Approve);
        if sent_back {
            host.give(&refuse(task, officer())).unwrap();
            let back = send_back(&host, task, colleague(), "Why?");
            host.give(&back).unwrap();
        }
        time_is_over(&mut host);
        assert!(host.state.decisions.last().unwrap().overtaken.is_none(), "sent back: {sent_back}");
        assert_eq!(told(&host, "overtaken"), 0);
    }
}

#[test]
fn whoever_answered_for_the_applicant_is_neither_first_nor_second() {
    let asked = |host: &mut Host, task: TaskId, officer: PersonId, by: PersonId| {
        let until = host.now.plus(HOURS);
        host.give(&Command::ClaimTask { task, officer, until }).unwrap();
        host.give(&Command::AskApplicant { task, officer, text: "Which school?".into() }).unwrap();
        let number = u32::try_from(host.state.questions.len()).unwrap();
        host.give(&Command::AnswerQuestion { number, text: "None.".into(), by }).unwrap();
    };
    let (mut host, task) = reviewing_with(|review| review.questions = Some(questions()));
    asked(&mut host, task, officer(), colleague());
    host.give(&refuse(task, officer())).unwrap();
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.own-case");
    assert_eq!(refused(&host, &send_back(&host, task, colleague(), "Why?")), "task.own-case");

    let (mut host, task) = reviewing_with(|review| review.questions = Some(questions()));
    host.give(&refuse(task, officer())).unwrap();
    asked(&mut host, task, colleague(), officer());
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "task.proposer-takes-part");
    let back = send_back(&host, task, colleague(), "You answered for the applicant");
    host.give(&back).unwrap();
    assert_eq!(refused(&host, &refuse(task, officer())), "task.own-case");
    assert!(host.state.tasks[&task].claim.is_none(), "nobody waits for somebody who may not work on it");
    host.give(&refuse(task, colleague())).unwrap();
    assert!(host.state.timers.values().all(|timer| timer.purpose != Purpose::Claim), "no claim waits for its end");
}

#[test]
fn nobody_agrees_to_a_proposal_while_the_applicant_still_has_time_to_answer() {
    let (mut host, task) = reviewing_with(|review| review.questions = Some(questions()));
    host.give(&refuse(task, officer())).unwrap();
    let until = host.now.plus(HOURS);
    host.give(&Command::ClaimTask { task, officer: colleague(), until }).unwrap();
    let ask = Command::AskApplicant { task, officer: colleague(), text: "Which school is next to the shop?".into() };
    host.give(&ask).unwrap();
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: colleague() }), "question.open");
    host.give(&Command::AnswerQuestion { number: 1, text: "None.".into(), by: applicant() }).unwrap();
    host.give(&Command::ConfirmTask { task, officer: colleague() }).unwrap();
    assert_eq!(host.state.decisions.last().unwrap().second, Some(colleague()));
    assert!(host.state.paused.is_none() && host.state.tasks[&task].proposal.is_none(), "nothing of it is left");
}

#[test]
fn what_an_officer_says_with_a_decision_has_bounds() {
    let (host, task) = reviewing();
    let decision = |outcome: &str, reasons: Vec<String>, marked: BTreeMap<String, String>| {
        let (outcome, note) = (outcome.to_owned(), String::new());
        Command::DecideTask { task, outcome, reasons, note, marked, officer: officer() }
    };
    let repeated = decision("refuse", vec!["too-close".to_owned(); 2], BTreeMap::new());
    assert_eq!(refused(&host, &repeated), "task.reason-unknown");
    let marked = [("shop.opened".to_owned(), "x".repeat(4_001))].into();
    assert_eq!(refused(&host, &decision("return", Vec::new(), marked)), "task.note-too-long");
}
