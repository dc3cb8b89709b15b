//! What is undone, by whom, and when: every step that was done, once, whatever becomes of the token that does it.

use super::*;

/// The sample service with other steps beside its own.
fn process_with(change: impl Fn(&mut api::Step), steps: &[serde_json::Value]) -> Process {
    let mut definition = crate::sample::definition();
    let known = &mut definition.spec.process.as_mut().unwrap().steps;
    known.iter_mut().for_each(change);
    known.extend(steps.iter().map(|step| serde_json::from_value(step.clone()).unwrap()));
    Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Of this process, sent: it asks a registry.
fn sent(process: Process) -> (Host, OpenAction) {
    let mut host = Host { process, ..Host::new() };
    host.give(&open(1)).unwrap();
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    let call = host.state.actions.values().next().unwrap().clone();
    (host, call)
}

fn pay(host: &mut Host) {
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
}

fn refuse(host: &mut Host) {
    let refuse = Command::DecideTask {
        task: host.state.open_tasks().next().unwrap().id,
        outcome: "refuse".into(),
        reasons: vec!["too-close".into()],
        note: String::new(),
        marked: BTreeMap::new(),
        officer: officer(),
    };
    host.give(&refuse).unwrap();
}

#[test]
fn of_two_steps_that_the_same_step_undoes_each_is_undone_when_it_is_named() {
    let again =
        json!({"name": "reserve-more", "emit": {"event": "place-reserved"}, "compensate": "release", "next": "review"});
    let change = |step: &mut api::Step| {
        if step.name == "reserve" {
            step.next = Some("reserve-more".into());
        }
    };
    let mut host = paying_of(Host { process: process_with(change, &[again]), ..Host::new() });
    pay(&mut host);
    refuse(&mut host);
    let refund = host.state.actions.values().find(|action| action.request.name() == "refund").unwrap().clone();
    host.give(&Command::CompleteAction { action_id: refund.id, result: ActionResult::Done }).unwrap();
    assert_eq!(host.state.activations["release"], 1, "the refusal undoes the one that it names");
    let left: Vec<&str> = host.state.compensable.iter().map(|done| done.step.as_str()).collect();
    assert_eq!(left, ["reserve-more"], "the other is still to be undone");
}

/// Two branches: one undoes the place that it holds, which takes until its keeper says so; the other waits for the fire brigade.
fn undoing_in_a_branch(change: impl Fn(&mut api::Step)) -> (Host, u32) {
    let steps = [
        json!({"name": "hold", "emit": {"event": "place-reserved"}, "compensate": "free", "next": "give-back"}),
        json!({"name": "give-back", "refund": ["hold"], "next": "held"}),
        json!({"name": "free", "wait": {"message": "freed"}, "next": "held"}),
        json!({"name": "held", "wait": {"message": "never"}, "next": "pay"}),
    ];
    let changed = |step: &mut api::Step| {
        match step.name.as_str() {
            "route" => step.decide.as_mut().unwrap().otherwise = Some("both".into()),
            "both" => {
                let branches = json!({"branches": [{"name": "a", "start": "hold"}, {"name": "b", "start": "fire"}], "join": "any"});
                step.parallel = Some(serde_json::from_value(branches).unwrap());
            }
            _ => {}
        }
        change(step);
    };
    let (mut host, call) = sent(process_with(changed, &steps));
    host.give(&Command::CompleteAction { action_id: call.id, result: ActionResult::NotFound }).unwrap();
    let token = host.state.tokens.values().find(|token| token.step == "free").unwrap();
    assert_eq!(token.plan, ["held"], "it is under way");
    let token = token.id;
    (host, token)
}

/// It is undone by another one, to the end, and only then the case comes there.
fn is_undone_before(host: &mut Host, dropped: u32, there: &str) {
    assert!(!host.state.tokens.contains_key(&dropped), "the branch is gone");
    let steps: Vec<&str> = host.state.tokens.values().map(|token| token.step.as_str()).collect();
    assert_eq!(steps, ["free"], "and what it had to undo is left to the one that goes on");
    assert_eq!(host.state.phase, Phase::Running);
    host.give(&Command::ReceiveMessage { name: "freed".into(), body: json!({}) }).unwrap();
    assert_eq!(host.state.activations.get(there).copied().unwrap_or(0), 1, "{there}");
    assert!(host.state.tokens.values().all(|token| token.plan.is_empty()));
}

fn report() -> Command {
    Command::ReceiveMessage { name: "fire-report".into(), body: json!({}) }
}

#[test]
fn what_a_dropped_branch_had_to_undo_is_undone_by_whoever_goes_on() {
    let (mut host, dropped) = undoing_in_a_branch(|_| {});
    host.give(&report()).unwrap();
    is_undone_before(&mut host, dropped, "pay");
}

#[test]
fn what_was_being_undone_when_the_time_of_all_branches_was_over_is_undone_by_whoever_goes_on() {
    let (mut host, dropped) = undoing_in_a_branch(|step| {
        if step.name == "both" {
            (step.timeout, step.on_timeout) = (Some("1 day".parse().unwrap()), Some("pay".into()));
        }
    });
    let timer = host.state.timers.values().find(|timer| timer.step == "both").unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    is_undone_before(&mut host, dropped, "pay");
}

#[test]
fn what_was_being_undone_when_another_branch_ends_the_case_is_undone_before_it_ends() {
    let (mut host, dropped) = undoing_in_a_branch(|step| {
        if step.name == "fire" {
            step.next = Some("lapsed".into());
        }
    });
    host.give(&report()).unwrap();
    assert!(host.state.outcome.is_none());
    is_undone_before(&mut host, dropped, "hold");
    assert_eq!((host.state.phase, host.state.outcome.as_deref()), (Phase::Ended, Some("lapsed")));
}

/// A case whose registry has just been asked to keep a place, which `release` gives back.
fn calling() -> (Host, OpenAction) {
    let process = process_with(
        |step| {
            if step.name == "benefit" {
                step.compensate = Some("release".into());
            }
        },
        &[],
    );
    sent(process)
}

fn released(host: &Host) -> u32 {
    host.state.activations.get("release").copied().unwrap_or(0)
}

fn answer(host: &mut Host, call: &OpenAction, result: ActionResult) {
    host.give(&Command::CompleteAction { action_id: call.id, result }).unwrap();
}

fn written() -> ActionResult {
    ActionResult::Answered { body: json!({"group": 3}), source: "social/disability".into() }
}

#[test]
fn a_call_that_is_under_way_when_the_application_is_taken_back_is_undone_when_it_is_answered() {
    for result in [written(), ActionResult::Refused { code: "registry.no".into() }] {
        let (mut host, call) = calling();
        host.give(&Command::Withdraw { by: applicant() }).unwrap();
        assert_eq!((host.state.phase, released(&host)), (Phase::Running, 0), "nothing is undone before it is done");
        answer(&mut host, &call, result);
        assert_eq!((host.state.phase, host.state.status(), released(&host)), (Phase::Ended, "withdrawn", 1));
        assert!(host.state.facts.as_object().unwrap().is_empty(), "nobody waits for what it says");
    }
}

#[test]
fn a_call_whose_time_is_over_is_undone_with_the_rest_and_not_before_it_is_answered() {
    let (mut host, call) = calling();
    let timer = host.state.timers.values().find(|timer| timer.token == call.token).unwrap().clone();
    host.now = timer.due;
    host.give(&Command::FireTimer { timer: timer.id }).unwrap();
    assert_eq!(host.state.tokens[&call.token].step, "pay", "the case goes on");
    host.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!((host.state.phase, released(&host)), (Phase::Running, 0));
    let result = ActionResult::Unavailable { code: "action.expired".into() };
    answer(&mut host, &call, result);
    assert_eq!((host.state.phase, released(&host)), (Phase::Ended, 1), "nobody knows, so it is undone");
}

#[test]
fn a_call_that_was_given_up_may_have_been_done_and_one_that_found_nothing_was_not() {
    for (result, times, undone) in
        [(ActionResult::Unavailable { code: "down".into() }, 3, 1), (ActionResult::NotFound, 1, 0), (written(), 1, 1)]
    {
        let (mut host, call) = calling();
        for _ in 0..times {
            answer(&mut host, &call, result.clone());
        }
        assert_eq!(host.state.tokens[&call.token].step, "pay");
        host.give(&Command::Withdraw { by: applicant() }).unwrap();
        assert_eq!((host.state.phase, released(&host)), (Phase::Ended, undone), "{result:?}");
    }
}

/// As an earlier release stored it: it did not say which steps are undone.
#[test]
fn a_compensation_of_an_earlier_release_takes_off_what_it_took_off_then() {
    let mut host = paying();
    pay(&mut host);
    let (token, stored) = (*host.state.tokens.keys().next().unwrap(), host.state.compensable.len());
    let event = json!({"event": "compensation-begun", "token": token, "plan": ["release", "tell-refused"]});
    let event = Event::new(host.now, serde_json::from_value(event).unwrap());
    let state = apply(host.state.clone(), &event);
    assert_eq!((stored, state.compensable.len(), state.tokens[&token].plan.len()), (1, 0, 2));
}
