//! Whether applications on the new revision fare worse than those on the old one, in the same time.
//!
//! Who meets which revision is drawn by lot, so two that behave alike differ by chance only. Each look may be wrong with a small
//! chance, and all looks of a rollout together with [`WRONG`] at most: the chance is shared among steps, looks and measures.

use super::{
    chance::{Part, Times, longer, more_often},
    load::Figures,
};

/// How often a rollout of a revision that behaves like the old one may be found bad by mistake.
const WRONG: f64 = 0.01;
/// Applications on the new revision before anything is looked at.
const FIRST_LOOK: u64 = 10;
/// Each look waits for half as many applications more.
const GROWTH: f64 = 1.5;
/// Cases in both before times are compared.
const TIMES_MIN: u64 = 20;
/// What is worse by less than a fifth, or by less than one of a hundred, is no reason to return.
const WORSE_RATIO: f64 = 1.2;
const WORSE_BY: f64 = 0.01;
/// A step is slower from twice the time on.
const SLOWER: u64 = 2;

/// Which look at a step this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// While cases are still missing: the number of such looks before.
    Early(u32),
    /// Before the step is left.
    Last,
}

/// The look that this many applications give; none when too few.
pub fn early(begun: u64) -> Option<Look> {
    let more = (begun >= FIRST_LOOK).then(|| (begun as f64 / FIRST_LOOK as f64).log(GROWTH))?;
    // A number of looks: small, and not negative.
    Some(Look::Early(more.floor() as u32))
}

impl Look {
    /// The chance of a mistake that this look may take, at one of so many steps.
    fn chance(self, steps: usize) -> f64 {
        let step = WRONG / 2.0 / steps.max(1) as f64;
        match self {
            // 1/2 + 1/6 + 1/12 + … is one, however many looks there are.
            Self::Early(number) => step / f64::from(number + 1) / f64::from(number + 2),
            Self::Last => step,
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Everything: the revision changed how things look, not what is decided.
    Presentation,
    /// What failed. How many people finish and how long it takes may be what the new law is about.
    Law,
}

/// What is worse, in words with its numbers; empty when nothing is.
pub fn worse(of: Of, new: &Figures, old: &Figures, look: Look, steps: usize) -> Vec<String> {
    let mut measures = shares(of, new, old);
    let times = if of == Of::Presentation { times(new, old) } else { Vec::new() };
    let chance = look.chance(steps) / (measures.len() + times.len()).max(1) as f64;
    measures.retain(|measure| is_worse(measure, chance));
    let slower = times
        .into_iter()
        .filter(|(_, new, old)| new.median_ms >= old.median_ms.saturating_mul(SLOWER) && longer(*new, *old) < chance);
    let mut found: Vec<String> = measures.into_iter().map(|measure| measure.words()).collect();
    found.extend(slower.map(|(step, new, old)| {
        format!("the step `{step}` takes {} instead of {}", words(new.median_ms), words(old.median_ms))
    }));
    found
}

struct Measure {
    what: String,
    new: Part,
    old: Part,
}

impl Measure {
    fn words(&self) -> String {
        let Part { hit, of } = self.new;
        format!("{}: {hit} of {of}, before {} of {}", self.what, self.old.hit, self.old.of)
    }
}

fn is_worse(measure: &Measure, chance: f64) -> bool {
    let (new, old) = (measure.new.rate(), measure.old.rate());
    new >= old * WORSE_RATIO && new >= old + WORSE_BY && more_often(measure.new, measure.old) < chance
}

/// Whatever both have, so that a page that only one of them has says nothing.
fn shares(of: Of, new: &Figures, old: &Figures) -> Vec<Measure> {
    let measure = |what: String, part: &dyn Fn(&Figures) -> Part| Measure { what, new: part(new), old: part(old) };
    let mut all = vec![
        measure("failed expressions".into(), &|figures| Part::new(figures.failed_expressions, figures.begun)),
        measure("failed calls".into(), &|figures| Part::new(figures.failed_calls, figures.begun)),
    ];
    if of == Of::Presentation {
        let lost = |figures: &Figures| Part::new(figures.begun.saturating_sub(figures.submitted), figures.begun);
        all.push(measure("applications that were not submitted".into(), &lost));
        for page in new.pages.keys().filter(|page| old.pages.contains_key(*page)) {
            let lost = |figures: &Figures| {
                let (reached, answered) = figures.pages.get(page).copied().unwrap_or_default();
                Part::new(reached.saturating_sub(answered), reached)
            };
            all.push(measure(format!("people who left at the page `{page}`"), &lost));
        }
    }
    all.retain(|measure| measure.new.of > 0 && measure.old.of > 0);
    all
}

fn times<'a>(new: &'a Figures, old: &Figures) -> Vec<(&'a str, Times, Times)> {
    let both = new.steps.iter().filter_map(|(step, (left, median_ms))| {
        let (old_left, old_median_ms) = old.steps.get(step)?;
        let new = Times { count: *left, median_ms: *median_ms };
        let old = Times { count: *old_left, median_ms: *old_median_ms };
        (new.count.min(old.count) >= TIMES_MIN).then_some((step.as_str(), new, old))
    });
    both.collect()
}

/// A time as people say it.
fn words(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
