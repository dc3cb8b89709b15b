//! A returned application: only what was marked changes, and the officer who gets it again sees what became of each mark.

use super::*;
use crate::{case::Before, forms};

/// A paid case whose goods an officer returned with a mark on the number of stalls, of which there are three.
fn returned() -> Host {
    returned_of(Host::new())
}

fn returned_of(host: Host) -> Host {
    let mut host = paying_of(host);
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    let returns = Command::DecideTask {
        task,
        outcome: "return".into(),
        reasons: Vec::new(),
        note: "See the plan.".into(),
        marked: BTreeMap::from([("goods.stalls".to_owned(), "Count them again".to_owned())]),
        officer: officer(),
    };
    host.give(&returns).unwrap();
    assert_eq!(host.state.status(), "returned");
    host
}

fn registry_call(host: &Host) -> OpenAction {
    host.state.actions.values().find(|action| action.request.name() == "call-registry").unwrap().clone()
}

/// The other answers of the page are sent, too, as a browser could.
fn correct(host: &mut Host, stalls: &str) {
    let values = [("goods.kind", "food"), ("goods.stalls", stalls), ("goods.area", "12")];
    let values = values.into_iter().map(|(at, text)| (at.to_owned(), text.to_owned())).collect();
    let save = Command::SaveAnswers { page: "goods".into(), values, disputed: BTreeSet::new(), shown: None };
    host.give(&save).unwrap();
}

fn send(host: &mut Host) {
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    assert_eq!(host.state.returned.is_none(), host.state.correction.is_some());
}

fn told(host: &Host) -> Vec<forms::Corrected> {
    forms::corrected(&host.process, &host.state, &host.law.at(host.now, 0), "en")
}

#[test]
fn what_was_marked_is_corrected_and_nothing_else_and_both_values_are_told() {
    let mut host = returned();
    assert!(told(&host).is_empty(), "nothing was corrected yet");
    correct(&mut host, "7");
    correct(&mut host, "5");
    send(&mut host);
    assert_eq!(host.state.answers["goods.kind"], "other", "it was not marked");
    assert!(!host.state.answers.contains_key("goods.area"));
    let correction = host.state.correction.clone().unwrap();
    let three = Before { answer: Some("3".into()), disputed: false };
    assert!(correction.before == BTreeMap::from([("goods.stalls".to_owned(), three)]), "as it stood first");
    assert_eq!(correction.note, "See the plan.");
    let [row]: [forms::Corrected; 1] = told(&host).try_into().unwrap_or_else(|_| panic!("one field"));
    assert_eq!((row.before.as_str(), row.after.as_str(), row.note.as_str()), ("3", "5", "Count them again"));
    assert!(row.changed && row.marked && row.label == "Stalls" && row.page == "goods");
}

#[test]
fn a_mark_that_changed_nothing_is_told_as_such_and_an_answer_put_back_is_no_change() {
    let mut host = returned();
    correct(&mut host, "7");
    correct(&mut host, "3");
    send(&mut host);
    let [row]: [forms::Corrected; 1] = told(&host).try_into().unwrap_or_else(|_| panic!("one field"));
    assert!(!row.changed && row.marked && row.before == row.after);
}

/// As [`returned`], by a definition in which there is a time for the correction.
fn returned_for_a_while() -> Host {
    let mut definition = crate::sample::definition();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let apply = steps.iter_mut().find(|step| step.name == "apply").unwrap();
    (apply.timeout, apply.on_timeout) = (Some("5 days".parse().unwrap()), Some("undo".into()));
    returned_of(Host { process: Process::compile(&definition).unwrap(), ..Host::new() })
}

#[test]
fn what_was_typed_and_never_sent_counts_for_nothing_once_the_time_to_correct_is_over() {
    let mut host = returned_for_a_while();
    let sent = host.state.clone();
    correct(&mut host, "7");
    assert_eq!(host.state.data["goods"]["stalls"], 7);
    correct(&mut host, "nonsense");
    assert_ne!(host.state.answered_pages, sent.answered_pages);
    let timer = host.state.timers.values().find(|timer| timer.step == "apply").unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    assert!(host.state.data == sent.data && host.state.answers == sent.answers, "as it was sent");
    assert_eq!(host.state.answered_pages, sent.answered_pages);
    assert!(host.state.returned.is_none() && host.state.correction.is_none(), "nobody is told to correct it");
}

#[test]
fn what_was_typed_in_a_later_form_counts_for_nothing_unless_it_is_sent() {
    for sent in [false, true] {
        let mut definition = crate::sample::definition();
        let steps = &mut definition.spec.process.as_mut().unwrap().steps;
        steps.iter_mut().find(|step| step.name == "reserve").unwrap().next = Some("more".into());
        let more =
            json!({"name": "more", "form": "application", "timeout": "5 days", "onTimeout": "lapse", "next": "review"});
        steps.push(serde_json::from_value(more).unwrap());
        let mut host = paying_of(Host { process: Process::compile(&definition).unwrap(), ..Host::new() });
        let intent = host.intents()[0];
        host.captured.insert(intent, 1_000);
        let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
        host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
        let before = host.state.data.clone();
        correct(&mut host, "7");
        if sent {
            let submit = host.command(5, 0);
            host.give(&submit).unwrap();
        } else {
            let timer = host.state.timers.values().find(|timer| timer.step == "more").unwrap().clone();
            host.now = timer.due;
            host.give(&Command::FireTimer { timer: timer.id }).unwrap();
        }
        assert_eq!((host.state.data != before, host.state.unsent.is_empty()), (sent, true));
    }
}

#[test]
fn what_was_typed_and_never_sent_counts_for_nothing_when_the_application_is_taken_back() {
    let mut host = returned();
    let sent = host.state.data.clone();
    correct(&mut host, "7");
    let decision = host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert!(host.state.data == sent, "it is undone by what was sent");
    let forgotten = |event: &Event| matches!(event.what, What::CorrectionForgotten(_));
    assert!(forgotten(&decision.events[0]));
}

#[test]
fn what_a_registry_said_before_the_correction_counts_no_longer_when_it_does_not_answer_again() {
    let mut host = returned();
    // It had answered the first time.
    let source = crate::case::Source { source: "social/disability".into(), read: host.now };
    host.state.facts = json!({"disability": {"group": 1}});
    host.state.sources.insert("disability".into(), source);
    host.now = host.now.plus(std::time::Duration::from_secs(60));
    correct(&mut host, "5");
    send(&mut host);
    let call = registry_call(&host);
    for _ in 0..3 {
        let result = ActionResult::Unavailable { code: "down".into() };
        host.give(&Command::CompleteAction { action_id: call.id, result }).unwrap();
    }
    assert_eq!(host.state.tokens[&call.token].step, "pay", "the case goes on without");
    assert_eq!(host.state.facts, json!({}), "and no waiver rests on what it said of something else");
}
