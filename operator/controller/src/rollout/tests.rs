//! Rollouts of people who meet two revisions by lot: how often a good one is returned, and how often a bad one is found.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use api::Changed;
use kernel::{Hash, Random, SeededRandom, Time};

use super::{
    chance::{Times, longer},
    decide::{Decision, Moment, Plan, decide},
    judge::{self, Look, Of},
    load::Figures,
    placement::Placed,
};

/// A revision whose number says when it was admitted.
pub fn placed(number: u8, share: u32) -> Placed {
    let admitted = Time::from_seconds(i64::from(number));
    Placed {
        revision: Hash::of(&[number]),
        admitted,
        effective_from: String::new(),
        share,
        since: admitted,
        change: if number == 1 { Changed::First } else { Changed::Presentation },
        reason: String::new(),
        draft: false,
    }
}

pub fn plan() -> Plan {
    Plan { steps: vec![5, 25, 100], min_cases: 20, max_wait: Duration::from_secs(3 * 86_400), stops: false }
}

/// Numbers by lot, drawn many at once.
struct Lot {
    random: SeededRandom,
    drawn: RefCell<Vec<u32>>,
}

impl Lot {
    fn new(seed: u64) -> Self {
        Self { random: SeededRandom::new(seed), drawn: RefCell::default() }
    }

    fn number(&self) -> f64 {
        let mut drawn = self.drawn.borrow_mut();
        if drawn.is_empty() {
            let mut bytes = [0; 1024];
            self.random.fill(&mut bytes);
            drawn.extend(bytes.chunks_exact(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())));
        }
        f64::from(drawn.pop().unwrap()) / f64::from(u32::MAX)
    }

    fn falls(&self, chance: f64) -> bool {
        self.number() < chance
    }
}

/// How people and calls behave on a revision.
#[derive(Clone, Copy)]
struct Behaviour {
    /// Who leaves at each page.
    leaves: f64,
    fails: f64,
}

const PAGES: usize = 3;
const USUAL: Behaviour = Behaviour { leaves: 0.07, fails: 0.02 };

/// One application: on which revision, and how many pages it has behind it.
struct Draft {
    new: bool,
    page: usize,
}

#[derive(Default)]
struct Both {
    new: Figures,
    old: Figures,
    under_way: Vec<Draft>,
}

impl Both {
    fn part(&mut self, new: bool) -> &mut Figures {
        if new { &mut self.new } else { &mut self.old }
    }

    fn count(&mut self, new: bool, page: usize, answered: bool) {
        let (reached, done) = self.part(new).pages.entry(format!("page-{page}")).or_default();
        if answered { *done += 1 } else { *reached += 1 }
    }

    /// Somebody begins, and everybody under way may go a page further or away.
    fn tick(&mut self, lot: &Lot, share: u32, behaviours: (Behaviour, Behaviour)) {
        let of = |new: bool| if new { behaviours.1 } else { behaviours.0 };
        let new = lot.falls(f64::from(share) / 100.0);
        self.part(new).begun += 1;
        self.part(new).failed_calls += u64::from(lot.falls(of(new).fails));
        self.count(new, 0, false);
        let mut waiting = std::mem::take(&mut self.under_way);
        waiting.push(Draft { new, page: 0 });
        for Draft { new, page } in waiting {
            if !lot.falls(0.3) {
                self.under_way.push(Draft { new, page });
            } else if !lot.falls(of(new).leaves) {
                self.count(new, page, true);
                if page + 1 < PAGES {
                    self.count(new, page + 1, false);
                    self.under_way.push(Draft { new, page: page + 1 });
                } else {
                    self.part(new).submitted += 1;
                }
            }
        }
    }
}

/// True when it was returned before everybody had it.
fn returned(lot: &Lot, plan: &Plan, behaviours: (Behaviour, Behaviour)) -> bool {
    let mut new = placed(2, plan.first());
    while new.share < 100 {
        let (mut both, mut looked) = (Both::default(), 0);
        loop {
            both.tick(lot, new.share, behaviours);
            let moment = Moment { new: &new, figures: Some((&both.new, &both.old)), looked, now: new.since };
            match decide(plan, &moment) {
                Decision::Return { .. } => return true,
                Decision::Advance { to, .. } => {
                    new.share = to;
                    break;
                }
                Decision::Hold { .. } => looked = both.new.begun,
            }
        }
    }
    false
}

fn share_returned(rollouts: u64, plan: &Plan, new: Behaviour) -> f64 {
    let found = (0..rollouts).filter(|seed| returned(&Lot::new(*seed), plan, (USUAL, new))).count();
    found as f64 / rollouts as f64
}

#[test]
fn a_revision_that_behaves_like_the_old_one_is_returned_in_less_than_one_rollout_of_a_hundred() {
    let quick = share_returned(800, &plan(), USUAL);
    assert!(quick < 0.01, "{quick}");
    let patient = Plan { min_cases: 200, ..plan() };
    let often_looked_at = share_returned(150, &patient, USUAL);
    assert!(often_looked_at < 0.01, "{often_looked_at}");
}

#[test]
fn a_revision_that_loses_twice_as_many_people_is_found_before_everybody_has_it() {
    let doubled = Behaviour { leaves: USUAL.leaves * 2.2, ..USUAL };
    let patient = Plan { min_cases: 150, ..plan() };
    let found = share_returned(60, &patient, doubled);
    assert!(found > 0.9, "{found}");
    let disaster = Behaviour { leaves: 0.5, ..USUAL };
    assert_eq!(share_returned(60, &plan(), disaster), 1.0, "few cases are enough for that");
}

#[test]
fn calls_that_begin_to_fail_are_found() {
    let failing = Behaviour { fails: 0.4, ..USUAL };
    let found = share_returned(60, &plan(), failing);
    assert!(found > 0.95, "{found}");
}

/// A time in milliseconds, spread like those of offices: some are a hundred times the usual.
fn took(lot: &Lot) -> u64 {
    let normal: f64 = (0..12).map(|_| lot.number()).sum::<f64>() - 6.0;
    (60_000.0 * (1.5 * normal).exp()) as u64
}

fn median(lot: &Lot, count: u64) -> Times {
    let mut all: Vec<u64> = (0..count).map(|_| took(lot)).collect();
    all.sort_unstable();
    Times { count, median_ms: all[all.len() / 2] }
}

#[test]
fn times_that_scatter_alike_are_rarely_told_apart() {
    let lot = Lot::new(7);
    let wrong = (0..600).filter(|_| longer(median(&lot, 30), median(&lot, 120)) < 0.01).count();
    assert!(wrong <= 6, "{wrong} of 600 at one of a hundred");
}

#[test]
fn a_step_that_takes_five_times_as_long_is_found_and_said() {
    let steps = |left: u64, median_ms: u64| Figures {
        begun: left,
        submitted: left,
        steps: BTreeMap::from([("review".to_owned(), (left, median_ms))]),
        ..Figures::default()
    };
    let (new, old) = (steps(150, 5 * 3_600_000), steps(900, 3_600_000));
    let found = judge::worse(Of::Presentation, &new, &old, Look::Last, 2);
    assert_eq!(found, ["the step `review` takes 5 h instead of 60 min"]);
    assert!(judge::worse(Of::Presentation, &steps(150, 4_000_000), &old, Look::Last, 2).is_empty());
}

#[test]
fn a_difference_that_is_proved_but_small_is_no_reason_to_return() {
    let figures = |begun: u64, submitted: u64| Figures { begun, submitted, ..Figures::default() };
    let (new, old) = (figures(100_000, 79_000), figures(100_000, 80_000));
    assert!(judge::worse(Of::Presentation, &new, &old, Look::Last, 2).is_empty());
}
