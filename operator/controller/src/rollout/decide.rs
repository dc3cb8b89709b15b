//! What becomes of a revision that is on its way to everybody: it waits, reaches more people, or goes back.

use std::time::Duration;

use api::{Backtest, OnBadHealth, Percent, Rollout};
use kernel::Time;

use super::{
    judge::{self, Look, Of},
    load::Figures,
    placement::{EVERYBODY, Placed},
};

/// How a definition wants its revisions brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Of people, in percent, growing; the last is everybody.
    pub steps: Vec<u32>,
    pub min_cases: u64,
    pub max_wait: Duration,
    /// When a law does badly, new applications are stopped.
    pub stops: bool,
}

/// What a step that is left was judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It stays; what it waits for, in words.
    Hold { message: String },
    /// It reaches so many; what this rests on.
    Advance { to: u32, judged: bool, reason: String },
    /// It is taken back; what is worse.
    Return { reason: String },
}

/// A revision on its way, at one moment.
pub struct Moment<'a> {
    pub new: &'a Placed,
    /// Of both revisions since the new one has its share; none when the host cannot be asked.
    pub figures: Option<(&'a Figures, &'a Figures)>,
    /// Applications on the new revision at the last look at this step; 0: there was none.
    pub looked: u64,
    pub now: Time,
}

/// Begins the reason of a step that too few cases judged.
pub const NOT_JUDGED: &str = "not judged: ";

impl Plan {
    pub fn of(rollout: &Rollout) -> Self {
        let Rollout { steps, min_cases, max_wait, backtest: _, on_bad_health } = rollout;
        Self {
            steps: steps.iter().map(|share| share.number()).collect(),
            min_cases: u64::from(*min_cases),
            max_wait: Duration::from_secs(max_wait.seconds().unwrap_or(u64::MAX)),
            stops: *on_bad_health == OnBadHealth::Stop,
        }
    }

    /// Of a definition that says nothing: everybody at once, and a law that does badly alarms.
    pub fn usual() -> Self {
        Self::of(&Rollout {
            steps: vec![Percent::ALL],
            min_cases: Rollout::MIN_CASES,
            max_wait: Rollout::MAX_WAIT,
            backtest: Backtest::Off,
            on_bad_health: OnBadHealth::Alarm,
        })
    }

    /// Whom a new revision is offered to at first.
    pub fn first(&self) -> u32 {
        self.steps.first().copied().unwrap_or(EVERYBODY)
    }

    /// The share after this one.
    fn after(&self, share: u32) -> u32 {
        self.steps.iter().copied().find(|step| *step > share).unwrap_or(EVERYBODY)
    }

    /// As `2/3`.
    pub fn step(&self, share: u32) -> String {
        let reached = self.steps.iter().filter(|step| **step <= share).count();
        format!("{}/{}", reached.max(1), self.steps.len().max(1))
    }

    /// Steps at which there are two revisions to compare.
    fn judged_steps(&self) -> usize {
        self.steps.iter().filter(|step| **step < EVERYBODY).count()
    }
}

pub fn decide(plan: &Plan, moment: &Moment<'_>) -> Decision {
    let Moment { new, figures, looked, now } = moment;
    let Some((of_new, of_old)) = *figures else {
        return Decision::Hold {
            message: "The host cannot be asked how cases fare; no step is left until it can.".into(),
        };
    };
    let (cases, wanted) = (of_new.submitted, plan.min_cases);
    let waited = now.since(new.since) >= plan.max_wait;
    let leaves = cases >= wanted || waited;
    let look =
        if leaves { Some(Look::Last) } else { judge::early(of_new.begun).filter(|_| is_due(of_new.begun, *looked)) };
    if let Some(look) = look {
        let worse = judge::worse(Of::Presentation, of_new, of_old, look, plan.judged_steps());
        if !worse.is_empty() {
            return Decision::Return { reason: worse.join("; ") };
        }
    }
    let to = plan.after(new.share);
    if cases >= wanted {
        return Decision::Advance { to, judged: true, reason: format!("judged by {cases} cases") };
    }
    if waited {
        let reason = format!("{NOT_JUDGED}{cases} of {wanted} cases in {}", length(plan.max_wait));
        return Decision::Advance { to, judged: false, reason };
    }
    let until = Time::from_seconds(new.since.plus(plan.max_wait).seconds());
    Decision::Hold { message: format!("Waits for {wanted} cases; goes on without a judgement at {until}.") }
}

/// Whether more applications than at the last look make another one.
pub fn is_due(begun: u64, looked: u64) -> bool {
    judge::early(begun).is_some_and(|look| judge::early(looked) != Some(look))
}

/// Of a law, which counts for everybody: what fails more than under the old one before.
pub fn alarm(new: &Figures, old: &Figures, looked: u64) -> Vec<String> {
    match judge::early(new.begun).filter(|_| is_due(new.begun, looked)) {
        Some(look) => judge::worse(Of::Law, new, old, look, 1),
        None => Vec::new(),
    }
}

/// As an official writes it, in the largest unit that fits.
fn length(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let units = [(86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min")];
    let unit = units.into_iter().find(|(unit, _, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    match unit {
        Some((unit, one, _)) if seconds == unit => format!("1 {one}"),
        Some((unit, _, many)) => format!("{} {many}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::tests::{placed, plan};

    fn figures(begun: u64, submitted: u64) -> Figures {
        Figures { begun, submitted, ..Figures::default() }
    }

    fn decided(new: &Figures, old: &Figures, after_s: i64, looked: u64) -> Decision {
        let placed = placed(2, 5);
        let now = Time::from_seconds(placed.since.seconds() + after_s);
        decide(&plan(), &Moment { new: &placed, figures: Some((new, old)), looked, now })
    }

    const HOUR: i64 = 3_600;
    const WAIT: i64 = 3 * 24 * HOUR;

    #[test]
    fn no_step_is_left_before_enough_cases_or_the_longest_wait() {
        let old = figures(400, 300);
        assert!(matches!(decided(&figures(25, 19), &old, HOUR, 0), Decision::Hold { .. }));
        let judged = Decision::Advance { to: 25, judged: true, reason: "judged by 20 cases".into() };
        assert_eq!(decided(&figures(27, 20), &old, HOUR, 0), judged);
        assert!(matches!(decided(&figures(9, 7), &old, WAIT - 1, 0), Decision::Hold { .. }));
        let reason = "not judged: 7 of 20 cases in 3 days".to_owned();
        assert_eq!(decided(&figures(9, 7), &old, WAIT, 0), Decision::Advance { to: 25, judged: false, reason });
    }

    #[test]
    fn a_page_that_nobody_gets_past_returns_long_before_any_case() {
        let old = figures(400, 300);
        let Decision::Return { reason } = decided(&figures(16, 0), &old, HOUR, 0) else { panic!("returned") };
        assert_eq!(reason, "applications that were not submitted: 16 of 16, before 100 of 400");
        let again = decided(&figures(16, 0), &old, HOUR, 16);
        assert!(matches!(again, Decision::Hold { .. }), "nothing new was seen since the last look");
    }

    #[test]
    fn a_disaster_is_seen_at_the_longest_wait_too() {
        let old = figures(400, 300);
        assert!(matches!(decided(&figures(16, 0), &old, WAIT, 16), Decision::Return { .. }));
    }

    #[test]
    fn a_host_that_cannot_be_asked_stops_the_steps_however_long_it_takes() {
        let placed = placed(2, 5);
        let now = Time::from_seconds(placed.since.seconds() + 10 * WAIT);
        let decision = decide(&plan(), &Moment { new: &placed, figures: None, looked: 0, now });
        assert!(matches!(decision, Decision::Hold { .. }));
    }

    #[test]
    fn steps_are_counted_and_the_last_reaches_everybody() {
        let plan = plan();
        assert_eq!([0, 5, 25, 100].map(|share| plan.after(share)), [5, 25, 100, 100]);
        assert_eq!(["1/3", "2/3", "3/3"], [5, 25, 100].map(|share| plan.step(share)).each_ref().map(String::as_str));
        assert_eq!(plan.step(7), "1/3", "a share that a person gave");
        assert_eq!(length(Duration::from_secs(86_400)), "1 day");
        assert_eq!(length(Duration::from_secs(5_400)), "90 min");
    }

    #[test]
    fn a_definition_that_says_nothing_offers_everybody_and_has_its_laws_watched_for_three_days() {
        let usual = Plan::usual();
        assert_eq!((usual.first(), usual.stops), (EVERYBODY, false));
        assert_eq!(length(usual.max_wait), "3 days");
    }

    #[test]
    fn a_law_is_judged_by_what_fails_not_by_how_many_finish() {
        let failing = |failed_calls: u64, submitted: u64| Figures { failed_calls, ..figures(200, submitted) };
        assert!(
            alarm(&failing(2, 20), &failing(2, 190), 0).is_empty(),
            "fewer finish: perhaps that is what it is about"
        );
        assert_eq!(alarm(&failing(60, 190), &failing(2, 190), 0), ["failed calls: 60 of 200, before 2 of 200"]);
        assert!(alarm(&failing(60, 190), &failing(2, 190), 200).is_empty(), "already looked at");
    }
}
