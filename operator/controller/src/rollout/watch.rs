//! One look at a service's revisions: what was ordered is done, what is on its way goes on or back, a law that fails alarms.

use std::time::Duration;

use kernel::{ErrorKind, Failure, Time};
use kube::{ResourceExt, runtime::events::EventType};

use super::{
    became::Became,
    decide::{self, Decision, Moment, Plan},
    load::{Load, Numbers},
    orders::{self, Order, PROMOTE, ROLLBACK, UNHEALTHY, Written},
    placement::{Placed, Placement},
};
use crate::{kind::Applied, outcome::Stopped, run::Operator};

/// While a revision is on its way, and while a law is new.
const LOOK_EVERY_S: u64 = 15;
const LAW_EVERY_S: u64 = 60;

#[derive(Default)]
pub struct Watched {
    pub load: Option<Load>,
    pub waits: Option<String>,
    pub alarm: Vec<String>,
    /// A share changed.
    pub moved: bool,
    pub again_s: Option<u64>,
}

/// What a person ordered by annotations.
pub fn written(applied: &Applied) -> Written<'_> {
    let annotation = |name: &str| applied.annotations().get(name).map(String::as_str).filter(|value| !value.is_empty());
    Written { promote: annotation(PROMOTE), rollback: annotation(ROLLBACK) }
}

/// Whether something was done; what cannot be done is said in an event, once for each wording.
pub async fn carry_out(
    operator: &Operator,
    applied: &Applied,
    agency: &str,
    placement: &Placement,
) -> Result<bool, Stopped> {
    let (service, written) = (applied.name_any(), written(applied));
    if operator.config.read_only {
        return Ok(false);
    }
    let known = applied.status.as_ref().and_then(|status| status.active_revision.as_deref());
    let order = match orders::open(written, placement, known, &operator.today()) {
        Ok(None) => return Ok(false),
        Ok(Some(order)) => order,
        Err(wrong) => {
            refuse(operator, applied, wrong).await;
            return Ok(false);
        }
    };
    let (done, words, became) = match order {
        Order::Place { revision, share, reason } => {
            let words = format!("Revision {} was {reason}.", super::placement::short(revision));
            let became = if share == 0 { Became::TakenBack } else { Became::Promoted };
            (operator.platform.place(agency, &service, revision, share, reason).await, words, became)
        }
        Order::Open => {
            let words = "New applications are taken again.".to_owned();
            (operator.platform.set_intake(agency, &service, true, "").await, words, Became::Reopened)
        }
    };
    match done {
        Ok(()) => {
            became.count();
            operator.say(applied, EventType::Normal, "Ordered", &words).await;
        }
        // What the law forbids stays forbidden at the next look, too.
        Err(failure) if failure.kind == ErrorKind::Conflict || failure.kind == ErrorKind::Invalid => {
            refuse(operator, applied, failure.to_string()).await;
            return Ok(false);
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(true)
}

async fn refuse(operator: &Operator, applied: &Applied, wrong: String) {
    let (uid, now) = (applied.uid().unwrap_or_default(), operator.clock.now());
    if operator.memory.refused.get(&uid, now).as_ref() != Some(&wrong) {
        operator.say(applied, EventType::Warning, "OrderRefused", &wrong).await;
        operator.memory.refused.put(uid, wrong, now);
    }
}

pub async fn watch(
    operator: &Operator,
    applied: &Applied,
    agency: &str,
    plan: Option<&Plan>,
    placement: &Placement,
) -> Result<Watched, Stopped> {
    let active = placement.active(&operator.today());
    // A law is watched whatever its definition says about bringing in.
    let of_law = plan.cloned().unwrap_or_else(Plan::usual);
    match (placement.on_its_way(), active, plan) {
        (Some(new), Some(old), Some(plan)) => on_its_way(operator, applied, agency, plan, (new, old)).await,
        (None, Some(law), _) if is_new(law, &of_law, operator.clock.now()) => {
            Ok(law_watch(operator, applied, agency, &of_law, (law, placement)).await)
        }
        _ => Ok(Watched { load: load(operator, applied, agency, None).await, ..Watched::default() }),
    }
}

/// Nothing when no host answers: then nobody knows. Ended cases are as they were counted lately.
async fn load(operator: &Operator, applied: &Applied, agency: &str, since: Option<Time>) -> Option<Load> {
    let (service, uid, now) = (applied.name_any(), applied.uid().unwrap_or_default(), operator.clock.now());
    let ended = operator.memory.ended.get(&uid, now);
    let asked = operator.platform.load(agency, &service, since, ended.is_none()).await.and_then(Load::read);
    let load = asked
        .inspect_err(|failure: &Failure| tracing::debug!(agency, service, %failure, "how cases fare is not known"))
        .ok()?;
    Some(match ended {
        Some(ended) => load.with_ended(ended),
        None => {
            operator.memory.ended.put(uid, load.ended(), now);
            load
        }
    })
}

async fn on_its_way(
    operator: &Operator,
    applied: &Applied,
    agency: &str,
    plan: &Plan,
    (new, old): (&Placed, &Placed),
) -> Result<Watched, Stopped> {
    let (service, now) = (applied.name_any(), operator.clock.now());
    let load = load(operator, applied, agency, Some(new.since)).await;
    let figures = load.as_ref().map(|load| (load.of(new.revision), load.of(old.revision)));
    let key = looked_key(applied, new);
    let looked = operator.memory.looked.get(&key, now).unwrap_or_default();
    let moment = Moment {
        new,
        figures: figures.as_ref().map(|(new, old): &(Numbers, Numbers)| (&new.figures, &old.figures)),
        looked,
        now,
    };
    let decision = decide::decide(plan, &moment);
    let mut watched = Watched { load, again_s: Some(LOOK_EVERY_S), ..Watched::default() };
    let (share, reason, event, kind, became) = match decision {
        Decision::Hold { message } => {
            // A step that is left is never looked at again, and one that the register did not leave yet is judged once more.
            if let Some((numbers, _)) = &figures
                && decide::is_due(numbers.figures.begun, looked)
            {
                operator.memory.looked.put(key, numbers.figures.begun, now);
            }
            watched.waits = Some(message);
            return Ok(watched);
        }
        Decision::Advance { to, judged, reason } => {
            let (event, became) =
                if judged { ("RolloutAdvanced", Became::Advanced) } else { ("RolloutNotJudged", Became::NotJudged) };
            (to, reason, event, EventType::Normal, became)
        }
        Decision::Return { reason } => (0, reason, "RolloutReturned", EventType::Warning, Became::Returned),
    };
    watched.waits = Some(format!("The next step is due: {reason}."));
    if operator.config.read_only {
        return Ok(watched);
    }
    operator.platform.place(agency, &service, new.revision, share, &fitting(&reason)).await?;
    became.count();
    let words = match share {
        0 => format!("Revision {} goes back to {}: {reason}.", new.short(), old.short()),
        share => format!("Revision {} is offered to {share} of a hundred people: {reason}.", new.short()),
    };
    operator.say(applied, kind, event, &words).await;
    watched.moved = true;
    Ok(watched)
}

/// Law that replaced another, for as long as its first step would wait at most, counted from its day.
fn is_new(law: &Placed, plan: &Plan, now: Time) -> bool {
    law.change == api::Changed::Law && now.since(counts_since(law)) < plan.max_wait
}

fn counts_since(law: &Placed) -> Time {
    let day = law.effective_from.parse().map(process::calendar::start_of_day);
    day.map_or(law.since, |day| day.max(law.since))
}

/// Everybody has it: it is compared with the old one in the same length of time before.
async fn law_watch(
    operator: &Operator,
    applied: &Applied,
    agency: &str,
    plan: &Plan,
    (law, placement): (&Placed, &Placement),
) -> Watched {
    let now = operator.clock.now();
    let began = counts_since(law);
    let since = began.minus(now.since(began).max(Duration::from_secs(LAW_EVERY_S)));
    let load = load(operator, applied, agency, Some(since)).await;
    let figures = load.as_ref().zip(placement.before(law));
    let figures = figures.map(|(load, before)| (load.of(law.revision).figures, load.of(before.revision).figures));
    let mut watched = Watched { load, again_s: Some(LAW_EVERY_S), ..Watched::default() };
    let Some((new, old)) = figures else { return watched };
    let key = looked_key(applied, law);
    let looked = operator.memory.looked.get(&key, now).unwrap_or_default();
    if !written(applied).goes_on(placement, &operator.today()) {
        watched.alarm = decide::alarm(&new, &old, looked);
    }
    if !watched.alarm.is_empty() && !operator.config.read_only {
        let words = format!("More fails since revision {}: {}.", law.short(), watched.alarm.join("; "));
        Became::Alarmed.count();
        operator.say(applied, EventType::Warning, "RolloutAlarm", &words).await;
        if plan.stops && placement.closed.is_empty() {
            watched.moved = stop(operator, applied, agency).await;
            if !watched.moved {
                // The status tells the alarm all the same; the next look makes it again, and stops then.
                return watched;
            }
        }
    }
    if decide::is_due(new.begun, looked) {
        operator.memory.looked.put(key, new.begun, now);
    }
    watched
}

/// Refuses new applications; whether the register did.
async fn stop(operator: &Operator, applied: &Applied, agency: &str) -> bool {
    let service = applied.name_any();
    match operator.platform.set_intake(agency, &service, false, UNHEALTHY).await {
        Ok(()) => {
            Became::Stopped.count();
            true
        }
        Err(failure) => {
            tracing::warn!(agency, service, %failure, "new applications could not be stopped, and it is tried again");
            false
        }
    }
}

/// Each step of each revision is looked at anew.
fn looked_key(applied: &Applied, placed: &Placed) -> String {
    format!("{} {} {}", applied.uid().unwrap_or_default(), placed.revision, placed.share)
}

/// The register keeps a reason of so many letters.
fn fitting(reason: &str) -> String {
    const LETTERS_MAX: usize = 500;
    reason.chars().take(LETTERS_MAX).collect()
}
