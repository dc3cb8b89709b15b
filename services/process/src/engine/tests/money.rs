//! Money: intents, verdicts that come late or twice, refunds, and payments that were lost.

use super::*;
use crate::timer::Purpose;

fn close_by_timeout(host: &mut Host) -> OpenAction {
    let timer = host.state.timers.values().next().unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    host.state.actions.values().find(|action| action.request.name() == "close-intent").unwrap().clone()
}

#[test]
fn a_timeout_asks_payments_and_a_late_capture_still_counts() {
    let mut host = paying();
    let intent = host.intents()[0];
    close_by_timeout(&mut host);
    assert_eq!(host.state.status(), "paying");
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    assert_eq!(host.state.status(), "reviewing");
}

#[test]
fn the_verdict_of_a_closed_intent_may_come_twice_and_counts_once() {
    let mut host = paying();
    let intent = host.intents()[0];
    let close = close_by_timeout(&mut host);
    let result = ActionResult::Intent {
        intent,
        state: IntentState::Cancelled,
        amount: Money::ZERO,
        arithmetic: json!({}),
        refunds: Vec::new(),
    };
    host.give(&Command::CompleteAction { action_id: close.id, result }).unwrap();
    assert!(host.state.payments["pay"][0].state == PaymentState::Cancelled);
    let again = host.give(&Command::PaymentVerdict { intent, verdict: Verdict::Cancelled }).unwrap();
    assert_eq!(again.events, []);
}

#[test]
fn money_that_comes_for_a_withdrawn_case_is_sent_back() {
    let mut host = paying();
    let intent = host.intents()[0];
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!(host.state.phase, Phase::Ended);
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    let decision = host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let names: Vec<&str> = decision.actions().iter().map(|action| action.request.name()).collect();
    assert_eq!(names, ["refund"]);
}

#[test]
fn what_comes_back_is_told_before_the_case_is_withdrawn_and_nothing_afterwards() {
    for earned in [api::Earned::OnResult, api::Earned::OnSubmission] {
        let mut host = paying();
        let mut definition = host.process.definition().clone();
        definition.spec.fees.iter_mut().for_each(|fee| fee.earned = earned);
        let intent = host.intents()[0];
        host.captured.insert(intent, 1_000);
        let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
        host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
        let process = Process::compile(&definition).unwrap();
        let told = crate::withdrawal(&process, &host.state).unwrap();
        let kept = if earned == api::Earned::OnResult { 0 } else { 1_000 };
        assert_eq!((told.returned, told.kept), (Money::uzs(1_000 - kept), Money::uzs(kept)));
        host.give(&Command::Withdraw { by: applicant() }).unwrap();
        assert_eq!(crate::withdrawal(&process, &host.state), None);
    }
}

/// A case that was paid, returned and sent in again for less: its payment step has just asked.
fn asking_again() -> (Host, IntentId, OpenAction) {
    let mut host = paying();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let returned = host.decide_task(2);
    host.give(&returned).unwrap();
    let (saved, submit) = (host.save("goods", 2), host.command(5, 0));
    host.give(&saved).unwrap();
    host.give(&submit).unwrap();
    let call = host.state.actions.values().next().unwrap().id;
    host.give(&Command::CompleteAction { action_id: call, result: ActionResult::NotFound }).unwrap();
    let create = host.state.actions.values().next().unwrap().clone();
    assert_eq!(create.request.name(), "create-intent");
    (host, intent, create)
}

#[test]
fn what_payments_gives_back_is_owed_until_it_is_settled_and_counted_once_whichever_word_comes_first() {
    let refund = RefundId::from_bytes([7; 16]);
    let amount = Money::uzs(400);
    for settled_first in [false, true] {
        let (mut host, intent, create) = asking_again();
        let booked = Command::CompleteAction {
            action_id: create.id,
            result: ActionResult::Intent {
                intent: IntentId::derived(create.id),
                state: IntentState::Waived,
                amount: Money::ZERO,
                arithmetic: json!({}),
                refunds: vec![BookedRefund { intent, refund, amount }],
            },
        };
        let settled = Command::RefundSettled { intent, refund, amount };
        let words = if settled_first { [&settled, &booked] } else { [&booked, &settled] };
        host.give(words[0]).unwrap();
        let between = &host.state.payments["pay"][0];
        assert_eq!(between.owed.contains_key(&refund), !settled_first);
        host.give(words[1]).unwrap();
        host.give(&settled).unwrap();
        let payment = &host.state.payments["pay"][0];
        assert_eq!((payment.refunded, payment.owed.len(), payment.refund_asked), (amount, 0, false));
        assert_eq!(host.state.status(), "reviewing");
    }
}

#[test]
fn what_is_on_its_way_back_is_told_as_coming_back_also_of_a_fee_that_is_kept() {
    let (mut host, intent, create) = asking_again();
    let booked = BookedRefund { intent, refund: RefundId::from_bytes([7; 16]), amount: Money::uzs(400) };
    let result = ActionResult::Intent {
        intent: IntentId::derived(create.id),
        state: IntentState::Waived,
        amount: Money::ZERO,
        arithmetic: json!({}),
        refunds: vec![booked],
    };
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    let mut definition = host.process.definition().clone();
    definition.spec.fees.iter_mut().for_each(|fee| fee.earned = api::Earned::OnSubmission);
    let told = crate::withdrawal(&Process::compile(&definition).unwrap(), &host.state).unwrap();
    assert_eq!((told.returned, told.kept), (Money::uzs(400), Money::uzs(600)));
}

#[test]
fn a_payment_that_payments_lost_is_asked_for_once_more_and_paid_once() {
    let mut host = paying();
    let lost = host.intents()[0];
    host.give(&Command::PaymentLost { intent: lost }).unwrap();
    let told_again = host.give(&Command::PaymentLost { intent: lost }).unwrap();
    assert!(told_again.events.is_empty(), "once, however often it is told");
    let asked: Vec<_> = host.state.actions.values().map(|action| action.request.name()).collect();
    assert_eq!(asked, ["create-intent"]);
    let create = host.state.actions.values().next().unwrap().id;
    let result = ActionResult::Intent {
        intent: IntentId::derived(create),
        state: IntentState::Open,
        amount: Money::uzs(1_000),
        arithmetic: json!({}),
        refunds: Vec::new(),
    };
    host.give(&Command::CompleteAction { action_id: create, result }).unwrap();
    let states: Vec<_> = host.state.payments["pay"].iter().map(|payment| payment.state).collect();
    assert_eq!(states, [PaymentState::Cancelled, PaymentState::Open]);
    assert_eq!(host.state.status(), "paying");
}

#[test]
fn the_time_to_pay_begins_when_there_is_something_to_pay() {
    let (mut host, create) = before_paying(Host::new());
    let of_step = |host: &Host| {
        let mut timers = host.state.timers.values();
        timers.find(|timer| timer.token == create.token && timer.purpose == Purpose::Timeout).cloned()
    };
    assert_eq!(of_step(&host), None, "nobody can pay: payments may not know yet who gets how much");
    // Of an earlier release: the time began with the step, and is over before there is an intent.
    let old = {
        let facts = host.law.at(host.now, 0);
        let mut run = crate::engine::Run::new(&host.process, host.state.clone(), facts);
        let step = run.step_of(create.token).unwrap();
        run.set_timeout(create.token, step);
        run.finish()
    };
    host.state = old.state;
    host.now = host.now.plus(std::time::Duration::from_secs(40 * 86_400));
    let timer = of_step(&host).unwrap().id;
    host.give(&Command::FireTimer { timer }).unwrap();
    let waiting = &host.state.tokens[&create.token].waiting;
    assert!(matches!(waiting, Waiting::Payment { intent: None, closing: false }), "{waiting:?}");
    // That release closed it then, too: what nobody could pay is open now all the same.
    host.state.tokens.get_mut(&create.token).unwrap().waiting = Waiting::Payment { intent: None, closing: true };
    let result = host.right_answer(&create, 1);
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    let timer = of_step(&host).unwrap();
    assert!(timer.due > host.now && host.state.pay_until() == Some(timer.due), "all of it is the applicant's");
    let asked = host.state.actions.values().any(|action| action.request.name() == "close-intent");
    assert!(!asked && host.state.due_payment().is_some(), "it can be paid");
}

#[test]
fn what_is_paid_before_the_case_knows_of_the_intent_is_paid() {
    let (mut host, create) = before_paying(Host::new());
    let intent = IntentId::derived(create.id);
    host.captured.insert(intent, 1_000);
    let (amount, at) = (Money::uzs(1_000), host.now);
    let paid = Command::PaymentVerdict { intent, verdict: Verdict::Captured { amount, at } };
    host.give(&paid).unwrap();
    assert_eq!(host.give(&paid).unwrap().events, [], "once, however often it is told");
    host.now = host.now.plus(std::time::Duration::from_secs(60));
    let result = host.right_answer(&create, 1);
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    assert_eq!(host.state.status(), "reviewing", "nobody is told to pay what is paid");
    assert_eq!((host.state.payments["pay"][0].captured, host.state.verdicts.len()), (amount, 0));
    let paid_at = host.history.iter().find_map(|event| match event.what {
        What::PaymentCaptured { paid_at, .. } => Some(paid_at),
        _ => None,
    });
    assert_eq!(paid_at, Some(at));
}

#[test]
fn what_lapsed_before_the_case_knows_of_the_intent_has_lapsed() {
    let (mut host, create) = before_paying(Host::new());
    let intent = IntentId::derived(create.id);
    host.give(&Command::PaymentVerdict { intent, verdict: Verdict::Expired }).unwrap();
    let result = host.right_answer(&create, 1);
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    assert!(host.state.payments["pay"][0].state == PaymentState::Expired);
    assert_eq!(host.state.tokens[&create.token].step, "lapse");
}

#[test]
fn what_was_paid_before_a_withdrawn_case_knows_of_the_intent_is_sent_back() {
    let (mut host, create) = before_paying(Host::new());
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    let intent = IntentId::derived(create.id);
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let result = host.right_answer(&create, 1);
    let decision = host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    let names: Vec<&str> = decision.actions().iter().map(|action| action.request.name()).collect();
    assert_eq!(names, ["refund"]);
}

#[test]
fn a_verdict_about_what_the_case_never_asked_for_is_nothing() {
    let mut host = paying();
    let intent = IntentId::from_bytes([7; 16]);
    let decision = host.give(&Command::PaymentVerdict { intent, verdict: Verdict::Cancelled }).unwrap();
    assert_eq!(decision.events, []);
}
