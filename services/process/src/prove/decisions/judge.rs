//! Tries every combination of classes: which rules are ever reached, what none of them covers, and what two of them cover.

use std::{cmp::Ordering, collections::BTreeSet};

use super::{
    domain::{Class, Sample},
    logic::Logic,
};
use crate::table::{Constant, Relation};

/// Most combinations that are tried; past it nothing is said.
pub const COMBINATIONS_MAX: usize = 50_000;
/// Most rules that are tried over all of them.
const JUDGEMENTS_MAX: usize = 2_000_000;

/// How rules are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first that holds counts; one that cannot be judged stops the step.
    First,
    /// The first that holds counts; one that cannot be judged does not hold.
    Lenient,
    /// Not more than one may hold.
    Unique,
    /// All that hold count.
    Collect,
}

/// What a condition comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Yes,
    No,
    /// A value that it needs is not there.
    Fails,
}

/// Whether something can happen, with the classes of a combination in which it certainly does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Found {
    #[default]
    Never,
    Perhaps,
    Surely(Vec<usize>),
}

impl Found {
    fn meet(&mut self, all: bool, some: bool, at: &[usize]) {
        match self {
            Self::Surely(_) => {}
            _ if all => *self = Self::Surely(at.to_vec()),
            _ if some => *self = Self::Perhaps,
            _ => {}
        }
    }
}

#[derive(Debug, Default)]
pub struct Verdict {
    /// Of each rule: whether it is ever the one that counts.
    pub reached: Vec<bool>,
    /// Of each rule: those that count where it holds and does not.
    pub taken_by: Vec<BTreeSet<usize>>,
    /// Nothing holds.
    pub gap: Found,
    /// Two hold at once.
    pub overlap: Found,
    /// The first two that do so.
    pub both: Option<(usize, usize)>,
}

pub struct Question<'a> {
    pub rules: &'a [Logic],
    /// What holds of every input that really comes.
    pub known: &'a [Logic],
    pub classes: &'a [Vec<Class>],
    /// Variables that stand for what cannot be read.
    pub opaque: &'a [bool],
    pub order: Order,
    /// Values that hang together: no combination is certain.
    pub entangled: bool,
}

impl Question<'_> {
    /// Nothing where there are too many combinations.
    pub fn judge(&self) -> Option<Verdict> {
        let sizes = self.classes.iter().map(Vec::len);
        let all = sizes.fold(1_usize, usize::saturating_mul);
        if all > COMBINATIONS_MAX || all.saturating_mul(self.rules.len()) > JUDGEMENTS_MAX {
            return None;
        }
        let count = self.rules.len();
        let mut verdict =
            Verdict { reached: vec![false; count], taken_by: vec![BTreeSet::new(); count], ..Verdict::default() };
        let (open, plain): (Vec<usize>, Vec<usize>) = (0..self.classes.len()).partition(|place| self.opaque[*place]);
        let mut at = vec![0; self.classes.len()];
        loop {
            self.whatever_else(&open, &mut at, &mut verdict);
            if !self.next(&plain, &mut at) {
                return Some(verdict);
            }
        }
    }

    /// One combination of what can be read, with everything that cannot.
    fn whatever_else(&self, open: &[usize], at: &mut [usize], verdict: &mut Verdict) {
        let certain =
            !self.entangled
                && self.classes.iter().zip(&*at).zip(self.opaque).all(|((classes, class), opaque)| {
                    *opaque || classes.get(*class).is_some_and(|class| class.certain)
                })
                && self.known.iter().all(|known| self.truth(known, at) == Truth::Yes);
        let (mut gaps, mut overlaps, mut tried) = (0, 0, 0);
        loop {
            let outcome = self.one(at, verdict);
            tried += 1;
            gaps += usize::from(outcome == Outcome::Nothing);
            overlaps += usize::from(outcome == Outcome::Several);
            if !self.next(open, at) {
                break;
            }
        }
        verdict.gap.meet(certain && gaps == tried, gaps > 0, at);
        verdict.overlap.meet(certain && overlaps == tried, overlaps > 0, at);
    }

    /// The next combination of these variables; after the last one the first again.
    fn next(&self, places: &[usize], at: &mut [usize]) -> bool {
        for place in places {
            at[*place] += 1;
            if at[*place] < self.classes[*place].len() {
                return true;
            }
            at[*place] = 0;
        }
        false
    }

    fn one(&self, at: &[usize], verdict: &mut Verdict) -> Outcome {
        let truths: Vec<Truth> = self.rules.iter().map(|rule| self.truth(rule, at)).collect();
        let holding: Vec<usize> = (0..truths.len()).filter(|rule| truths[*rule] == Truth::Yes).collect();
        let fails = truths.iter().position(|truth| *truth == Truth::Fails);
        let first = holding.first().copied();
        match (self.order, first) {
            // Where one cannot be judged, nothing is decided.
            (Order::First, Some(first)) if fails.is_some_and(|failed| failed < first) => Outcome::Stopped,
            (Order::First, None) | (Order::Unique | Order::Collect, _) if fails.is_some() => Outcome::Stopped,
            (_, None) => Outcome::Nothing,
            (Order::First | Order::Lenient, Some(first)) => {
                verdict.reached[first] = true;
                for rule in &holding[1..] {
                    verdict.taken_by[*rule].insert(first);
                }
                Outcome::Decided
            }
            (Order::Unique, Some(first)) => {
                for rule in &holding {
                    verdict.reached[*rule] = true;
                }
                let Some(second) = holding.get(1) else { return Outcome::Decided };
                verdict.both.get_or_insert((first, *second));
                Outcome::Several
            }
            (Order::Collect, Some(_)) => {
                for rule in &holding {
                    verdict.reached[*rule] = true;
                }
                Outcome::Decided
            }
        }
    }

    /// As the evaluator judges: the side of `&&` and `||` that decides is enough, even when the other one fails.
    pub fn truth(&self, logic: &Logic, at: &[usize]) -> Truth {
        match logic {
            Logic::Always(holds) => of(*holds),
            Logic::Not(inner) => match self.truth(inner, at) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Fails => Truth::Fails,
            },
            Logic::All(parts) => self.joined(parts, Truth::No, at),
            Logic::Any(parts) => self.joined(parts, Truth::Yes, at),
            Logic::If(parts) => {
                let [condition, yes, no] = &**parts;
                match self.truth(condition, at) {
                    Truth::Yes => self.truth(yes, at),
                    Truth::No => self.truth(no, at),
                    Truth::Fails => Truth::Fails,
                }
            }
            Logic::Has(place) => of(!matches!(self.sample(*place, at), Some(Sample::Absent | Sample::Null))),
            Logic::IsNull(place) => match self.sample(*place, at) {
                Some(Sample::Absent) | None => Truth::Fails,
                Some(sample) => of(*sample == Sample::Null),
            },
            Logic::Test(place, relation, constant) => tested(self.sample(*place, at), *relation, constant),
        }
    }

    /// Without classes nothing ever comes.
    fn sample(&self, place: usize, at: &[usize]) -> Option<&Sample> {
        self.classes[place].get(at[place]).map(|class| &class.sample)
    }

    fn joined(&self, parts: &[Logic], decides: Truth, at: &[usize]) -> Truth {
        let mut all = if decides == Truth::No { Truth::Yes } else { Truth::No };
        for part in parts {
            match self.truth(part, at) {
                truth if truth == decides => return decides,
                Truth::Fails => all = Truth::Fails,
                _ => {}
            }
        }
        all
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Decided,
    Nothing,
    Several,
    Stopped,
}

fn of(holds: bool) -> Truth {
    if holds { Truth::Yes } else { Truth::No }
}

fn tested(sample: Option<&Sample>, relation: Relation, constant: &Constant) -> Truth {
    match sample {
        Some(Sample::Known(value)) => {
            let order = value.cmp(constant);
            of(match relation {
                Relation::Is => order == Ordering::Equal,
                Relation::Less => order == Ordering::Less,
                Relation::AtMost => order != Ordering::Greater,
                Relation::More => order == Ordering::Greater,
                Relation::AtLeast => order != Ordering::Less,
            })
        }
        Some(Sample::OtherText | Sample::Present | Sample::Null | Sample::Foreign) if relation == Relation::Is => {
            Truth::No
        }
        _ => Truth::Fails,
    }
}
