//! What is answered when the case has gone on without it.

use super::*;

/// A paid case of the sample service with other steps.
fn paid(change: impl Fn(&mut api::Step)) -> Host {
    let mut definition = crate::sample::definition();
    definition.spec.process.as_mut().unwrap().steps.iter_mut().for_each(change);
    let process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut host = paying_of(Host { process, ..Host::new() });
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    host
}

fn asked(host: &Host, name: &str) -> Option<OpenAction> {
    host.state.actions.values().find(|action| action.request.name() == name).cloned()
}

fn answer(host: &mut Host, action: &OpenAction) -> Decision {
    let result = host.right_answer(action, 1);
    host.give(&Command::CompleteAction { action_id: action.id, result }).unwrap()
}

/// The permit is made without anybody's decision, and no longer than a day.
fn making() -> (Host, OpenAction) {
    let host = paid(|step| match step.name.as_str() {
        "reserve" => step.next = Some("issue".into()),
        "issue" => (step.timeout, step.on_timeout) = (Some("1 day".parse().unwrap()), Some("tell-refused".into())),
        _ => {}
    });
    let issue = asked(&host, "issue-document").unwrap();
    (host, issue)
}

#[test]
fn a_document_that_comes_after_its_time_is_given_to_nobody_and_withdrawn() {
    let (mut host, issue) = making();
    let timer = host.state.timers.values().find(|timer| timer.token == issue.token).unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    assert_eq!(host.state.tokens[&issue.token].step, "tell-refused");
    // However long signing is away.
    for _ in 0..200 {
        let away = ActionResult::Unavailable { code: "bus.away".into() };
        host.give(&Command::CompleteAction { action_id: issue.id, result: away }).unwrap();
    }
    let decision = answer(&mut host, &issue);
    assert!(host.state.documents.is_empty(), "nobody is given it");
    let recall = decision.actions().pop().unwrap();
    let document = DocumentId::derived(issue.id);
    assert!(matches!(&recall.request, Request::RecallDocument { document: withdrawn, .. } if *withdrawn == document));
    assert_eq!(answer(&mut host, &issue).events, [], "once");
    answer(&mut host, &recall);
}

#[test]
fn a_document_that_comes_after_the_end_is_withdrawn() {
    let (mut host, issue) = making();
    let timer = host.state.timers.values().find(|timer| timer.token == issue.token).unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    while let Some(told) = asked(&host, "notify") {
        answer(&mut host, &told);
    }
    assert_eq!(host.state.phase, Phase::Ended);
    let recall = answer(&mut host, &issue).actions().pop().unwrap();
    assert!(matches!(recall.request, Request::RecallDocument { .. }), "nobody holds a permit that is valid");
    answer(&mut host, &recall);
}

#[test]
fn whoever_verifies_a_document_that_came_too_late_reads_why_in_their_language() {
    let (mut host, issue) = making();
    let timer = host.state.timers.values().find(|timer| timer.token == issue.token).unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    let recall = answer(&mut host, &issue).actions().pop().unwrap();
    let Request::RecallDocument { reason, .. } = recall.request else { panic!("it is withdrawn") };
    assert!(reason.chars().count() <= 500, "signing takes no more");
    let text: api::Text = serde_json::from_str(&reason).unwrap();
    for language in ["uz", "uz-Cyrl", "kaa", "ru", "en"] {
        assert!(text.iter().any(|(tag, _)| tag == language), "{language}");
    }
}

#[test]
fn a_document_of_which_nobody_knows_whether_it_was_sealed_is_withdrawn_when_the_application_is_taken_back() {
    let (mut host, issue) = making();
    let unknown = ActionResult::Unknown { code: "action.outcome-unknown".into() };
    host.give(&Command::CompleteAction { action_id: issue.id, result: unknown }).unwrap();
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!(host.state.phase, Phase::Ended);
    let again = asked(&host, "issue-document").expect("it is asked for until it is known");
    assert_eq!((again.id, again.attempt), (issue.id, 2), "under its own id");
    answer(&mut host, &again);
    assert!(host.state.documents.is_empty() && asked(&host, "recall-document").is_some());
}
