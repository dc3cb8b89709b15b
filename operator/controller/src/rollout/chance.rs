//! How likely it is that two revisions that behave alike differ by as much as they do: upper bounds, one-sided.

/// How the time that a step takes scatters: the logarithm's standard deviation that is assumed. Two means that every sixth case
/// takes more than seven times the median; people and offices rarely scatter more.
const SPREAD: f64 = 2.0;
/// Standard error of a median over that of a mean, for a normal distribution.
const MEDIAN: f64 = 1.2533;

/// How often something happened among so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    pub hit: u64,
    pub of: u64,
}

impl Part {
    /// More cannot have happened than could.
    pub fn new(hit: u64, of: u64) -> Self {
        Self { hit: hit.min(of), of }
    }

    pub fn rate(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.hit as f64 / self.of as f64 }
    }
}

/// Fisher's exact test: the chance that of all hits at least so many fall to the new revision, when whoever meets which is drawn
/// by lot. Exact for any number, however small.
pub fn more_often(new: Part, old: Part) -> f64 {
    let (all, hits) = (new.of + old.of, new.hit + old.hit);
    if new.of == 0 || old.of == 0 || hits == 0 || hits == all {
        return 1.0;
    }
    let at = |hit: u64| {
        // Both revisions' counts come from one table: what the new one lacks, the old one has.
        choose(new.of, hit) + choose(old.of, hits - hit) - choose(all, hits)
    };
    let last = new.of.min(hits);
    let mut term = at(new.hit).exp();
    let mut sum = 0.0;
    for hit in new.hit..=last {
        sum += term;
        // Each next one by what it has more, instead of its factorials.
        let (left, others) = ((new.of - hit) as f64, (hits - hit) as f64);
        let spare = (old.of + hit + 1) as f64 - hits as f64;
        term *= left * others / ((hit + 1) as f64 * spare);
        if term <= sum * f64::EPSILON {
            break;
        }
    }
    sum.min(1.0)
}

/// A count and the median of so many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub count: u64,
    pub median_ms: u64,
}

/// The chance that the new median is so much longer: normal on the logarithm, bounded from above by Mills' ratio.
pub fn longer(new: Times, old: Times) -> f64 {
    if new.count == 0 || old.count == 0 || new.median_ms <= old.median_ms || old.median_ms == 0 {
        return 1.0;
    }
    let ratio = (new.median_ms as f64 / old.median_ms as f64).ln();
    let error = MEDIAN * SPREAD * (1.0 / new.count as f64 + 1.0 / old.count as f64).sqrt();
    let z = ratio / error;
    ((-z * z / 2.0).exp() / (z * (2.0 * std::f64::consts::PI).sqrt())).min(1.0)
}

/// Logarithm of the number of ways to take some of all.
fn choose(all: u64, some: u64) -> f64 {
    if some > all {
        return f64::NEG_INFINITY;
    }
    log_factorial(all) - log_factorial(some) - log_factorial(all - some)
}

/// Stirling's series, whose error is below 1e-10 from here on.
fn log_factorial(number: u64) -> f64 {
    const EXACT: u64 = 32;
    if number < EXACT {
        return (2..=number).map(|factor| (factor as f64).ln()).sum();
    }
    let x = number as f64;
    x * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI * x).ln() + 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} is not {expected}");
    }

    #[test]
    fn fishers_test_agrees_with_what_is_counted_by_hand() {
        // The lady tasting tea: all four of four.
        close(more_often(Part::new(4, 4), Part::new(0, 4)), 1.0 / 70.0);
        close(more_often(Part::new(3, 4), Part::new(1, 4)), 17.0 / 70.0);
        close(more_often(Part::new(0, 4), Part::new(4, 4)), 1.0);
        close(more_often(Part::new(1, 1), Part::new(0, 9)), 0.1);
    }

    #[test]
    fn large_counts_neither_overflow_nor_take_for_ever() {
        let same = more_often(Part::new(10_000, 50_000), Part::new(200_000, 1_000_000));
        assert!((0.45..0.55).contains(&same), "{same}");
        let doubled = more_often(Part::new(20_000, 50_000), Part::new(200_000, 1_000_000));
        assert!(doubled < 1e-300, "{doubled}");
    }

    #[test]
    fn nothing_is_proved_by_nothing() {
        for (new, old) in [((0, 0), (5, 9)), ((3, 3), (0, 0)), ((0, 9), (0, 9)), ((9, 9), (9, 9))] {
            close(more_often(Part::new(new.0, new.1), Part::new(old.0, old.1)), 1.0);
        }
        close(longer(Times { count: 9, median_ms: 1 }, Times { count: 9, median_ms: 0 }), 1.0);
    }

    #[test]
    fn a_longer_time_is_proved_by_many_cases_only() {
        let times = |count: u64, median_ms: u64| Times { count, median_ms };
        assert!(longer(times(20, 2_000), times(400, 1_000)) > 0.05, "twice as long in twenty cases is chance");
        assert!(longer(times(2_000, 2_000), times(2_000, 1_000)) < 1e-12);
        close(longer(times(2_000, 900), times(2_000, 1_000)), 1.0);
    }
}
