//! Days in Tashkent: which ones are worked, and when a deadline in days or working days ends.

mod holidays;

use std::collections::BTreeSet;

use api::{Span, Unit};
use jiff::{
    ToSpan,
    civil::{Date, Time as CivilTime, Weekday},
    tz::{Offset, TimeZone},
};
use kernel::Time;

pub use holidays::{Holiday, standard_holidays};

/// Uzbekistan keeps UTC+5 all year since 1992; a fixed offset needs no time-zone files.
const TASHKENT: Offset = jiff::tz::offset(5);

/// The longest walk over days a deadline may take: ten years.
const DAYS_MAX: u32 = 3_660;

/// The year 9999: what lies beyond has no civil date and means "never".
const NEVER: Time = Time::from_micros(253_370_764_800_000_000);

pub fn civil_date(at: Time) -> Date {
    let bounded = at.clamp(Time::from_micros(-NEVER.micros()), NEVER);
    TASHKENT.to_datetime(bounded.to_jiff()).date()
}

/// The first moment of a day in Tashkent.
pub fn start_of_day(day: Date) -> Time {
    at_time(day, CivilTime::midnight())
}

/// The last second of a day in Tashkent: what people read as "until this day".
pub fn end_of_day(day: Date) -> Time {
    at_time(day, CivilTime::constant(23, 59, 59, 0))
}

fn at_time(day: Date, time: CivilTime) -> Time {
    let zoned = day.to_datetime(time).to_zoned(TimeZone::fixed(TASHKENT));
    zoned.map_or(NEVER, |zoned| Time::from_jiff(zoned.timestamp()))
}

/// `31.01.2026`, as days are written in the country, of an ISO 8601 day; nothing of any other text.
pub fn written_day(iso: &str) -> Option<String> {
    Some(iso).filter(|iso| iso.len() == 10)?.parse().ok().map(numerals)
}

pub fn numerals(day: Date) -> String {
    format!("{:02}.{:02}.{}", day.day(), day.month(), day.year())
}

/// Whole years between two days, as ages are counted: who was born on 29 February is a year older on 1 March where the year has
/// no such day.
pub fn whole_years(from: Date, to: Date) -> Option<i64> {
    from.until((jiff::Unit::Year, to)).ok().map(|span| i64::from(span.get_years()))
}

/// The first day on which so many whole years have passed.
pub fn anniversary(from: Date, years: i64) -> Option<Date> {
    let day = from.checked_add(years.years()).ok()?;
    if day.day() < from.day() { day.tomorrow().ok() } else { Some(day) }
}

/// Worked days: Monday to Friday without public holidays, and the days a decree moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    free: BTreeSet<Date>,
    worked: BTreeSet<Date>,
    first_year: i16,
    last_year: i16,
}

impl Calendar {
    /// Uzbekistan's public holidays for the years this binary has dates for.
    pub fn standard() -> Self {
        Self::with(standard_holidays(), &[], &[])
    }

    /// `free` and `worked` are the days that a decree added or moved.
    pub fn with(holidays: Vec<Holiday>, free: &[Date], worked: &[Date]) -> Self {
        let years = holidays.iter().map(|holiday| holiday.day.year());
        let (first_year, last_year) = (years.clone().min().unwrap_or(0), years.max().unwrap_or(0));
        let mut calendar = Self {
            free: holidays.iter().map(|holiday| holiday.day).collect(),
            worked: worked.iter().copied().collect(),
            first_year,
            last_year,
        };
        calendar.carry_weekends_over(&holidays);
        calendar.free.extend(free);
        calendar
    }

    /// A day off that coincides with a public holiday moves to the next worked day (Labour Code).
    fn carry_weekends_over(&mut self, holidays: &[Holiday]) {
        let mut days: Vec<Date> = holidays.iter().map(|holiday| holiday.day).collect();
        days.sort_unstable();
        days.dedup();
        for day in days.into_iter().filter(|day| is_weekend(*day)) {
            if let Some(next) = self.next_worked_day(day) {
                self.free.insert(next);
            }
        }
    }

    pub fn is_worked(&self, day: Date) -> bool {
        self.worked.contains(&day) || (!is_weekend(day) && !self.free.contains(&day))
    }

    /// Whether holidays that follow the moon are listed for this year; outside, only the rule's fixed weekends count.
    pub fn knows(&self, year: i16) -> bool {
        (self.first_year..=self.last_year).contains(&year)
    }

    fn next_worked_day(&self, after: Date) -> Option<Date> {
        let mut day = after;
        for _ in 0..DAYS_MAX {
            day = day.tomorrow().ok()?;
            if self.is_worked(day) {
                return Some(day);
            }
        }
        None
    }

    /// When a span that begins at `from` is over. Spans in working days, months and years end with the last second of their
    /// last day; the day of the beginning is not counted. Days and shorter spans are exact.
    pub fn deadline(&self, from: Time, span: Span) -> Time {
        if let Some(seconds) = span.seconds() {
            return from.plus(std::time::Duration::from_secs(seconds));
        }
        let (first, amount) = (civil_date(from), span.amount);
        let last = match span.unit {
            Unit::WorkingDays => self.add_working_days(first, amount),
            Unit::Years => first.checked_add(i64::from(amount.min(9_000)).years()).ok(),
            _ => first.checked_add(i64::from(amount.min(9_000)).months()).ok(),
        };
        last.map_or(NEVER, end_of_day)
    }

    /// Worked days after the day of `from`, up to the day of `to`: a deadline of so many working days would have been kept.
    pub fn working_days(&self, from: Time, to: Time) -> u32 {
        let (mut day, last) = (civil_date(from), civil_date(to));
        let mut worked = 0;
        for _ in 0..DAYS_MAX {
            let Some(next) = day.tomorrow().ok().filter(|next| *next <= last) else { break };
            day = next;
            worked += u32::from(self.is_worked(day));
        }
        worked
    }

    /// When a deadline is over whose time stood still from `stopped` until `resumed`. As many worked days are left then as were left
    /// before; where none was, the rest of a worked day. Months and years move by the days that it stood still, the others by the
    /// very time.
    pub fn resumed(&self, due: Time, unit: Unit, stopped: Time, resumed: Time) -> Time {
        let (from, to) = (civil_date(stopped), civil_date(resumed));
        match unit {
            Unit::WorkingDays => {
                let last = match self.worked_days(from, civil_date(due)) {
                    0 if !self.is_worked(to) => self.next_worked_day(to),
                    left => self.add_working_days(to, left),
                };
                last.map_or(NEVER, end_of_day)
            }
            Unit::Months | Unit::Years => due.plus(start_of_day(to).since(start_of_day(from))),
            _ => due.plus(resumed.since(stopped)),
        }
    }

    /// How many worked days come after a day, up to another one.
    fn worked_days(&self, after: Date, last: Date) -> u32 {
        let mut day = after;
        let mut count = 0;
        for _ in 0..DAYS_MAX {
            let Some(next) = day.tomorrow().ok().filter(|next| *next <= last) else { break };
            day = next;
            count += u32::from(self.is_worked(day));
        }
        count
    }

    fn add_working_days(&self, from: Date, days: u32) -> Option<Date> {
        let mut day = from;
        for _ in 0..days.min(DAYS_MAX) {
            day = self.next_worked_day(day)?;
        }
        Some(day)
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn due(from: Date, span: &str) -> Date {
        civil_date(Calendar::standard().deadline(start_of_day(from), span.parse().unwrap()))
    }

    #[test]
    fn two_working_days_from_a_friday_end_on_tuesday() {
        assert_eq!(due(date(2026, 11, 20), "2 working days"), date(2026, 11, 24));
    }

    #[test]
    fn a_span_took_as_many_working_days_as_the_deadline_that_it_would_have_kept() {
        let took = |from: Date, to: Date| Calendar::standard().working_days(start_of_day(from), start_of_day(to));
        assert_eq!(took(date(2026, 11, 20), date(2026, 11, 24)), 2, "over a weekend");
        assert_eq!(took(date(2026, 12, 7), date(2026, 12, 9)), 1, "over a holiday");
        assert_eq!(took(date(2026, 11, 20), date(2026, 11, 20)), 0);
        assert_eq!(took(date(2026, 11, 20), date(2026, 11, 19)), 0);
        assert!(took(date(2000, 1, 1), date(2400, 1, 1)) < DAYS_MAX, "bounded");
    }

    #[test]
    fn a_public_holiday_does_not_count() {
        // Constitution Day, 8 December 2026, is a Tuesday.
        assert_eq!(due(date(2026, 12, 7), "1 working day"), date(2026, 12, 9));
    }

    #[test]
    fn a_holiday_on_a_sunday_takes_the_monday() {
        // 8 March 2026 is a Sunday.
        assert_eq!(due(date(2026, 3, 6), "1 working day"), date(2026, 3, 10));
    }

    #[test]
    fn a_deadline_ends_with_its_day_in_tashkent() {
        let from: Time = "2026-11-23T20:30:00Z".parse().unwrap();
        assert_eq!(civil_date(from), date(2026, 11, 24));
        let due = Calendar::standard().deadline(from, "1 working day".parse().unwrap());
        assert_eq!(due.to_string(), "2026-11-25T18:59:59Z");
    }

    #[test]
    fn months_and_years_end_on_the_same_day_of_the_calendar() {
        assert_eq!(due(date(2026, 1, 31), "1 month"), date(2026, 2, 28));
        assert_eq!(due(date(2026, 11, 24), "5 years"), date(2031, 11, 24));
    }

    #[test]
    fn an_age_is_reached_on_its_anniversary_and_not_a_day_before() {
        for born in [date(2008, 2, 29), date(2008, 12, 1), date(2006, 2, 28)] {
            for years in [1, 4, 18] {
                let reached = anniversary(born, years).unwrap();
                assert_eq!(whole_years(born, reached), Some(years), "{born} {reached}");
                assert_eq!(whole_years(born, reached.yesterday().unwrap()), Some(years - 1), "{born} {reached}");
            }
        }
        assert_eq!(anniversary(date(2008, 2, 29), 18), Some(date(2026, 3, 1)));
    }

    #[test]
    fn time_that_stands_still_is_not_counted() {
        let calendar = Calendar::standard();
        let moved = |due: Date, unit: Unit, stopped: Date, resumed: Date| {
            let at = |day: Date| start_of_day(day).plus(std::time::Duration::from_secs(36_000));
            civil_date(calendar.resumed(end_of_day(due), unit, at(stopped), at(resumed)))
        };
        let working = Unit::WorkingDays;
        // Asked on Tuesday with two days left.
        let (tuesday, thursday) = (date(2026, 11, 24), date(2026, 11, 26));
        assert_eq!(moved(thursday, working, tuesday, tuesday), thursday, "answered on the same day");
        assert_eq!(moved(thursday, working, tuesday, date(2026, 11, 25)), date(2026, 11, 27), "on the next");
        assert_eq!(moved(thursday, working, tuesday, date(2026, 11, 27)), date(2026, 12, 1), "over a weekend");
        assert_eq!(moved(thursday, working, tuesday, date(2026, 11, 28)), date(2026, 12, 1), "on a Saturday");
        assert_eq!(moved(tuesday, working, tuesday, date(2026, 11, 29)), date(2026, 11, 30), "none was left");
        assert_eq!(moved(thursday, Unit::Months, tuesday, date(2026, 11, 27)), date(2026, 11, 29));
        let exact = calendar.resumed(end_of_day(thursday), Unit::Hours, start_of_day(tuesday), start_of_day(thursday));
        assert_eq!(exact, end_of_day(date(2026, 11, 28)));
    }

    #[test]
    fn an_absurd_span_is_far_away_and_not_a_panic() {
        let far =
            Calendar::standard().deadline(Time::from_micros(i64::MAX), Span { amount: u32::MAX, unit: Unit::Years });
        assert_eq!(far, NEVER);
        Calendar::standard().deadline(Time::default(), Span { amount: u32::MAX, unit: Unit::WorkingDays });
    }
}
