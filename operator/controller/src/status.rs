//! What a resource says about itself: conditions as kstatus reads them, written only when they change.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use serde::{Deserialize, Serialize};

use crate::{
    outcome::{Done, Fact, Hosting, Outcome, State},
    rollout::{Progress, RevisionTold, RolloutTold},
    service,
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    pub conditions: Vec<Condition>,
    /// Hash of what was admitted last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What new applications follow; another than the admitted one while that is for a later day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_revision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Cases that have not ended; none while nobody could be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_cases: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<RevisionTold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutTold>,
    /// Copies of what runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,
    /// Labels of their pods, for autoscalers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// What officers approved of a grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
}

/// What officers approved, and what the exchange enforces of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Approval {
    /// Name of the grant; of a request: of the one that answers it.
    pub grant: String,
    /// What an approval signs.
    pub hash: String,
    pub given: i32,
    pub needed: i32,
    /// Hash of the version in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// Conditions of what runs a service.
const HOSTING: [&str; 3] = ["BusProvisioned", "DatabaseReady", "WorkloadAvailable"];

/// Conditions that are told beside.
const BESIDE: [&str; 6] =
    ["Approved", service::DEPLOYMENT, "EngineersBound", "PublicationFree", service::REFERENCES, "SealReady"];

impl Status {
    /// Whether a condition stands with this reason.
    pub fn says(&self, kind: &str, reason: &str) -> bool {
        self.conditions.iter().any(|known| known.type_ == kind && known.reason == reason)
    }

    /// Nobody has looked at the resource: its definition gives it -1.
    pub fn says_nothing(&self) -> bool {
        self.observed_generation.is_none_or(|seen| seen < 0)
    }

    /// Why it is not ready; nothing when it is, or nobody has said yet.
    pub fn not_ready(&self) -> Option<&str> {
        let ready = self.conditions.iter().find(|known| known.type_ == "Ready")?;
        (ready.status != "True").then_some(ready.reason.as_str())
    }
}

/// What the last look at revisions said.
const ROLLOUT: &str = "RolloutHealthy";

/// The status after a look at the resource, and at its revisions where somebody could be asked about them. A condition keeps its
/// date for as long as it holds or does not.
pub fn after(
    before: &Status,
    generation: Option<i64>,
    outcome: &Outcome,
    progress: Option<&Progress>,
    now: Timestamp,
) -> Status {
    // What was admitted before keeps running.
    let (revision, active_revision, url) = match outcome {
        Outcome::Done(done) if done.later => (done.revision.clone(), before.active_revision.clone(), done.url.clone()),
        Outcome::Done(done) => (done.revision.clone(), done.revision.as_deref().map(short), done.url.clone()),
        _ => (before.revision.clone(), before.active_revision.clone(), before.url.clone()),
    };
    let mut conditions = judge(outcome, before, generation, revision.as_deref());
    rolled(&mut conditions, outcome, before, progress);
    for condition in &mut conditions {
        // What is kept from an earlier look was not looked at in this generation.
        condition.observed_generation = condition.observed_generation.or(generation);
        let known = before.conditions.iter().find(|known| known.type_ == condition.type_);
        condition.last_transition_time = match known {
            Some(known) if known.status == condition.status => known.last_transition_time.clone(),
            _ => Time(now),
        };
    }
    let (replicas, ready_replicas, selector) = match outcome {
        Outcome::Done(Done { hosting: Some(hosting), .. }) => {
            (Some(hosting.replicas), Some(hosting.ready), Some(hosting.selector.clone()))
        }
        Outcome::Done(Done { hosting: None, .. }) => (None, None, None),
        _ => (before.replicas, before.ready_replicas, before.selector.clone()),
    };
    Status {
        observed_generation: generation,
        conditions,
        revision,
        active_revision: progress.and_then(|progress| progress.active.clone()).or(active_revision),
        url,
        open_cases: progress.and_then(|progress| progress.open_cases).or(before.open_cases),
        revisions: progress.map_or_else(|| before.revisions.clone(), |progress| progress.revisions.clone()),
        rollout: progress.map_or_else(|| before.rollout.clone(), |progress| progress.rollout.clone()),
        replicas,
        ready_replicas,
        selector,
        approval: match outcome {
            Outcome::Done(done) => done.approval.clone(),
            _ => before.approval.clone(),
        },
    }
}

/// What was said before, with what was found of the host since: it is kept in repair also where the definition got no further.
pub fn hosted(before: &Status, hosting: &Hosting, now: Timestamp) -> Status {
    let mut after = before.clone();
    for (kind, fact) in hosting.facts() {
        let mut found = condition(kind, held(fact), fact.reason, &fact.message);
        found.last_transition_time = Time(now);
        match after.conditions.iter_mut().find(|known| known.type_ == kind) {
            Some(known) => {
                if known.status == found.status {
                    found.last_transition_time = known.last_transition_time.clone();
                }
                *known = found;
            }
            None => after.conditions.push(found),
        }
    }
    after.replicas = Some(hosting.replicas);
    after.ready_replicas = Some(hosting.ready);
    after.selector = Some(hosting.selector.clone());
    after
}

fn held(fact: &Fact) -> &'static str {
    match fact.state {
        State::Holds => "True",
        State::Coming | State::Failed | State::Stuck => "False",
    }
}

/// What is applied and admitted is not Ready when it was taken back again: it waits for its author.
fn rolled(conditions: &mut Vec<Condition>, outcome: &Outcome, before: &Status, progress: Option<&Progress>) {
    let Some(progress) = progress else {
        conditions.extend(before.conditions.iter().find(|known| known.type_ == ROLLOUT).cloned());
        return;
    };
    if let (Outcome::Done(_), Some((reason, message))) = (outcome, &progress.taken_back) {
        let waits = "Waits for another definition, or for an order to go on.";
        for (kind, status, message) in
            [("Ready", "False", message.as_str()), ("Reconciling", "False", ""), ("Stalled", "True", waits)]
        {
            if let Some(known) = conditions.iter_mut().find(|known| known.type_ == kind) {
                *known = condition(kind, status, reason, message);
            }
        }
    }
    if let Some(health) = &progress.health {
        let status = if health.holds { "True" } else { "False" };
        conditions.push(condition(ROLLOUT, status, health.reason, &health.message));
    }
}

/// While a person keeps the operator away: what was said before, and that. The next look takes it back.
pub fn paused(before: &Status, generation: Option<i64>, is_deleted: bool, now: Timestamp) -> Status {
    let message = if is_deleted {
        "It is deleted, and stays as it is: nobody looks at it. Remove the annotation xizmat.dev/paused to let it go."
    } else {
        "Nobody looks at it, and what is changed waits. Remove the annotation xizmat.dev/paused to go on."
    };
    let mut paused = condition("Paused", "True", "Annotated", message);
    // Also of a change that waits it was seen that it is held.
    paused.observed_generation = generation;
    paused.last_transition_time = Time(now);
    let mut after = before.clone();
    match after.conditions.iter_mut().find(|known| known.type_ == "Paused") {
        Some(known) => {
            paused.last_transition_time = known.last_transition_time.clone();
            *known = paused;
        }
        None => after.conditions.push(paused),
    }
    after
}

/// Enough of a hash to tell revisions apart by eye.
fn short(revision: &str) -> String {
    revision.chars().take(12).collect()
}

fn judge(outcome: &Outcome, before: &Status, generation: Option<i64>, running: Option<&str>) -> Vec<Condition> {
    let stands = |known: &&Condition| HOSTING.contains(&known.type_.as_str()) || BESIDE.contains(&known.type_.as_str());
    let kept = before.conditions.iter().filter(stands).cloned();
    let mut conditions = match outcome {
        Outcome::Done(done) => return judge_done(done),
        Outcome::Refused { reason, message } => {
            let still = running.map(|revision| format!("\nRevision {revision} keeps running.")).unwrap_or_default();
            vec![
                condition("Ready", "False", reason, &format!("{message}{still}")),
                condition("DefinitionValid", "False", reason, message),
                condition("Reconciling", "False", reason, ""),
                condition("Stalled", "True", reason, "Waits for a change of the resource."),
            ]
        }
        Outcome::Waiting { reason, message } | Outcome::Failed { reason, message } => vec![
            condition("Ready", "False", reason, message),
            judged_before(before, generation),
            condition("Reconciling", "True", reason, message),
            condition("Stalled", "False", reason, ""),
        ],
    };
    // What runs keeps running; nobody looked at it.
    conditions.extend(kept);
    conditions
}

/// Admitted; ready only when what runs it is there too.
fn judge_done(done: &Done) -> Vec<Condition> {
    let missing = done.hosting.as_deref().and_then(Hosting::missing);
    let [ready, reconciling, stalled] = match missing {
        None => [
            condition("Ready", "True", "Live", &done.message),
            condition("Reconciling", "False", "Live", ""),
            condition("Stalled", "False", "Live", ""),
        ],
        // Whoever waits by kstatus reads the first of the two that is true, and would wait for what does not come.
        Some(Fact { state: State::Stuck, reason, message }) => [
            condition("Ready", "False", reason, message),
            condition("Reconciling", "False", reason, ""),
            condition("Stalled", "True", reason, message),
        ],
        Some(Fact { state: _, reason, message }) => [
            condition("Ready", "False", reason, message),
            condition("Reconciling", "True", reason, message),
            condition("Stalled", "False", "Live", ""),
        ],
    };
    let valid = condition("DefinitionValid", "True", "Admitted", "Nothing to mend.");
    let mut conditions = vec![ready, valid, reconciling, stalled];
    let beside = done.beside.iter().map(|(kind, fact)| (*kind, fact));
    for (kind, fact) in done.hosting.iter().flat_map(|hosting| hosting.facts()).chain(beside) {
        conditions.push(condition(kind, held(fact), fact.reason, &fact.message));
    }
    conditions
}

/// A platform that is away says nothing about a definition that was judged already.
fn judged_before(before: &Status, generation: Option<i64>) -> Condition {
    let known = before.conditions.iter().find(|known| known.type_ == "DefinitionValid");
    match known {
        Some(known) if before.observed_generation == generation => known.clone(),
        _ => condition("DefinitionValid", "Unknown", "NotJudged", "Judged as soon as what it waits for is there."),
    }
}

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Condition {
    Condition {
        type_: kind.to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        observed_generation: None,
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::Health;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_pause_is_said_once_beside_what_was_said_before_and_taken_back_by_the_next_look() {
        let waiting = Outcome::Waiting { reason: "NoAgency", message: "Apply it.".into() };
        let before = after(&Status::default(), Some(1), &waiting, None, at(1));
        let held = paused(&before, Some(1), false, at(2));
        assert_eq!(held.conditions[..before.conditions.len()], before.conditions);
        assert_eq!(held.conditions.last().unwrap().type_, "Paused");
        assert_eq!(held.observed_generation, Some(1), "a change meanwhile is not observed");
        assert_eq!(paused(&held, Some(1), false, at(3)), held);
        let deleted = paused(&held, Some(1), true, at(3));
        let said = deleted.conditions.last().unwrap();
        assert!(said.message.starts_with("It is deleted, and stays"), "{}", said.message);
        assert_eq!(said.last_transition_time, held.conditions.last().unwrap().last_transition_time);
        assert_eq!(paused(&deleted, Some(1), true, at(4)), deleted, "written once");
        let changed = paused(&held, Some(2), false, at(3));
        let seen = |status: &Status| status.conditions.last().map(|paused| paused.observed_generation);
        assert_eq!((seen(&held), seen(&changed)), (Some(Some(1)), Some(Some(2))), "the change is seen, and waits");
        assert_eq!(changed.conditions.last().unwrap().last_transition_time, Time(at(2)));
        assert_eq!(changed.observed_generation, Some(1));
        assert_eq!(after(&held, Some(1), &waiting, None, at(4)), before);
    }

    fn done(revision: &str) -> Outcome {
        Outcome::Done(Done { revision: Some(revision.into()), message: "Live.".into(), ..Done::default() })
    }

    fn holds(status: &Status, kind: &str) -> String {
        status.conditions.iter().find(|one| one.type_ == kind).unwrap().status.clone()
    }

    #[test]
    fn the_same_outcome_writes_the_same_status_later() {
        let first = after(&Status::default(), Some(1), &done("a"), None, at(10));
        assert_eq!(after(&first, Some(1), &done("a"), None, at(20)), first);
        assert_eq!(holds(&first, "Ready"), "True");
    }

    #[test]
    fn a_refused_change_names_the_revision_that_keeps_running() {
        let first = after(&Status::default(), Some(1), &done("a"), None, at(10));
        let wrong = Outcome::Refused { reason: "Invalid", message: "spec.fees[0]: no such fee".into() };
        let second = after(&first, Some(2), &wrong, None, at(20));
        assert_eq!((holds(&second, "Ready"), holds(&second, "Stalled")), ("False".into(), "True".into()));
        assert_eq!(second.revision.as_deref(), Some("a"));
        assert!(second.conditions[0].message.ends_with("Revision a keeps running."));
        assert_eq!(second.conditions[0].last_transition_time, Time(at(20)));
        // Not Stalled, not Reconciling: only what changed gets a new date.
        assert_eq!(second.conditions[2].last_transition_time, Time(at(10)));
    }

    #[test]
    fn a_revision_for_a_later_day_does_not_take_over_yet() {
        let first = after(&Status::default(), Some(1), &done("a"), None, at(10));
        let later = Outcome::Done(Done { revision: Some("b".into()), later: true, ..Done::default() });
        let second = after(&first, Some(2), &later, None, at(20));
        assert_eq!((second.revision.as_deref(), second.active_revision.as_deref()), (Some("b"), Some("a")));
    }

    #[test]
    fn an_absent_platform_takes_no_verdict_back() {
        let first = after(&Status::default(), Some(1), &done("a"), None, at(10));
        let away = Outcome::Failed { reason: "PlatformAway", message: "The bus does not answer.".into() };
        let later = after(&first, Some(1), &away, None, at(20));
        assert_eq!((holds(&later, "DefinitionValid"), holds(&later, "Reconciling")), ("True".into(), "True".into()));
        let changed = after(&first, Some(2), &away, None, at(20));
        assert_eq!(holds(&changed, "DefinitionValid"), "Unknown");
    }

    fn hosted(workload: Fact, ready: i32) -> Outcome {
        let bus = Fact::holds("Issued", "");
        let database = Fact::holds("Provided", "");
        let selector = "xizmat.dev/host=copy".to_owned();
        let hosting = Hosting { bus, database, workload, replicas: 2, ready, selector };
        let Outcome::Done(done) = done("a") else { unreachable!() };
        Outcome::Done(Done { hosting: Some(Box::new(hosting)), ..done })
    }

    #[test]
    fn a_refused_change_says_how_what_still_runs_is_doing() {
        let first = after(&Status::default(), Some(1), &hosted(Fact::holds("Available", ""), 2), None, at(10));
        let wrong = Outcome::Refused { reason: "Invalid", message: "spec.fees[0]: no such fee".into() };
        let Outcome::Done(Done { hosting: Some(hosting), .. }) = hosted(Fact::coming("Starting", "0 of 2."), 0) else {
            unreachable!()
        };
        let second = after(&super::hosted(&first, &hosting, at(20)), Some(2), &wrong, None, at(20));
        assert_eq!((holds(&second, "WorkloadAvailable"), second.ready_replicas), ("False".into(), Some(0)));
        let workload = second.conditions.iter().find(|one| one.type_ == "WorkloadAvailable").unwrap();
        assert_eq!((workload.last_transition_time.clone(), workload.observed_generation), (Time(at(20)), Some(2)));
        let again = after(&super::hosted(&second, &hosting, at(30)), Some(2), &wrong, None, at(30));
        assert_eq!(again, second, "nothing new, nothing written");
    }

    #[test]
    fn a_service_is_ready_when_it_is_admitted_and_something_runs_it() {
        let starting = hosted(Fact::coming("Starting", "0 of 2 copies take requests."), 0);
        let first = after(&Status::default(), Some(1), &starting, None, at(10));
        assert_eq!((holds(&first, "Ready"), holds(&first, "WorkloadAvailable")), ("False".into(), "False".into()));
        assert_eq!((first.conditions[0].reason.as_str(), first.revision.as_deref()), ("Starting", Some("a")));
        assert_eq!((first.replicas, first.ready_replicas), (Some(2), Some(0)));
        let second = after(&first, Some(1), &hosted(Fact::holds("Available", ""), 2), None, at(20));
        assert_eq!((holds(&second, "Ready"), holds(&second, "BusProvisioned")), ("True".into(), "True".into()));
        assert_eq!(second.selector.as_deref(), Some("xizmat.dev/host=copy"));
    }

    #[test]
    fn a_host_that_a_person_must_mend_is_waited_for_by_nobody() {
        let held = |workload: Fact| {
            let status = after(&Status::default(), Some(1), &hosted(workload, 0), None, at(10));
            ["Ready", "Reconciling", "Stalled", "DefinitionValid"].map(|kind| holds(&status, kind))
        };
        assert_eq!(held(Fact::stuck("NotStarting", "0 of 2.")), ["False", "False", "True", "True"]);
        assert_eq!(held(Fact::failed("DatabaseAway", "It does not answer.")), ["False", "True", "False", "True"]);
    }

    #[test]
    fn a_refused_change_takes_nothing_back_of_what_runs() {
        let first = after(&Status::default(), Some(1), &hosted(Fact::holds("Available", ""), 2), None, at(10));
        let wrong = Outcome::Refused { reason: "Invalid", message: "spec.fees[0]: no such fee".into() };
        let second = after(&first, Some(2), &wrong, None, at(20));
        assert_eq!(holds(&second, "WorkloadAvailable"), "True");
        assert_eq!((second.replicas, second.selector.is_some()), (Some(2), true));
        let seen = |kind: &str| second.conditions.iter().find(|one| one.type_ == kind).unwrap().observed_generation;
        assert_eq!((seen("Ready"), seen("WorkloadAvailable")), (Some(2), Some(1)), "nobody looked at what runs");
        assert_eq!((second.not_ready(), first.not_ready()), (Some("Invalid"), None));
    }

    #[test]
    fn what_is_told_beside_keeps_nothing_from_being_ready_and_stays_while_nobody_can_be_asked() {
        let approval = Approval { hash: "ab".into(), needed: 1, ..Approval::default() };
        let beside = vec![("Approved", Fact::coming("Waiting", "one officer must approve it"))];
        let recorded = Outcome::Done(Done { beside, approval: Some(approval), ..Done::default() });
        let first = after(&Status::default(), Some(1), &recorded, None, at(10));
        assert_eq!((holds(&first, "Ready"), holds(&first, "Approved")), ("True".into(), "False".into()));
        let away = Outcome::Failed { reason: "PlatformAway", message: "The bus does not answer.".into() };
        let second = after(&first, Some(1), &away, None, at(20));
        assert_eq!((holds(&second, "Ready"), second.says("Approved", "Waiting")), ("False".into(), true));
        assert_eq!(second.approval, first.approval);
    }

    #[test]
    fn a_revision_that_was_taken_back_is_not_ready_and_waits_for_its_author() {
        let live = Progress { active: Some("a".into()), open_cases: Some(3), ..Progress::default() };
        let first = after(&Status::default(), Some(1), &done("a"), Some(&live), at(10));
        assert_eq!((holds(&first, "Ready"), first.open_cases), ("True".into(), Some(3)));
        let back = Progress {
            taken_back: Some(("Returned", "Six of nine calls failed.".into())),
            health: Some(Health { holds: false, reason: "Returned", message: "Six of nine.".into() }),
            open_cases: None,
            ..live
        };
        let second = after(&first, Some(2), &done("b"), Some(&back), at(20));
        let held =
            ["Ready", "Stalled", "Reconciling", "RolloutHealthy", "DefinitionValid"].map(|kind| holds(&second, kind));
        assert_eq!(held.each_ref().map(String::as_str), ["False", "True", "False", "False", "True"]);
        assert_eq!(second.conditions[0].reason, "Returned");
        assert_eq!(
            (second.active_revision.as_deref(), second.open_cases),
            (Some("a"), Some(3)),
            "what was known stays known"
        );
        assert_eq!(after(&second, Some(2), &done("b"), Some(&back), at(30)), second);
    }

    #[test]
    fn what_a_look_without_the_register_does_not_know_stays_as_it_was_said() {
        let health = Some(Health { holds: true, reason: "Watched", message: "5 of a hundred.".into() });
        let told = RolloutTold { share: 5, ..RolloutTold::default() };
        let progress = Progress { health, rollout: Some(told), ..Progress::default() };
        let first = after(&Status::default(), Some(1), &done("a"), Some(&progress), at(10));
        let away = Outcome::Failed { reason: "PlatformAway", message: "The bus does not answer.".into() };
        let second = after(&first, Some(1), &away, None, at(20));
        assert_eq!((holds(&second, "RolloutHealthy"), &second.rollout), ("True".into(), &first.rollout));
        let changed = after(&first, Some(2), &away, None, at(20));
        let health = changed.conditions.iter().find(|one| one.type_ == ROLLOUT).unwrap();
        assert_eq!((health.observed_generation, changed.observed_generation), (Some(1), Some(2)));
    }
}
