//! Which look-ups of a week an auditor should ask about, and which week is over: by the civil calendar, Monday to Sunday.

use std::time::Duration;

use kernel::Time;

/// Uzbekistan keeps UTC+5 all year.
const TASHKENT: i64 = 5 * 3600;
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// 1970-01-01 was a Thursday, the third day after a Monday.
const THURSDAY: i64 = 3;

/// Officers' openings and searches from outside their own queue: at least so many, and more than so many times their usual number.
pub const OUTSIDE_MIN: i64 = 10;
/// So many searches: one finds or misses somebody, and each is quicker than an opening.
pub const SEARCHED_MIN: i64 = 20;
pub const OUTSIDE_TIMES: i64 = 3;
/// The weeks before that say what is usual.
pub const USUAL_WEEKS: i64 = 4;
/// One person's cases, opened by so many officers of as many offices.
pub const SHARED_MIN: i64 = 3;
/// One officer's openings at night.
pub const NIGHT_MIN: i64 = 3;
pub const NIGHT_BEGINS: i64 = 22 * 3600;
pub const NIGHT_ENDS: i64 = 6 * 3600;

/// How long after its end a week waits for chains that cannot be read.
pub const PATIENCE: Duration = Duration::from_secs(86_400);

/// One week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Week(pub Time);

impl Week {
    /// The week of a moment.
    pub fn of(time: Time) -> Self {
        let local = time.seconds() + TASHKENT;
        let day = local.div_euclid(DAY);
        let monday = day - (day + THURSDAY).rem_euclid(7);
        Self(Time::from_seconds(monday * DAY - TASHKENT))
    }

    /// So many weeks before.
    pub fn before(self, weeks: i64) -> Self {
        Self(Time::from_seconds(self.0.seconds() - weeks * WEEK))
    }

    pub fn begin(self) -> Time {
        self.0
    }

    /// Exclusive.
    pub fn end(self) -> Time {
        self.before(-1).0
    }
}

/// Microseconds by which a moment is shifted so that whole days begin at midnight in Tashkent.
pub const fn shift() -> i64 {
    TASHKENT * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(at: &str) -> String {
        Week::of(at.parse().unwrap()).begin().to_string()
    }

    #[test]
    fn a_week_begins_on_monday_at_midnight_in_tashkent() {
        // Monday 2026-11-30 begins at 19:00 of Sunday in Greenwich.
        assert_eq!(week("2026-11-29T18:59:59Z"), "2026-11-22T19:00:00Z");
        assert_eq!(week("2026-11-29T19:00:00Z"), "2026-11-29T19:00:00Z");
        assert_eq!(week("2026-12-06T18:59:59Z"), "2026-11-29T19:00:00Z");
        let one = Week::of("2026-12-01T00:00:00Z".parse().unwrap());
        assert_eq!(one.end(), Week::of("2026-12-08T00:00:00Z".parse().unwrap()).begin());
        assert_eq!(one.before(2).before(-2), one);
    }
}
