//! Days as officers type them, in Uzbekistan's civil time, which is UTC+5 all year.

use std::time::Duration;

use kernel::Time;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The first moment of a day, written year-month-day.
pub fn begins(day: &str) -> Option<Time> {
    if day.len() != 10 {
        return None;
    }
    format!("{day}T00:00:00+05:00").parse().ok()
}

/// The first moment after a day.
pub fn ends(day: &str) -> Option<Time> {
    begins(day).map(|begin| begin.plus(DAY))
}

/// A minute, written year-month-dayThour:minute.
pub fn moment(minute: &str) -> Option<Time> {
    if minute.len() != 16 {
        return None;
    }
    format!("{minute}:00+05:00").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole_and_begins_at_midnight_in_tashkent() {
        let at = |text: &str| text.parse::<Time>().ok();
        assert_eq!(begins("2026-11-24"), at("2026-11-23T19:00:00Z"));
        assert_eq!(ends("2026-12-31"), at("2026-12-31T19:00:00Z"));
        for wrong in ["", "2026-02-30", "24.11.2026", "2026-11-2", "2026-11-24T", "+2026-11-2"] {
            assert_eq!((begins(wrong), ends(wrong)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn a_minute_is_one_in_tashkent() {
        assert_eq!(moment("2026-11-24T09:30"), "2026-11-24T04:30:00Z".parse().ok());
        for wrong in
            ["", "2026-11-24", "2026-11-24T25:00", "2026-02-30T09:30", "2026-11-24T9:30", "2026-11-24T09:30:00"]
        {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
