//! What came on paper: an officer types it, the applicant is whoever signed it, and nobody who typed it decides it.

use super::*;
use crate::{
    case::{Applicant, Identity, Returned, TakenIn},
    event::Declared,
    start,
};

fn colleague() -> PersonId {
    PersonId::from_bytes([4; 16])
}

fn third() -> PersonId {
    PersonId::from_bytes([5; 16])
}

/// The service with a start by an officer; `of_two`: two officers decide.
fn service(of_two: bool) -> Process {
    starting(
        json!([
            {"name": "apply", "kind": "form", "step": "apply"},
            {"name": "paper", "kind": "officer", "step": "apply", "role": "clerk", "title": {"en": "On paper"}},
        ]),
        of_two,
    )
}

fn starting(starts: serde_json::Value, of_two: bool) -> Process {
    let mut definition = crate::sample::definition();
    definition.spec.starts = serde_json::from_value(starts).unwrap();
    let steps = &mut definition.spec.process.as_mut().unwrap().steps;
    let review = steps.iter_mut().find(|step| step.name == "review").unwrap().task.as_mut().unwrap();
    review.four_eyes = of_two;
    Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn taken_in(process: &Process, start: &str) -> Command {
    let Command::OpenDraft { case_id, applicant, language, .. } = open(1) else { unreachable!("that is what it is") };
    let paper = start::on_paper(process.definition()).unwrap();
    let taken = TakenIn {
        officer: officer(),
        role: "clerk".into(),
        original: "IN-7/2026".into(),
        reason: String::new(),
        unidentified: false,
        mark: None,
        received: None,
        before: BTreeSet::new(),
        contact: String::new(),
        identity: None,
        notify: None,
    };
    let mut beginning = start::taken_in(paper, taken);
    beginning.start = start.to_owned();
    Command::OpenDraft { case_id, applicant, language, channel: "paper".into(), beginning: Some(Box::new(beginning)) }
}

fn submit(by: PersonId) -> Command {
    let (number, shown_hash) = ("N-1".to_owned(), Hash::of(b"x"));
    Command::Submit { number, shown_hash, by, language: Language::Ru, mandate: None, signed_in: None }
}

/// What an officer typed and sent.
fn sent(of_two: bool) -> Host {
    let mut host = Host::new();
    host.process = service(of_two);
    let command = taken_in(&host.process, "paper");
    host.give(&command).unwrap();
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    host.give(&submit(officer())).unwrap();
    host
}

/// The same, looked into and paid for: its task is open.
fn reviewing(of_two: bool) -> (Host, TaskId) {
    let mut host = sent(of_two);
    let call = host.state.actions.values().next().unwrap().id;
    host.give(&Command::CompleteAction { action_id: call, result: ActionResult::NotFound }).unwrap();
    let create = host.state.actions.values().next().unwrap().clone();
    let result = host.right_answer(&create, 1);
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    (host, task)
}

fn approve(task: TaskId, officer: PersonId) -> Command {
    let (reasons, note, marked) = (Vec::new(), String::new(), BTreeMap::new());
    Command::DecideTask { task, outcome: "approve".into(), reasons, note, marked, officer }
}

fn refused(host: &Host, command: &Command) -> &'static str {
    decide(&host.process, &host.state, command, &host.law.at(host.now, 0)).unwrap_err().code
}

#[test]
fn an_officer_sends_for_the_applicant_and_the_case_says_who_did_what() {
    let host = sent(false);
    let state = &host.state;
    assert_eq!((state.channel.as_str(), state.start.as_str()), ("paper", "paper"));
    assert_eq!(state.taken_in.as_ref().map(|taken| taken.original.as_str()), Some("IN-7/2026"));
    assert_eq!((state.submitted_by, state.sent_by()), (Some(officer()), Some("officer")));
    assert_eq!(state.applicant.as_ref().map(|applicant| applicant.person), Some(applicant()));
    let entry = state.timeline.iter().find(|entry| entry.code == "submitted").unwrap();
    assert_eq!(entry.actor, "officer");
    let declared = host.history.iter().find_map(|event| match &event.what {
        What::Submitted { declared, .. } => declared.clone(),
        _ => None,
    });
    let Some(Declared { text, form, .. }) = declared else { panic!("it says what was declared") };
    assert_eq!((text, form.as_str()), (None, "application"), "the words on the screen bound nobody");
}

#[test]
fn nobody_but_that_officer_sends_it_for_the_applicant() {
    let mut host = Host::new();
    host.process = service(false);
    let command = taken_in(&host.process, "paper");
    host.give(&command).unwrap();
    assert_eq!(refused(&host, &submit(colleague())), "mandate.unproved");
}

#[test]
fn only_a_start_by_an_officer_begins_so_and_it_begins_in_no_other_way() {
    let mut host = Host::new();
    host.process = service(false);
    let by_form = taken_in(&host.process, "apply");
    assert_eq!(refused(&host, &by_form), "start.late");
    assert_eq!(refused(&host, &taken_in(&host.process, "fax")), "start.late");
    let mut alone = taken_in(&host.process, "paper");
    let Command::OpenDraft { beginning: Some(beginning), .. } = &mut alone else { panic!("it has a beginning") };
    beginning.taken_in = None;
    assert_eq!(refused(&host, &alone), "start.late", "nobody took it in");
}

#[test]
fn whoever_typed_it_neither_takes_nor_decides_it_however_many_officers_do() {
    for of_two in [false, true] {
        let (host, task) = reviewing(of_two);
        let until = host.now.plus(std::time::Duration::from_secs(3600));
        for command in [
            approve(task, officer()),
            Command::ClaimTask { task, officer: officer(), until },
            Command::AssignTask { task, officer: officer(), by: third(), until },
        ] {
            assert_eq!(refused(&host, &command), "task.taken-in", "{command:?}");
        }
    }
    let (mut host, task) = reviewing(false);
    host.give(&approve(task, colleague())).unwrap();
    assert!(host.state.open_tasks().next().is_none(), "another has decided it");
    let (mut host, task) = reviewing(true);
    host.give(&approve(task, colleague())).unwrap();
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: officer() }), "task.taken-in");
    host.give(&Command::ConfirmTask { task, officer: third() }).unwrap();
    assert!(host.state.open_tasks().next().is_none(), "two others have decided it");
}

#[test]
fn a_proposal_of_whoever_types_by_now_is_agreed_to_by_nobody_and_goes_back_to_the_others() {
    let (mut host, task) = reviewing(true);
    host.give(&approve(task, colleague())).unwrap();
    // Somebody left lying what another branch of the case sent back.
    host.state.taken_in.as_mut().unwrap().before.insert(colleague());
    assert_eq!(refused(&host, &Command::ConfirmTask { task, officer: third() }), "task.proposer-takes-part");
    let until = host.now.plus(std::time::Duration::from_secs(3600));
    let back = Command::SendBackTask { task, officer: third(), note: "They typed it".into(), until };
    host.give(&back).unwrap();
    assert!(host.state.tasks[&task].held(host.now).is_none(), "nobody is kept from it");
}

#[test]
fn nobody_is_asked_who_would_never_hear_of_it() {
    let (mut host, task) = super::questions::taken(Some("refuse"));
    let ask = super::questions::ask(task);
    let taken = TakenIn {
        officer: colleague(),
        role: "clerk".into(),
        original: String::new(),
        reason: "A court ordered it".into(),
        unidentified: false,
        mark: None,
        received: None,
        before: BTreeSet::new(),
        contact: String::new(),
        identity: None,
        notify: None,
    };
    host.state.taken_in = Some(taken.clone());
    assert!(decide(&host.process, &host.state, &ask, &host.law.at(host.now, 0)).is_ok());
    host.state.taken_in = Some(TakenIn { unidentified: true, ..taken });
    assert_eq!(refused(&host, &ask), "question.nobody", "their silence would refuse it");
}

#[test]
fn what_was_begun_is_sent_also_where_its_start_was_renamed_or_taken_out() {
    let renamed = json!([
        {"name": "apply", "kind": "form", "step": "apply"},
        {"name": "by-post", "kind": "officer", "step": "apply", "role": "clerk", "title": {"en": "By post"}},
    ]);
    for starts in [renamed, json!([])] {
        let mut host = Host::new();
        host.process = service(false);
        let command = taken_in(&host.process, "paper");
        host.give(&command).unwrap();
        host.process = starting(starts, false);
        for page in ["shop", "goods"] {
            let command = host.save(page, 2);
            host.give(&command).unwrap();
        }
        host.give(&submit(officer())).unwrap();
        assert_eq!((host.state.phase, host.state.sent_by()), (Phase::Running, Some("officer")));
    }
}

#[test]
fn paper_counts_from_the_day_on_which_it_was_handed_in_and_not_from_when_it_is_typed() {
    let mut definition = service(false).definition().clone();
    let last_day = json!({"closes": "2026-11-23"});
    definition.spec.access.intake = Some(serde_json::from_value(last_day).unwrap());
    let mut host = Host::new();
    host.process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let today = taken_in(&host.process, "paper");
    assert_eq!(refused(&host, &today), "intake.closed", "handed in today, a day late");
    let monday: Time = "2026-11-23T04:00:00Z".parse().unwrap();
    let mut in_time = today;
    let Command::OpenDraft { beginning: Some(beginning), .. } = &mut in_time else { panic!("it has a beginning") };
    beginning.taken_in.as_mut().unwrap().received = Some(monday);
    host.give(&in_time).unwrap();
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    host.give(&submit(officer())).unwrap();
    let law = host.law.at(host.now, 0);
    let days = "3 working days".parse().unwrap();
    assert_eq!(host.state.promised, Some(law.calendar.deadline(monday, days)));
    assert_ne!(host.state.promised, Some(law.calendar.deadline(host.now, days)));
}

#[test]
fn what_one_officer_left_lying_another_types_and_neither_of_them_is_a_party_or_decides_it() {
    let mut host = Host::new();
    host.process = service(true);
    let command = taken_in(&host.process, "paper");
    host.give(&command).unwrap();
    let over = Command::TakeOver { officer: colleague(), role: "clerk".into() };
    host.give(&over).unwrap();
    assert!(host.give(&over).unwrap().events.is_empty(), "they have it");
    assert_eq!(refused(&host, &submit(officer())), "mandate.unproved", "whoever had it before sends nothing any more");
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    host.give(&submit(colleague())).unwrap();
    let state = &host.state;
    assert!(!state.takes_part(officer()) && !state.takes_part(colleague()));
    assert!(state.is_kept_from(officer()) && state.is_kept_from(colleague()) && !state.is_kept_from(third()));
    assert!(state.typists().eq([officer(), colleague()]));
    assert_eq!(refused(&host, &Command::TakeOver { officer: third(), role: "clerk".into() }), "paper.not-left");
}

#[test]
fn whoever_goes_on_with_what_was_sent_back_gives_back_the_task_that_they_have_of_it() {
    let (mut host, task) = reviewing(false);
    let until = host.now.plus(std::time::Duration::from_secs(3600));
    host.give(&Command::ClaimTask { task, officer: colleague(), until }).unwrap();
    let timers = host.state.timers.len();
    // Another branch of the case sent it back.
    host.state.returned = Some(Returned {
        marked: BTreeMap::new(),
        reasons: Vec::new(),
        note: "Which year?".into(),
        at: host.now,
        corrected_pages: BTreeSet::new(),
        before: BTreeMap::new(),
    });
    host.give(&Command::TakeOver { officer: colleague(), role: "clerk".into() }).unwrap();
    assert!(host.state.tasks[&task].claim.is_none(), "they may not decide it any more");
    assert_eq!(host.state.timers.len(), timers - 1, "and nothing waits for the end of their claim");
    host.state.returned = None;
    host.give(&approve(task, third())).unwrap();
}

#[test]
fn an_application_on_paper_waits_until_it_is_typed_and_is_never_lost_by_the_passing_of_time() {
    let mut host = Host::new();
    host.process = service(false);
    let command = taken_in(&host.process, "paper");
    let decision = host.give(&command).unwrap();
    assert!(host.state.timers.is_empty() && decision.actions().is_empty(), "nothing ends it, and nobody is written to");
    host.give(&Command::DiscardDraft).unwrap();
    assert_eq!(host.state.phase, Phase::Discarded, "an officer can throw it away");
}

/// Whom identity knows by the number that an officer typed.
fn identified(person: PersonId, by: PersonId) -> Command {
    let Command::OpenDraft { applicant, .. } = open(1) else { unreachable!("that is what it is") };
    Command::Identify { applicant: Box::new(Applicant { person, actor: person, ..applicant }), mark: None, officer: by }
}

/// What was typed for somebody of whom nobody knows yet who they are, by a service that tells them later.
fn unknown() -> Host {
    let mut definition = service(false).definition().clone();
    let paper = definition.spec.starts.iter_mut().find(|start| start.name == "paper").unwrap();
    paper.notify = Some(definition.spec.notifications[0].name.clone());
    let mut host = Host::new();
    host.process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut command = taken_in(&host.process, "paper");
    let Command::OpenDraft { applicant, beginning: Some(beginning), .. } = &mut command else { panic!("so it begins") };
    (applicant.person, applicant.actor) = (PersonId::from_bytes([77; 16]), PersonId::from_bytes([77; 16]));
    let taken = beginning.taken_in.as_mut().unwrap();
    (taken.unidentified, taken.identity) = (true, Some(Identity::NotYet));
    host.give(&command).unwrap();
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    host
}

#[test]
fn paper_of_nobody_known_is_sent_only_when_two_officers_have_said_the_same_of_whose_it_is() {
    let mut host = unknown();
    assert_eq!(refused(&host, &submit(officer())), "paper.not-identified");
    assert_eq!(refused(&host, &identified(officer(), officer())), "paper.own");
    host.give(&identified(third(), officer())).unwrap();
    assert_eq!(refused(&host, &identified(third(), officer())), "paper.second", "one alone says it twice");
    assert_eq!(refused(&host, &submit(officer())), "paper.not-identified");
    host.give(&identified(applicant(), colleague())).unwrap();
    assert!(host.state.awaits_identity(), "they do not say the same");
    assert_eq!(refused(&host, &identified(applicant(), colleague())), "paper.second");
    host.give(&identified(applicant(), officer())).unwrap();
    let state = &host.state;
    assert!(state.is_identified() && !state.awaits_identity());
    assert_eq!(state.applicant.as_ref().map(|applicant| applicant.person), Some(applicant()));
    assert_eq!(refused(&host, &identified(applicant(), third())), "paper.known");
    host.give(&submit(officer())).unwrap();
    let told = host.state.actions.values().filter(|action| matches!(action.request, Request::Notify { .. }));
    assert_eq!(told.count(), 1, "they learn that it is theirs");
    assert_eq!(host.state.sent_by(), Some("officer"));
}

#[test]
fn whoever_was_to_be_told_is_told_also_where_the_service_tells_nobody_any_more() {
    for now in [service(false), starting(json!([]), false)] {
        let mut host = unknown();
        for by in [officer(), colleague()] {
            host.give(&identified(applicant(), by)).unwrap();
        }
        host.process = now;
        for page in ["shop", "goods"] {
            let command = host.save(page, 2);
            host.give(&command).unwrap();
        }
        host.give(&submit(officer())).unwrap();
        let told = host.state.actions.values().filter(|action| matches!(action.request, Request::Notify { .. }));
        assert_eq!(told.count(), 1);
    }
}

#[test]
fn whoever_is_known_from_the_beginning_is_identified_by_nobody() {
    let mut host = Host::new();
    host.process = service(false);
    let command = taken_in(&host.process, "paper");
    host.give(&command).unwrap();
    assert_eq!(refused(&host, &identified(third(), colleague())), "paper.known");
}
