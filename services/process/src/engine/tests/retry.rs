//! A step that failed for good is tried again when two officers say so; whatever it does, it does itself.

use super::*;
use crate::case::AFTER_THE_END;

fn colleague() -> PersonId {
    PersonId::from_bytes([4; 16])
}

/// A case whose permit was refused by signing.
fn stuck() -> (Host, u32) {
    let mut host = paying();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    let approve = Command::DecideTask {
        task,
        outcome: "approve".into(),
        reasons: Vec::new(),
        note: String::new(),
        marked: BTreeMap::new(),
        officer: officer(),
    };
    host.give(&approve).unwrap();
    let issue = document(&host).unwrap().id;
    let result = ActionResult::Refused { code: "seal.refused".into() };
    host.give(&Command::CompleteAction { action_id: issue, result }).unwrap();
    let token = host.state.tokens.values().find(|token| matches!(token.waiting, Waiting::Attention { .. })).unwrap().id;
    (host, token)
}

fn document(host: &Host) -> Option<OpenAction> {
    let mut open = host.state.actions.values();
    open.find(|action| matches!(action.request, Request::IssueDocument { .. })).cloned()
}

fn again(token: u32, by: PersonId) -> Command {
    Command::RetryStep { token, by, reason: "The seal is renewed".into() }
}

fn refused(host: &Host, command: &Command) -> &'static str {
    decide(&host.process, &host.state, command, &host.law.at(host.now, 0)).unwrap_err().code
}

#[test]
fn a_step_that_failed_is_tried_again_when_another_officer_agrees_and_the_applicant_is_told() {
    let (mut host, token) = stuck();
    let (documents, told) = (host.state.documents.len(), host.state.timeline.len());
    host.give(&again(token, officer())).unwrap();
    assert!(document(&host).is_none() && host.state.timeline.len() == told, "nothing follows from one alone");
    assert_eq!(refused(&host, &again(token, officer())), "step.own-retry");
    assert_eq!(refused(&host, &again(token, applicant())), "task.own-case");
    host.give(&again(token, colleague())).unwrap();
    let issue = document(&host).expect("it is asked for anew");
    assert_eq!(host.state.documents.len(), documents, "what two officers agreed to is no document");
    assert!(host.state.retries.is_empty() && host.state.timeline.last().unwrap().code == "retried");
    let both = host.history.iter().find_map(|event| match &event.what {
        What::StepRetried { by, second, .. } => Some((*by, *second)),
        _ => None,
    });
    assert_eq!(both, Some((officer(), Some(colleague()))));
    assert_eq!(refused(&host, &again(token, officer())), "step.not-stuck", "once");
    let result = host.right_answer(&issue, 1);
    host.give(&Command::CompleteAction { action_id: issue.id, result }).unwrap();
    assert_eq!(host.state.documents.len(), documents + 1);
}

#[test]
fn what_somebody_asked_for_is_forgotten_when_the_case_goes_another_way() {
    let (mut host, token) = stuck();
    let withdrawn = Command::RetryStep { token: token + 7, by: officer(), reason: "no such step".into() };
    assert_eq!(refused(&host, &withdrawn), "step.not-stuck");
    host.give(&again(token, officer())).unwrap();
    assert_eq!(host.state.retries.len(), 1);
    // Both agree, and it fails once more: that is another failure, and asked for anew.
    host.give(&again(token, colleague())).unwrap();
    let issue = document(&host).unwrap().id;
    let result = ActionResult::Refused { code: "seal.refused".into() };
    host.give(&Command::CompleteAction { action_id: issue, result }).unwrap();
    assert!(host.state.retries.is_empty());
    host.give(&again(token, colleague())).unwrap();
    assert_eq!(host.state.retries[&token].by, colleague());
}

/// A paid case that is refused, and the action by which its money is asked back.
fn refused_and_paid() -> (Host, OpenAction) {
    let mut host = paying();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    let refuse = Command::DecideTask {
        task,
        outcome: "refuse".into(),
        reasons: vec!["too-close".into()],
        note: String::new(),
        marked: BTreeMap::new(),
        officer: officer(),
    };
    host.give(&refuse).unwrap();
    let asked = refund(&host).unwrap();
    (host, asked)
}

fn refund(host: &Host) -> Option<OpenAction> {
    let mut open = host.state.actions.values();
    open.find(|action| matches!(action.request, Request::Refund { .. })).cloned()
}

#[test]
fn a_refund_that_payments_refused_is_asked_for_again_and_the_money_comes_back() {
    let (mut host, first) = refused_and_paid();
    let result = ActionResult::Refused { code: "provider.unknown".into() };
    host.give(&Command::CompleteAction { action_id: first.id, result }).unwrap();
    let token = first.token;
    assert!(matches!(host.state.tokens[&token].waiting, Waiting::Attention { .. }));
    host.give(&again(token, officer())).unwrap();
    host.give(&again(token, colleague())).unwrap();
    let second = refund(&host).expect("what is owed is asked back, however often it was asked before");
    assert_ne!(second.id, first.id);
    assert_eq!(host.state.phase, Phase::Running, "the case does not end as if the money were back");
    let intent = host.intents()[0];
    let amount = Money::uzs(1_000);
    let result = ActionResult::Refund { refund: RefundId::derived(second.id), settled: true, amount };
    host.give(&Command::CompleteAction { action_id: second.id, result }).unwrap();
    let payment = host.state.payments.values().flatten().find(|payment| payment.intent == intent).unwrap();
    assert_eq!(payment.refunded, amount);
    assert!(refund(&host).is_none(), "once it is back nothing is asked for");
    assert!(host.state.tokens.values().all(|token| !matches!(token.waiting, Waiting::Attention { .. })));
}

#[test]
fn a_refund_that_nobody_answered_is_refused_no_longer_once_it_is_asked_for_again_and_accepted() {
    let (mut host, first) = refused_and_paid();
    let result = ActionResult::Unknown { code: "action.outcome-unknown".into() };
    host.give(&Command::CompleteAction { action_id: first.id, result }).unwrap();
    let refused = |host: &Host| host.state.payments["pay"][0].refused().map(str::to_owned);
    assert_eq!(refused(&host).as_deref(), Some("action.outcome-unknown"));
    host.give(&again(first.token, officer())).unwrap();
    assert!(refused(&host).is_some(), "nothing follows from one alone");
    host.give(&again(first.token, colleague())).unwrap();
    let second = refund(&host).expect("payments gives only what is left, however often it is asked");
    assert_eq!(refused(&host), None);
    host.give(&Command::CompleteAction { action_id: second.id, result: ActionResult::Done }).unwrap();
    assert_eq!(refused(&host), None, "it is under way, and the case ends without an alarm");
}

#[test]
fn a_refund_that_payments_refused_after_the_case_had_ended_is_asked_for_again_when_two_say_so() {
    let mut host = paying();
    let intent = host.intents()[0];
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let first = refund(&host).expect("nobody asked for the money any more");
    assert_eq!(refused(&host, &again(AFTER_THE_END, officer())), "step.not-stuck", "it is under way");
    let result = ActionResult::Refused { code: "provider.unknown".into() };
    host.give(&Command::CompleteAction { action_id: first.id, result }).unwrap();
    let owed: Vec<_> = host.state.refused_refunds().map(|(payment, code)| (payment.intent, code)).collect();
    assert_eq!(owed, [(intent, "provider.unknown")]);
    host.give(&again(AFTER_THE_END, officer())).unwrap();
    assert!(refund(&host).is_none(), "nothing follows from one alone");
    assert_eq!(refused(&host, &again(AFTER_THE_END, officer())), "step.own-retry");
    assert_eq!(refused(&host, &again(AFTER_THE_END, applicant())), "task.own-case");
    host.give(&again(AFTER_THE_END, colleague())).unwrap();
    let second = refund(&host).expect("it is asked for anew");
    assert_ne!(second.id, first.id);
    assert!(host.state.refused_refunds().next().is_none() && host.state.phase == Phase::Ended);
    let amount = Money::uzs(1_000);
    let result = ActionResult::Refund { refund: RefundId::derived(second.id), settled: true, amount };
    host.give(&Command::CompleteAction { action_id: second.id, result }).unwrap();
    let payment = host.state.payments.values().flatten().find(|payment| payment.intent == intent).unwrap();
    assert_eq!(payment.refunded, amount);
    assert_eq!(refused(&host, &again(AFTER_THE_END, officer())), "step.not-stuck");
}

#[test]
fn a_document_of_which_nobody_knows_whether_it_was_sealed_is_asked_for_under_its_own_id() {
    let (mut host, token) = stuck();
    host.give(&again(token, officer())).unwrap();
    host.give(&again(token, colleague())).unwrap();
    let asked = document(&host).expect("a refusal is an answer: it is asked for anew");
    let unknown = ActionResult::Unknown { code: "action.outcome-unknown".into() };
    host.give(&Command::CompleteAction { action_id: asked.id, result: unknown }).unwrap();
    assert!(document(&host).is_none());
    for attempt in [2, 3] {
        host.give(&again(token, officer())).unwrap();
        let decision = host.give(&again(token, colleague())).unwrap();
        let repeated = document(&host).unwrap();
        assert_eq!((repeated.id, repeated.attempt), (asked.id, attempt), "signing answers as it did");
        assert!(repeated.request == asked.request && decision.actions() == [repeated.clone()]);
        assert!(host.state.retries.is_empty());
        // A refusal of the repetition says nothing of the first time.
        let result = ActionResult::Refused { code: "seal.refused".into() };
        host.give(&Command::CompleteAction { action_id: repeated.id, result }).unwrap();
    }
    host.give(&again(token, officer())).unwrap();
    host.give(&again(token, colleague())).unwrap();
    let repeated = document(&host).unwrap();
    let documents = host.state.documents.len();
    let result = host.right_answer(&repeated, 1);
    host.give(&Command::CompleteAction { action_id: repeated.id, result }).unwrap();
    assert_eq!(host.state.documents.len(), documents + 1);
    assert!(host.state.unanswered.is_empty(), "nothing of it is left");
}

#[test]
fn a_call_whose_time_was_over_is_repeated_under_its_own_id_with_a_time_of_its_own() {
    let mut definition = crate::sample::definition();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let benefit = steps.iter_mut().find(|step| step.name == "benefit").unwrap();
    benefit.on_unavailable = None;
    let mut host = Host::new();
    host.process = Process::compile(&definition).unwrap();
    host.give(&open(1)).unwrap();
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    let call = host.state.actions.values().next().unwrap().clone();
    let timer = host.state.timers.values().find(|timer| timer.token == call.token).unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    assert!(host.state.actions.is_empty() && host.state.status() == "delayed");
    host.give(&again(call.token, officer())).unwrap();
    host.give(&again(call.token, colleague())).unwrap();
    let repeated = host.state.actions.values().next().unwrap().clone();
    assert_eq!((repeated.id, repeated.attempt), (call.id, 2), "what was written is not written twice");
    assert!(repeated.expires.unwrap() > host.now, "it has time again");
    let late = Command::CompleteAction { action_id: call.id, result: ActionResult::NotFound };
    host.give(&late).unwrap();
    assert_eq!(host.state.tokens[&call.token].step, "pay");
    assert!(host.state.unanswered.is_empty());
}

/// A case whose fee nobody answers for: it was asked for three days.
fn without_an_intent(change: impl Fn(&mut api::Step)) -> (Host, OpenAction) {
    let mut definition = crate::sample::definition();
    definition.spec.process.as_mut().unwrap().steps.iter_mut().for_each(change);
    let process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let (mut host, create) = before_paying(Host { process, ..Host::new() });
    while host.state.actions.contains_key(&create.id) && host.state.tokens[&create.token].step == "pay" {
        let away = ActionResult::Unavailable { code: "bus.away".into() };
        let decision = host.give(&Command::CompleteAction { action_id: create.id, result: away }).unwrap();
        let is_open = host.state.actions.contains_key(&create.id);
        assert_eq!(
            decision.closed_actions().is_empty(),
            is_open,
            "what is asked for again in one decision is not closed"
        );
    }
    (host, create)
}

fn intent_asked(host: &Host) -> Option<OpenAction> {
    host.state.actions.values().find(|action| action.request.name() == "create-intent").cloned()
}

#[test]
fn an_intent_of_which_nobody_knows_whether_it_was_made_is_asked_for_under_its_own_id() {
    let (mut host, create) = without_an_intent(|_| {});
    assert_eq!(host.state.status(), "delayed");
    host.give(&again(create.token, officer())).unwrap();
    host.give(&again(create.token, colleague())).unwrap();
    let repeated = intent_asked(&host).unwrap();
    assert_eq!((repeated.id, repeated.attempt), (create.id, 81), "no other one is made beside it");
    assert!(host.state.timers.values().all(|timer| timer.token != create.token), "nobody can pay yet");
    let result = host.right_answer(&repeated, 1);
    host.give(&Command::CompleteAction { action_id: repeated.id, result }).unwrap();
    assert!(host.state.due_payment().is_some() && host.state.pay_until().is_some());
    assert!(host.state.unanswered.is_empty());
}

#[test]
fn an_intent_of_which_nobody_knows_is_closed_when_the_case_has_gone_on_without_it() {
    let (mut host, create) = without_an_intent(|step| {
        if step.name == "pay" {
            step.on_error = Some("lapse".into());
        }
    });
    assert_eq!(host.state.tokens[&create.token].step, "lapse");
    let repeated = intent_asked(&host).expect("it is asked for until it is known");
    assert_eq!(repeated.id, create.id);
    for _ in 0..200 {
        let away = ActionResult::Unavailable { code: "bus.away".into() };
        host.give(&Command::CompleteAction { action_id: create.id, result: away }).unwrap();
    }
    let result = host.right_answer(&repeated, 1);
    let decision = host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    let names: Vec<&str> = decision.actions().iter().map(|action| action.request.name()).collect();
    assert_eq!((names.as_slice(), host.state.payments["pay"].len()), (["close-intent"].as_slice(), 1));
}
