//! What rules gave: each with what it read at that moment, and where that came from.

use super::*;
use crate::{
    fees,
    reference::Reference,
    results::{self, By, Given, Whence},
};

fn given(host: &Host) -> Vec<Given> {
    results::of_case(&host.process, host.state.case_id, &host.history, &Reference::standard())
}

/// Payments answers as it does: with the arithmetic of the revision.
fn charged(host: &mut Host, create: &OpenAction) -> fees::Charge {
    let Request::CreateIntent { fee, inputs, .. } = &create.request else { panic!("payments are asked") };
    let facts = host.law.at(host.now, 0);
    let charge = fees::charge(&host.process, fee, inputs, facts.reference, facts.calendar).unwrap();
    let result = ActionResult::Intent {
        intent: IntentId::derived(create.id),
        state: IntentState::Open,
        amount: charge.amount,
        arithmetic: json!(charge),
        refunds: Vec::new(),
    };
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    charge
}

fn used(given: &Given) -> Vec<(&str, serde_json::Value, Whence)> {
    let told = given.used.iter();
    told.map(|used| (used.path.as_str(), used.value.clone().unwrap_or_default(), used.whence.clone())).collect()
}

#[test]
fn each_result_keeps_the_facts_of_its_moment_whatever_is_corrected_later() {
    let (mut host, create) = before_paying(Host::new());
    let charge = charged(&mut host, &create);
    let intent = host.intents()[0];
    host.captured.insert(intent, charge.amount.minor);
    let verdict = Verdict::Captured { amount: charge.amount, at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let returned = host.decide_task(2);
    host.give(&returned).unwrap();
    let values = [("goods.kind", "other"), ("goods.stalls", "5")].map(|(at, text)| (at.to_owned(), text.to_owned()));
    let corrected =
        Command::SaveAnswers { page: "goods".into(), values: values.into(), disputed: BTreeSet::new(), shown: None };
    host.give(&corrected).unwrap();
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    let call = host.state.actions.values().next().unwrap().id;
    host.give(&Command::CompleteAction { action_id: call, result: ActionResult::NotFound }).unwrap();
    let create = host.state.actions.values().next().unwrap().clone();
    let result = host.right_answer(&create, 1);
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();

    let given = given(&host);
    let steps: Vec<&str> = given.iter().map(|given| given.step.as_str()).collect();
    assert_eq!(steps, ["judge", "route", "pay", "review", "judge", "route", "pay"]);
    let low = json!("low");
    assert!(matches!(&given[0].by, By::Value { at, value, .. } if at == "risk" && *value == low));
    assert_eq!(used(&given[0]), [("data.goods.kind", json!("other"), Whence::Answer)]);
    assert!(given[1].by == By::Way { case: None, fired: Vec::new(), next: "pay".into() });
    assert_eq!(used(&given[1]), [("data.risk", low, Whence::Computed)]);
    let bhm = json!(Money::uzs(41_200_000).to_string());
    let law = Whence::Law { from: "2025-08-01".into() };
    assert_eq!(used(&given[2]), [("data.goods.stalls", json!(3), Whence::Answer), ("ref.bhm", bhm, law)]);
    let By::Fee { amount, charge: Some(kept), .. } = &given[2].by else { panic!("a fee was asked for") };
    assert_eq!((*amount, &**kept), (charge.amount, &charge));
    assert!(matches!(&given[3].by, By::Decision(decision) if decision.outcome == "return"));
    let By::Fee { charge: None, .. } = &given[6].by else { panic!("arithmetic that says nothing") };
    assert!(given[6].used.is_empty());
}

#[test]
fn what_spares_somebody_says_which_registry_said_so_and_when() {
    let mut host = Host::new();
    host.give(&open(1)).unwrap();
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    let call = host.state.actions.values().next().unwrap().id;
    let result = ActionResult::Answered { body: json!({"group": 1}), source: "social/disability".into() };
    host.give(&Command::CompleteAction { action_id: call, result }).unwrap();
    let create = host.state.actions.values().next().unwrap().clone();
    let charge = charged(&mut host, &create);
    assert_eq!(charge.amount, Money::ZERO);
    let given = given(&host);
    let registry = Whence::Registry { source: "social/disability".into(), read: Some(host.now) };
    assert_eq!(used(&given[2]), [("facts.disability.group", json!(1), registry)]);
}

#[test]
fn the_case_that_held_is_told_with_what_it_read_alone() {
    let mut host = Host::new();
    host.give(&open(1)).unwrap();
    for page in ["shop", "goods", "licence"] {
        let command = host.save(page, 1);
        host.give(&command).unwrap();
    }
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    let call = host.state.actions.values().next().unwrap().id;
    host.give(&Command::CompleteAction { action_id: call, result: ActionResult::NotFound }).unwrap();
    let given = given(&host);
    assert!(given[1].by == By::Way { case: Some(0), fired: Vec::new(), next: "both".into() });
    assert_eq!(used(&given[1]), [("data.risk", json!("high"), Whence::Computed)]);
}
