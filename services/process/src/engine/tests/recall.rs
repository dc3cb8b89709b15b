//! Documents that are withdrawn or replaced after they were issued: by whom, once, and whatever becomes of what was asked for.

use super::*;
use crate::{case::RecallState, sample::definition};

/// A granted case, by a definition that says how its permit is withdrawn.
fn granted(four_eyes: bool) -> (Host, DocumentId) {
    let reason = |code: &str| json!({"code": code, "text": {"en": "Issued in error"}});
    granted_by(json!({"role": "clerk", "reasons": [reason("error"), reason("lost")], "fourEyes": four_eyes}))
}

fn granted_by(recall: serde_json::Value) -> (Host, DocumentId) {
    let mut changed = definition();
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
    let corrections = BTreeMap::new();
    Command::RecallDocument { document, reason: reason.into(), note: String::new(), replace, corrections, officer }
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
fn a_withdrawal_overtakes_a_replacement_and_the_new_document_is_given_to_nobody() {
    for sealed in [true, false] {
        let (mut host, permit) = granted(false);
        host.give(&recall(permit, "lost", true, officer())).unwrap();
        let issue = host.state.actions.values().next().unwrap().clone();
        assert_eq!(refused(&host, &recall(permit, "lost", true, officer())), "document.withdrawn", "not twice");
        host.give(&recall(permit, "error", false, officer())).unwrap();
        assert_eq!(state(&host, permit), Some(RecallState::Revoked), "however long signing is away");
        let result = match sealed {
            true => host.right_answer(&issue, 1),
            false => ActionResult::Refused { code: "document.template".into() },
        };
        let came = host.give(&Command::CompleteAction { action_id: issue.id, result }).unwrap();
        assert_eq!((state(&host, permit), host.state.documents.len()), (Some(RecallState::Revoked), 1));
        let withdrawn = came.actions().pop().map(|action| action.request);
        let new = DocumentId::derived(issue.id);
        let expected = Request::RecallDocument { document: new, reason: "error".into(), replaced_by: None };
        assert!(withdrawn == sealed.then_some(expected));
        settle(&mut host);
    }
}

#[test]
fn a_proposal_to_withdraw_what_is_being_replaced_waits_for_a_second_officer_and_stops_nothing() {
    for sealed in [true, false] {
        let (mut host, permit) = granted(true);
        host.give(&recall(permit, "lost", true, officer())).unwrap();
        host.give(&recall(permit, "lost", true, colleague())).unwrap();
        let issue = host.state.actions.values().next().unwrap().clone();
        host.give(&recall(permit, "error", false, officer())).unwrap();
        assert_eq!(state(&host, permit), Some(RecallState::Proposed));
        let result = match sealed {
            true => host.right_answer(&issue, 1),
            false => ActionResult::Refused { code: "document.template".into() },
        };
        host.give(&Command::CompleteAction { action_id: issue.id, result }).unwrap();
        if sealed {
            let known = host.state.documents[0].recall.clone().unwrap();
            assert_eq!((known.state, known.reason.as_str()), (RecallState::Superseded, "lost"));
        } else {
            host.give(&recall(permit, "error", false, colleague())).unwrap();
            assert_eq!(state(&host, permit), Some(RecallState::Revoked));
        }
        settle(&mut host);
    }
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

/// A granted case in whose permit slips may be corrected, and of which the applicant is told.
fn correctable() -> (Host, DocumentId) {
    let reason = json!({"code": "slip", "text": {"en": "A slip"}, "article": "Law 12, article 3"});
    let unlawful = json!({"code": "lost", "text": {"en": "Lost"}});
    let fields = ["data.shop.soato", "data.shop.opened", "data.goods.stalls", "facts.disability.group"];
    let corrects = fields.map(|at| json!({"at": at, "label": {"en": at}}));
    granted_by(json!({"role": "clerk", "reasons": [reason, unlawful], "corrects": corrects, "notify": "issued"}))
}

fn correct(document: DocumentId, (at, typed): (&str, &str), officer: PersonId) -> Command {
    let corrections = BTreeMap::from([(at.to_owned(), typed.to_owned())]);
    Command::RecallDocument {
        document,
        reason: "slip".into(),
        note: String::new(),
        replace: true,
        corrections,
        officer,
    }
}

/// What the case asks signing to print.
fn printed(host: &Host) -> serde_json::Value {
    let mut issues = host.state.actions.values().filter_map(|action| match &action.request {
        Request::IssueDocument { input, .. } => Some(input.clone()),
        _ => None,
    });
    issues.next().expect("a document is asked for")
}

#[test]
fn a_slip_is_corrected_by_two_officers_in_a_new_document_and_what_was_decided_stays() {
    let (mut host, permit) = correctable();
    let told = |action: &&OpenAction| matches!(action.request, Request::Notify { .. });
    let letters = |host: &Host| host.requested.values().filter(told).count();
    let (before, told_before) = (host.state.clone(), letters(&host));
    let slip = ("data.shop.soato", "1735401");
    host.give(&correct(permit, slip, officer())).unwrap();
    assert_eq!((state(&host, permit), host.state.actions.len()), (Some(RecallState::Proposed), 0), "always by two");
    assert_eq!(refused(&host, &correct(permit, slip, officer())), "document.recall-second");
    host.give(&correct(permit, ("data.shop.soato", "1726999"), colleague())).unwrap();
    assert_eq!(state(&host, permit), Some(RecallState::Proposed), "another value is another proposal");
    host.give(&correct(permit, slip, officer())).unwrap();
    host.give(&correct(permit, slip, colleague())).unwrap();
    assert_eq!(state(&host, permit), Some(RecallState::Replacing));
    assert_eq!(printed(&host)["data"]["shop"]["soato"], "1735401");
    assert!(host.state.corrected.is_empty(), "not before the new one is there");
    settle(&mut host);
    let old = host.state.documents[0].recall.clone().unwrap();
    assert_eq!((old.state, old.replaced_by), (RecallState::Superseded, Some(host.state.documents[1].document)));
    assert_eq!(old.corrections[0].old, before.data["shop"]["soato"], "the case keeps what stood there");
    assert_eq!((old.officer, old.second), (officer(), Some(colleague())));
    assert_eq!(host.state.timeline.last().unwrap().code, "document-corrected");
    assert_eq!(letters(&host), told_before + 1, "and the applicant is told");
    let stays = |now: &CaseState| {
        now.data == before.data
            && now.facts == before.facts
            && now.decisions == before.decisions
            && (&now.outcome, &now.delivers) == (&before.outcome, &before.delivers)
    };
    assert!(stays(&host.state), "answers, facts and decision");

    let second = host.state.documents[1].document;
    host.give(&recall(second, "lost", true, officer())).unwrap();
    assert_eq!(printed(&host)["data"]["shop"]["soato"], "1735401", "whatever is issued later says it, too");
    settle(&mut host);
    assert!(letters(&host) == told_before + 2 && stays(&host.state));
    assert_eq!(host.state.timeline.last().unwrap().code, "document-replaced", "nothing was corrected this time");
}

#[test]
fn only_what_the_definition_names_is_corrected_with_what_can_stand_there_after_the_end_under_an_article() {
    let (host, permit) = correctable();
    let refused_of = |slip: (&str, &str)| refused(&host, &correct(permit, slip, officer()));
    assert_eq!(refused_of(("data.goods.kind", "alcohol")), "document.correct-field");
    assert_eq!(refused_of(("decision.note", "granted")), "document.correct-field");
    for (at, typed) in [
        ("data.shop.soato", "Chilonzor"),
        ("data.shop.soato", "  "),
        ("data.shop.opened", "yesterday"),
        ("data.goods.stalls", "51"),
        ("data.goods.stalls", "two"),
    ] {
        assert_eq!(refused_of((at, typed)), "document.correct-value", "{at}: {typed}");
    }
    let mut listed = correctable().0;
    listed.state.facts["disability"] = json!([{"group": "1"}]);
    let slip = correct(permit, ("facts.disability.group", "2"), officer());
    assert_eq!(refused(&listed, &slip), "document.correct-value", "a list is no single value");
    let soato = host.state.data["shop"]["soato"].as_str().unwrap().to_owned();
    assert_eq!(refused_of(("data.shop.soato", soato.as_str())), "document.correct-nothing");
    let Command::RecallDocument { corrections, .. } = correct(permit, ("data.shop.soato", "1735401"), officer()) else {
        unreachable!("written as one")
    };
    let other = |reason: &str, replace| Command::RecallDocument {
        document: permit,
        reason: reason.into(),
        note: String::new(),
        replace,
        corrections: corrections.clone(),
        officer: officer(),
    };
    assert_eq!(refused(&host, &other("lost", true)), "document.correct-article");
    assert_eq!(refused(&host, &other("slip", false)), "document.correct-alone");
    let mut running = correctable().0;
    running.state.phase = Phase::Running;
    assert_eq!(refused(&running, &other("slip", true)), "document.correct-open");
}

#[test]
fn where_no_corrected_document_can_be_made_the_old_one_counts_and_nothing_is_corrected() {
    let (mut host, permit) = correctable();
    let slip = ("facts.disability.group", "2");
    host.give(&correct(permit, slip, officer())).unwrap();
    host.give(&correct(permit, slip, colleague())).unwrap();
    assert_eq!(printed(&host)["facts"]["disability"]["group"], "2");
    let issue = host.state.actions.values().next().unwrap().id;
    let fails = ActionResult::Refused { code: "document.template".into() };
    host.give(&Command::CompleteAction { action_id: issue, result: fails }).unwrap();
    assert_eq!((state(&host, permit), host.state.documents.len()), (None, 1));
    assert!(host.state.corrected.is_empty() && host.state.actions.is_empty());
}

#[test]
fn one_of_many_documents_is_issued_again_once_by_the_template_of_another_revision_and_never_for_who_ordered_it() {
    let (mut host, permit) = granted(false);
    let template = Hash::of(b"a later revision");
    let reissue = |officer: PersonId, second: PersonId, reason: &str| Command::ReissueDocument {
        document: permit,
        reason: reason.into(),
        officer,
        second,
        template,
    };
    assert_eq!(refused(&host, &reissue(officer(), colleague(), "whim")), "document.recall-reason");
    for (one, other) in [(applicant(), colleague()), (colleague(), applicant())] {
        assert_eq!(refused(&host, &reissue(one, other, "error")), "task.own-case");
    }
    host.give(&reissue(officer(), colleague(), "error")).unwrap();
    let issue = host.state.actions.values().next().unwrap().clone();
    let by_template = matches!(&issue.request, Request::IssueDocument { template: Some(by), .. } if *by == template);
    assert!(by_template, "and not by the case's own");
    assert_eq!(refused(&host, &reissue(officer(), colleague(), "error")), "document.withdrawn", "at most once");
    settle(&mut host);
    let kept = host.state.documents[0].recall.clone().unwrap();
    assert_eq!((kept.state, kept.officer, kept.second), (RecallState::Superseded, officer(), Some(colleague())));
    assert_eq!(refused(&host, &reissue(officer(), colleague(), "error")), "document.withdrawn");
}
