//! What a definition says of its revisions: who follows which, how many cases run on each, how far a new one has got.

use serde::{Deserialize, Serialize};

use super::{
    decide::{NOT_JUDGED, Plan},
    load::Load,
    orders::{BY_HAND, UNHEALTHY},
    placement::{EVERYBODY, Placed, Placement},
};
use crate::status::Status;

/// In the order in which they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RevisionTold {
    pub revision: String,
    pub share: u32,
    pub open_cases: u64,
    pub drafts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutTold {
    pub revision: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    pub share: u32,
    pub step: String,
    pub since: String,
    pub cases: u64,
    /// Of the last step that was left; nothing at the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<bool>,
    pub message: String,
}

/// Whether the newest revision does well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub holds: bool,
    pub reason: &'static str,
    pub message: String,
}

/// Everything of a definition's revisions, at one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub active: Option<String>,
    /// None: nobody could be asked; what was said before stays.
    pub open_cases: Option<u64>,
    pub revisions: Vec<RevisionTold>,
    pub rollout: Option<RolloutTold>,
    pub health: Option<Health>,
    /// What is applied does not count: one word, and why.
    pub taken_back: Option<(&'static str, String)>,
    /// Seconds until the next look, where it is sooner than usual.
    pub again_s: Option<u64>,
}

/// What a look found.
pub struct Seen<'a> {
    pub placement: &'a Placement,
    pub load: Option<&'a Load>,
    pub plan: Option<&'a Plan>,
    /// What a revision on its way waits for.
    pub waits: Option<String>,
    /// What fails more since a law took effect.
    pub alarm: &'a [String],
    /// A person ordered what counts to go on.
    pub goes_on: bool,
    pub before: &'a Status,
    pub today: &'a str,
}

pub const RETURNED: &str = "Returned";
const ALARM: &str = "Alarm";
const STOPPED: &str = "Stopped";

pub fn progress(seen: &Seen<'_>) -> Progress {
    let placement = seen.placement;
    let active = placement.active(seen.today);
    let back = placement.revisions.first().filter(|newest| newest.is_taken_back());
    let health = match back {
        Some(placed) if placed.reason != BY_HAND => {
            let message = format!("Revision {} went back: {}.", placed.short(), placed.reason);
            Some(Health { holds: false, reason: RETURNED, message })
        }
        _ => health(seen, active),
    };
    Progress {
        active: active.map(Placed::short),
        open_cases: seen.load.map(Load::open),
        revisions: revisions(seen, active),
        rollout: seen.plan.and_then(|plan| rollout(seen, plan, active)),
        health,
        taken_back: back.map(|placed| taken_back(placed, active)),
        again_s: None,
    }
}

fn taken_back(placed: &Placed, active: Option<&Placed>) -> (&'static str, String) {
    let (short, counts) = (placed.short(), active.map(Placed::short).unwrap_or_default());
    let reason = if placed.reason == BY_HAND { "RolledBack" } else { RETURNED };
    let message = format!(
        "Revision {short} was taken back: {}. Applications follow {counts}. Apply a better definition, or give it to everybody with \
         the annotation xizmat.dev/promote: {short}.",
        placed.reason
    );
    (reason, message)
}

/// Those that are offered, and those that cases run on.
fn revisions(seen: &Seen<'_>, active: Option<&Placed>) -> Vec<RevisionTold> {
    let known = |revision: &str| seen.before.revisions.iter().find(|told| told.revision == revision);
    let counted = |placed: &Placed| match seen.load {
        Some(load) => {
            let numbers = load.of(placed.revision);
            (numbers.open, numbers.drafts)
        }
        None => known(&placed.short()).map_or((0, 0), |told| (told.open_cases, told.drafts)),
    };
    let offered = |placed: &Placed| placed.is_offered(active);
    let told = seen.placement.revisions.iter().filter_map(|placed| {
        let (open_cases, drafts) = counted(placed);
        (offered(placed) || open_cases + drafts > 0).then(|| RevisionTold {
            revision: placed.short(),
            share: if offered(placed) { placed.share } else { 0 },
            open_cases,
            drafts,
            effective_from: Some(placed.effective_from.clone()).filter(|from| !from.is_empty()),
        })
    });
    told.collect()
}

/// Of the newest that changed the presentation: while it is on its way, and how it came to everybody.
fn rollout(seen: &Seen<'_>, plan: &Plan, active: Option<&Placed>) -> Option<RolloutTold> {
    let newest = seen.placement.on_its_way().or(seen.placement.revisions.first())?;
    if newest.is_law() || newest.share == 0 {
        return None;
    }
    let on_its_way = newest.share < EVERYBODY;
    let against = if on_its_way { active } else { seen.placement.before(newest) };
    let before =
        seen.before.rollout.as_ref().filter(|told| told.revision == newest.short() && told.share == newest.share);
    let cases = match seen.load {
        Some(load) if on_its_way => load.of(newest.revision).figures.submitted,
        _ => before.map_or(0, |told| told.cases),
    };
    let message = match (&seen.waits, newest.reason.as_str()) {
        (Some(waits), "") => waits.clone(),
        (Some(waits), reason) => format!("Last step {reason}. {waits}"),
        (None, "") => "Everybody has it.".to_owned(),
        (None, reason) => format!("Everybody has it; the last step was {reason}."),
    };
    Some(RolloutTold {
        revision: newest.short(),
        against: against.map(Placed::short),
        share: newest.share,
        step: plan.step(newest.share),
        since: newest.since.to_string(),
        cases,
        judged: (!newest.reason.is_empty()).then(|| !newest.reason.starts_with(NOT_JUDGED)),
        message,
    })
}

fn health(seen: &Seen<'_>, active: Option<&Placed>) -> Option<Health> {
    let active = active?;
    let stopped = seen.placement.closed == UNHEALTHY;
    let alarmed = !seen.goes_on && (!seen.alarm.is_empty() || alarmed_before(seen, active));
    if alarmed || stopped {
        let stops = seen.plan.is_some_and(|plan| plan.stops);
        let then = match (stopped, stops) {
            (true, _) => "New applications are stopped. ",
            (false, true) => "New applications could not be stopped yet, which is tried again. ",
            (false, false) => "",
        };
        let what = if seen.alarm.is_empty() { said_before(seen) } else { alarm_words(active, then, seen.alarm) };
        let reason = if stopped { STOPPED } else { ALARM };
        return Some(Health { holds: false, reason, message: what });
    }
    // Whoever wants nothing brought in step by step is told of a new law only what is wrong.
    seen.plan?;
    let (reason, message) = match seen.placement.on_its_way() {
        Some(placed) => ("Watched", format!("{} of a hundred people begin with {}.", placed.share, placed.short())),
        None => ("Complete", format!("Everybody begins with {}.", active.short())),
    };
    Some(Health { holds: true, reason, message })
}

fn alarm_words(active: &Placed, then: &str, alarm: &[String]) -> String {
    let short = active.short();
    format!(
        "More fails since revision {short}: {}. {then}The law does not go back by itself: apply a better definition, or go on with the \
         annotation xizmat.dev/promote: {short}.",
        alarm.join("; ")
    )
}

/// Between two looks an alarm stays, until another revision counts or a person goes on.
fn alarmed_before(seen: &Seen<'_>, active: &Placed) -> bool {
    let said = seen.before.conditions.iter().find(|known| known.type_ == "RolloutHealthy");
    said.is_some_and(|known| known.reason == ALARM && known.message.contains(&active.short()))
}

fn said_before(seen: &Seen<'_>) -> String {
    let said = seen.before.conditions.iter().find(|known| known.type_ == "RolloutHealthy" && known.status == "False");
    said.map_or_else(|| "New applications are stopped because it does badly.".to_owned(), |known| known.message.clone())
}

#[cfg(test)]
mod tests {
    use api::Changed;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time as When};

    use super::*;
    use crate::rollout::{
        load::{Figures, Numbers},
        tests::{placed, plan},
    };

    const TODAY: &str = "2026-11-29";

    fn load(of: &[(u8, u64, u64)]) -> Load {
        let numbers = |open: u64, drafts: u64| Numbers {
            open,
            drafts,
            figures: Figures { submitted: open, ..Figures::default() },
            ..Numbers::default()
        };
        Load {
            revisions: of
                .iter()
                .map(|(number, open, drafts)| (placed(*number, 0).revision, numbers(*open, *drafts)))
                .collect(),
        }
    }

    fn told(placement: &Placement, load: Option<&Load>, before: &Status, alarm: &[String]) -> Progress {
        let (plan, waits) = (plan(), placement.on_its_way().map(|_| "Waits.".to_owned()));
        let goes_on = false;
        progress(&Seen { placement, load, plan: Some(&plan), waits, alarm, goes_on, before, today: TODAY })
    }

    fn two(newest: Placed) -> Placement {
        Placement { revisions: vec![newest, placed(1, 100)], closed: String::new() }
    }

    #[test]
    fn a_revision_on_its_way_says_its_share_step_and_cases_beside_the_one_it_is_compared_with() {
        let progress = told(&two(placed(2, 5)), Some(&load(&[(1, 30, 4), (2, 7, 1)])), &Status::default(), &[]);
        let rollout = progress.rollout.unwrap();
        assert_eq!((rollout.share, rollout.step.as_str(), rollout.cases, rollout.judged), (5, "1/3", 7, None));
        assert_eq!(rollout.against, Some(placed(1, 0).short()));
        assert_eq!((progress.active, progress.open_cases), (Some(placed(1, 0).short()), Some(37)));
        let shares: Vec<_> = progress.revisions.iter().map(|told| (told.share, told.open_cases, told.drafts)).collect();
        assert_eq!(shares, [(5, 7, 1), (100, 30, 4)]);
        assert_eq!(progress.health.unwrap().reason, "Watched");
    }

    #[test]
    fn a_step_that_too_few_cases_judged_is_said_for_as_long_as_the_revision_counts() {
        let newest = Placed { reason: "not judged: 7 of 20 cases in 3 days".into(), ..placed(2, 100) };
        let rollout = told(&two(newest), None, &Status::default(), &[]).rollout.unwrap();
        assert_eq!((rollout.judged, rollout.step.as_str()), (Some(false), "3/3"));
        assert!(rollout.message.contains("not judged: 7 of 20 cases"), "{}", rollout.message);
    }

    #[test]
    fn what_went_back_by_itself_says_why_and_what_to_do() {
        let newest = Placed { reason: "failed calls: 6 of 9, before 1 of 90".into(), ..placed(2, 0) };
        let progress = told(&two(newest), None, &Status::default(), &[]);
        let (reason, message) = progress.taken_back.unwrap();
        assert_eq!((reason, progress.rollout), (RETURNED, None));
        assert!(message.contains("6 of 9") && message.contains(&placed(1, 0).short()), "{message}");
        assert!(!progress.health.unwrap().holds);
        let by_hand = told(&two(Placed { reason: BY_HAND.into(), ..placed(2, 0) }), None, &Status::default(), &[]);
        assert_eq!(by_hand.taken_back.unwrap().0, "RolledBack");
        assert!(by_hand.health.unwrap().holds, "nobody found it bad");
    }

    #[test]
    fn older_revisions_are_told_while_cases_run_on_them() {
        let placement = two(placed(2, 100));
        let told_of = |load: &Load| told(&placement, Some(load), &Status::default(), &[]).revisions.len();
        assert_eq!(told_of(&load(&[(2, 1, 0)])), 1);
        assert_eq!(told_of(&load(&[(1, 1, 0)])), 2);
        assert_eq!(told_of(&load(&[(1, 0, 1)])), 2);
    }

    #[test]
    fn when_nobody_can_be_asked_the_numbers_of_before_stay() {
        let placement = two(placed(2, 100));
        let first = told(&placement, Some(&load(&[(1, 3, 0), (2, 5, 0)])), &Status::default(), &[]);
        let before = Status { revisions: first.revisions.clone(), ..Status::default() };
        let second = told(&placement, None, &before, &[]);
        assert_eq!((second.open_cases, second.revisions), (None, first.revisions));
    }

    #[test]
    fn an_alarm_stays_until_another_revision_counts_or_a_person_goes_on() {
        let law = |number: u8| two(Placed { change: Changed::Law, ..placed(number, 100) });
        let alarm = ["failed calls: 60 of 200, before 2 of 200".to_owned()];
        let first = told(&law(2), None, &Status::default(), &alarm).health.unwrap();
        assert_eq!((first.holds, first.reason), (false, ALARM));
        let condition = Condition {
            type_: "RolloutHealthy".into(),
            status: "False".into(),
            reason: first.reason.into(),
            message: first.message.clone(),
            observed_generation: None,
            last_transition_time: When(jiff::Timestamp::UNIX_EPOCH),
        };
        let before = Status { conditions: vec![condition], ..Status::default() };
        assert_eq!(told(&law(2), None, &before, &[]).health, Some(first));
        let (plan, placement) = (plan(), law(2));
        let ordered = Seen {
            placement: &placement,
            load: None,
            plan: Some(&plan),
            waits: None,
            alarm: &alarm,
            goes_on: true,
            before: &before,
            today: TODAY,
        };
        assert!(progress(&ordered).health.unwrap().holds);
        assert!(told(&law(3), None, &before, &[]).health.unwrap().holds);
        let mut stopped = law(2);
        stopped.closed = UNHEALTHY.to_owned();
        assert_eq!(told(&stopped, None, &before, &alarm).health.unwrap().reason, STOPPED);
    }
    #[test]
    fn of_a_new_law_that_nobody_wanted_watched_only_what_is_wrong_is_told() {
        let placement = two(Placed { change: Changed::Law, ..placed(2, 100) });
        let health = |alarm: &[String]| {
            let (before, today) = (&Status::default(), TODAY);
            let (load, plan, waits, goes_on) = (None, None, None, false);
            progress(&Seen { placement: &placement, load, plan, waits, alarm, goes_on, before, today }).health
        };
        assert_eq!(health(&[]), None);
        let alarm = health(&["failed calls: 60 of 200, before 2 of 200".to_owned()]).unwrap();
        assert_eq!((alarm.holds, alarm.reason), (false, ALARM));
        assert!(!alarm.message.contains("stopped"), "{}", alarm.message);
    }
}
