//! Documents that are withdrawn or replaced after they were issued: by whom, once, and whatever becomes of what was asked for.

use super::*;
use crate::{case::RecallState, sample::definition};

/// A granted case, by a definition that says how its permit is withdrawn.
fn granted(four_eyes: bool) -> (Host, DocumentId) {
    let mut changed = definition();
    let reason = |code: &str| json!({"code": code, "text": {"en": "Issued in error"}});
    let recall = json!({"role": "clerk", "reasons": [reason("error"), reason("lost")], "fourEyes": four_eyes});
    changed.spec.documents[0].recall = Some(serde_json::from_value(recall).unwrap());
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
    settle(&mut host);
    let issued = host.state.documents[0].document;
    // From here on the case is judged by a definition that says so; nothing else of it is another one.
    host.process = Process::compile(&changed).unwrap_or_else(|problems| panic!("{problems:?}"));
    host.state.revision = host.process.revision();
    (host, issued)
}

/// Answers everything that the case asks for, as it should be.
fn settle(host: &mut Host) {
    for _ in 0..20 {
        let Some(action) = host.state.actions.values().next().cloned() else { return };
        let result = host.right_answer(&action, 1);
        host.give(&Command::CompleteAction { action_id: action.id, result }).unwrap();
    }
    panic!("it never comes to rest");
}

fn colleague() -> PersonId {
    PersonId::from_bytes([4; 16])
}

fn recall(document: DocumentId, reason: &str, replace: bool, officer: PersonId) -> Command {
    Command::RecallDocument { document, reason: reason.into(), note: String::new(), replace, officer }
}

fn refused(host: &Host, command: &Command) -> &'static str {
    decide(&host.process, &host.state, command, &host.law.at(host.now, 0)).unwrap_err().code
}

fn state(host: &Host, document: DocumentId) -> Option<RecallState> {
    let known = host.state.documents.iter().find(|known| known.document == document).unwrap();
    known.recall.as_ref().map(|recall| recall.state)
}

#[test]
fn a_document_is_withdrawn_once_for_a_declared_reason_and_by_nobody_with_a_part_in_the_case() {
    let (mut host, permit) = granted(false);
    assert_eq!(refused(&host, &recall(permit, "whim", false, officer())), "document.recall-reason");
    assert_eq!(refused(&host, &recall(permit, "error", false, applicant())), "task.own-case");
    let unknown = recall(DocumentId::from_bytes([9; 16]), "error", false, officer());
    assert_eq!(refused(&host, &unknown), "document.unknown");
    let withdrawn = host.give(&recall(permit, "error", false, officer())).unwrap();
    let asked = withdrawn.actions().pop().unwrap();
    let expected = Request::RecallDocument { document: permit, reason: "error".into(), replaced_by: None };
    assert!(asked.request == expected, "signing tells everybody");
    assert_eq!(state(&host, permit), Some(RecallState::Revoked));
    assert_eq!(host.state.timeline.last().unwrap().code, "document-recalled", "and the applicant");
    assert_eq!(refused(&host, &recall(permit, "error", true, officer())), "document.withdrawn");
    settle(&mut host);
    assert!(host.state.actions.is_empty() && host.state.phase == Phase::Ended);
}

#[test]
fn a_withdrawal_is_asked_for_until_signing_has_it() {
    let (mut host, permit) = granted(false);
    host.give(&recall(permit, "error", false, officer())).unwrap();
    let action = *host.state.actions.keys().next().unwrap();
    for _ in 0..200 {
        let away = ActionResult::Unavailable { code: "bus.away".into() };
        host.give(&Command::CompleteAction { action_id: action, result: away }).unwrap();
    }
    assert!(host.state.actions.contains_key(&action));
    settle(&mut host);
}

#[test]
fn what_signing_refuses_to_withdraw_counts_in_the_case_as_it_does_for_whoever_verifies_it() {
    let (mut host, permit) = granted(false);
    host.give(&recall(permit, "error", false, officer())).unwrap();
    let asked = host.state.actions.values().next().unwrap().id;
    let result = ActionResult::Refused { code: "document.unknown".into() };
    host.give(&Command::CompleteAction { action_id: asked, result }).unwrap();
    assert_eq!(state(&host, permit), None, "an officer can withdraw it again");
    assert_eq!(host.state.timeline.last().unwrap().code, "document-kept");
    assert!(host.state.actions.is_empty());
}

#[test]
fn a_document_is_valid_until_the_new_one_is_there_and_stays_so_when_there_is_none() {
    let (mut host, permit) = granted(false);
    host.give(&recall(permit, "lost", true, officer())).unwrap();
    let issue = host.state.actions.values().next().unwrap().clone();
    assert_eq!(state(&host, permit), Some(RecallState::Replacing));
    let fails = ActionResult::Refused { code: "document.template".into() };
    host.give(&Command::CompleteAction { action_id: issue.id, result: fails }).unwrap();
    assert_eq!((state(&host, permit), host.state.documents.len()), (None, 1), "it counts as before");
    host.give(&recall(permit, "lost", true, officer())).unwrap();
    let again = host.state.actions.values().next().unwrap().clone();
    assert_ne!(issue.id, again.id, "another action");
    let result = host.right_answer(&again, 1);
    host.give(&Command::CompleteAction { action_id: again.id, result }).unwrap();
    let new = host.state.documents[1].document;
    assert_eq!((state(&host, permit), state(&host, new)), (Some(RecallState::Superseded), None));
    let asked = host.state.actions.values().next().unwrap();
    let expected = Request::RecallDocument { document: permit, reason: "lost".into(), replaced_by: Some(new) };
    assert!(asked.request == expected);
    settle(&mut host);
    assert!(host.state.actions.is_empty());
}

#[test]
fn where_two_officers_withdraw_the_second_is_another_one_and_wants_the_same() {
    let (mut host, permit) = granted(true);
    host.give(&recall(permit, "error", false, officer())).unwrap();
    assert_eq!((state(&host, permit), host.state.actions.len()), (Some(RecallState::Proposed), 0));
    assert_eq!(refused(&host, &recall(permit, "error", false, officer())), "document.recall-second");
    host.give(&recall(permit, "lost", false, colleague())).unwrap();
    assert_eq!(state(&host, permit), Some(RecallState::Proposed), "a proposal of their own");
    host.give(&recall(permit, "lost", false, officer())).unwrap();
    let kept = host.state.documents[0].recall.clone().unwrap();
    assert_eq!((kept.state, kept.officer, kept.second), (RecallState::Revoked, colleague(), Some(officer())));
    settle(&mut host);
}

#[test]
fn what_the_definition_does_not_say_is_not_done() {
    let mut host = granted(false).0;
    let permit = host.state.documents[0].document;
    host.process = process();
    host.state.revision = host.process.revision();
    assert_eq!(refused(&host, &recall(permit, "error", false, officer())), "document.no-recall");
}
