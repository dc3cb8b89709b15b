//! An application is taken back as long as nothing came of it, and not while something is undone.

use super::*;
use crate::timer::Purpose;

/// A paid case of the sample service with other steps.
fn paid(change: impl Fn(&mut api::Step)) -> Host {
    let mut definition = crate::sample::definition();
    definition.spec.process.as_mut().unwrap().steps.iter_mut().for_each(change);
    let mut host = Host::new();
    host.process = Process::compile(&definition).unwrap();
    let mut host = paying_of(host);
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    host
}

/// Whoever has paid gets the permit: nobody decides.
fn of_nobodys_decision() -> Host {
    paid(|step| {
        if step.name == "reserve" {
            step.next = Some("issue".into());
        }
    })
}

fn asked(host: &Host, name: &str) -> Option<OpenAction> {
    host.state.actions.values().find(|action| action.request.name() == name).cloned()
}

fn take_back() -> Command {
    Command::Withdraw { by: applicant() }
}

fn refused(host: &Host) -> &'static str {
    assert_eq!(crate::withdrawal(&host.process, &host.state), None, "it is not offered either");
    decide(&host.process, &host.state, &take_back(), &host.law.at(host.now, 0)).unwrap_err().code
}

#[test]
fn what_was_applied_for_is_not_kept_and_its_fee_taken_back_also_where_nobody_decides() {
    let mut host = of_nobodys_decision();
    let issue = asked(&host, "issue-document").unwrap();
    assert_eq!(refused(&host), "case.decided", "signing may have sealed it");
    let result = host.right_answer(&issue, 1);
    host.give(&Command::CompleteAction { action_id: issue.id, result }).unwrap();
    assert_eq!(host.state.phase, Phase::Running, "the applicant can read it, and the message is not sent yet");
    assert_eq!(refused(&host), "case.decided");
}

#[test]
fn what_cannot_be_made_is_taken_back_and_paid_back() {
    let mut host = of_nobodys_decision();
    let issue = asked(&host, "issue-document").unwrap().id;
    let result = ActionResult::Refused { code: "seal.refused".into() };
    host.give(&Command::CompleteAction { action_id: issue, result }).unwrap();
    host.give(&take_back()).unwrap();
    assert!(host.state.phase == Phase::Ended && asked(&host, "refund").is_some());
}

/// The time of the inspection is over: the money goes back, and the place is released when its keeper says so.
fn undoing() -> Host {
    let mut host = paid(|step| match step.name.as_str() {
        "review" => {
            step.timeout = Some("5 days".parse().unwrap());
            step.on_timeout = Some("undo".into());
        }
        "release" => {
            step.emit = None;
            step.wait = Some(serde_json::from_value(json!({"message": "released"})).unwrap());
        }
        _ => {}
    });
    let timer = host.state.timers.values().find(|timer| timer.purpose == Purpose::Timeout).unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    host
}

#[test]
fn what_is_being_undone_is_undone_to_its_end_before_the_case_can_be_taken_back() {
    let mut host = undoing();
    assert_eq!(refused(&host), "case.not-running", "a step has still to be undone");
    let refund = asked(&host, "refund").unwrap();
    let result = host.right_answer(&refund, 1);
    host.give(&Command::CompleteAction { action_id: refund.id, result }).unwrap();
    assert_eq!(host.state.status(), "waiting");
    assert_eq!(refused(&host), "case.not-running", "and is on its way");
    host.give(&Command::ReceiveMessage { name: "released".into(), body: json!({}) }).unwrap();
    host.give(&take_back()).unwrap();
    assert_eq!(host.state.activations["release"], 1);
    assert_eq!((host.state.phase, host.state.status()), (Phase::Ended, "withdrawn"));
}

#[test]
fn an_intent_that_is_made_after_the_case_was_taken_back_is_closed() {
    let (mut host, create) = before_paying(Host::new());
    host.give(&take_back()).unwrap();
    assert_eq!(host.state.phase, Phase::Ended);
    let result = host.right_answer(&create, 1);
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    assert!(asked(&host, "close-intent").is_some(), "nobody shall pay it any more");
}
