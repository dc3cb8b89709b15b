//! A step that failed for good is tried again when two officers say so; whatever it does, it does itself.

use super::*;

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
