//! Claims: one officer has a task, nobody else decides it, and it always comes back.

use std::time::Duration;

use super::*;
use crate::timer::Purpose;

const HOURS: Duration = Duration::from_secs(4 * 3600);

fn colleague() -> PersonId {
    PersonId::from_bytes([4; 16])
}

/// A paid case and its open task.
fn reviewing() -> (Host, TaskId) {
    let mut host = paying();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = host.state.open_tasks().next().unwrap().id;
    (host, task)
}

fn claim(host: &Host, task: TaskId, officer: PersonId) -> Command {
    Command::ClaimTask { task, officer, until: host.now.plus(HOURS) }
}

fn approve(task: TaskId, officer: PersonId) -> Command {
    Command::DecideTask {
        task,
        outcome: "approve".into(),
        reasons: Vec::new(),
        note: String::new(),
        marked: BTreeMap::new(),
        officer,
    }
}

fn refused(host: &Host, command: &Command) -> &'static str {
    decide(&host.process, &host.state, command, &host.law.at(host.now, 0)).unwrap_err().code
}

fn ends(host: &Host) -> Vec<Hash> {
    let claims = host.state.timers.values().filter(|timer| timer.purpose == Purpose::Claim);
    claims.map(|timer| timer.id).collect()
}

#[test]
fn whoever_has_a_task_decides_it_and_nobody_else() {
    let (mut host, task) = reviewing();
    let taken = claim(&host, task, officer());
    host.give(&taken).unwrap();
    host.now = host.now.plus(HOURS / 2);
    let again = claim(&host, task, officer());
    assert!(host.give(&again).unwrap().events.is_empty(), "they have it already");
    assert_eq!(refused(&host, &claim(&host, task, colleague())), "task.claimed");
    assert_eq!(refused(&host, &approve(task, colleague())), "task.claimed");
    let foreign = Command::ReleaseTask { task, officer: colleague(), by: Some(colleague()) };
    assert_eq!(refused(&host, &foreign), "task.claimed", "what one does not have, one does not give back");
    host.give(&approve(task, officer())).unwrap();
    assert!(ends(&host).is_empty() && host.state.tasks[&task].claim.is_none(), "nothing of the claim is left");
    assert_eq!(refused(&host, &claim(&host, task, officer())), "task.closed");
}

#[test]
fn a_claim_that_lapsed_or_was_given_back_leaves_the_task_to_everybody() {
    let (mut host, task) = reviewing();
    let taken = claim(&host, task, officer());
    host.give(&taken).unwrap();
    let end = ends(&host)[0];
    assert!(host.give(&Command::FireTimer { timer: end }).unwrap().events.is_empty(), "too early");
    host.now = host.now.plus(HOURS);
    let law = host.law.at(host.now, 0);
    assert!(
        decide(&host.process, &host.state, &approve(task, colleague()), &law).is_ok(),
        "also before its timer fires"
    );
    host.give(&Command::FireTimer { timer: end }).unwrap();
    assert!(host.state.tasks[&task].claim.is_none());
    let taken = claim(&host, task, colleague());
    host.give(&taken).unwrap();
    host.give(&Command::ReleaseTask { task, officer: colleague(), by: Some(colleague()) }).unwrap();
    assert!(ends(&host).is_empty(), "nothing waits for the end of a claim that is none");
    host.give(&approve(task, officer())).unwrap();
}

#[test]
fn whoever_leads_gives_a_task_to_another_and_the_applicant_sees_it_but_never_to_the_applicant() {
    let (mut host, task) = reviewing();
    let lead = PersonId::from_bytes([5; 16]);
    let taken = claim(&host, task, officer());
    host.give(&taken).unwrap();
    let to = |officer| Command::AssignTask { task, officer, by: lead, until: tuesday().plus(HOURS) };
    assert_eq!(refused(&host, &to(applicant())), "task.own-case");
    host.give(&to(colleague())).unwrap();
    assert!(host.give(&to(colleague())).unwrap().events.is_empty(), "they have it already");
    assert_eq!(ends(&host).len(), 1, "the end of the claim before is forgotten");
    assert_eq!(host.state.timeline.iter().filter(|entry| entry.code == "assigned").count(), 1);
    assert_eq!(refused(&host, &approve(task, officer())), "task.claimed");
    assert_eq!(refused(&host, &claim(&host, task, applicant())), "task.own-case");
    host.give(&approve(task, colleague())).unwrap();
}
