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
