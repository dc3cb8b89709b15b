//! The hours in which nobody is woken by what can wait for the morning.

use kernel::{Failure, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Civil time in Uzbekistan is UTC+5 all year.
const TASHKENT_OFFSET_S: i64 = 5 * 3_600;
const DAY_S: i64 = 86_400;

/// From one full hour in Tashkent to another, over midnight or not. The same hour twice: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quiet {
    /// SMS and e-mail that are not urgent wait from this hour in Tashkent (0 to 23); the inbox has them at once.
    pub from_hour: u8,
    /// Until this hour (0 to 23). The same as `from_hour`: nothing waits.
    pub until_hour: u8,
}

impl Default for Quiet {
    fn default() -> Self {
        Self { from_hour: 22, until_hour: 8 }
    }
}

impl Quiet {
    pub fn check(self) -> Result<Self, Failure> {
        if self.from_hour < 24 && self.until_hour < 24 {
            return Ok(self);
        }
        Err(Failure::invalid("notification.quiet-hours", "Quiet hours begin and end at an hour from 0 to 23."))
    }

    /// When the quiet that there is now is over; `None`: there is none.
    pub fn ends(self, now: Time) -> Option<Time> {
        let local = now.seconds() + TASHKENT_OFFSET_S;
        let of_day = local.rem_euclid(DAY_S);
        let (from, until) = (i64::from(self.from_hour) * 3_600, i64::from(self.until_hour) * 3_600);
        let quiet = match from <= until {
            true => (from..until).contains(&of_day),
            false => of_day >= from || of_day < until,
        };
        let days = if of_day < until { 0 } else { 1 };
        quiet.then(|| Time::from_seconds(local - of_day + days * DAY_S + until - TASHKENT_OFFSET_S))
    }
}

/// The month in Tashkent, such as `2026-11`.
pub fn month(time: Time) -> String {
    let local = Time::from_seconds(time.seconds() + TASHKENT_OFFSET_S);
    local.to_string().chars().take(7).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn the_night_of_tashkent_is_quiet_to_the_second() {
        let night = Quiet::default();
        // 22:00 and 08:00 in Tashkent are 17:00 and 03:00 in Greenwich.
        let morning = at("2026-11-25T03:00:00Z");
        for (moment, ends) in [
            ("2026-11-24T16:59:59Z", None),
            ("2026-11-24T17:00:00Z", Some(morning)),
            ("2026-11-24T18:59:59Z", Some(morning)),
            ("2026-11-24T19:00:00Z", Some(morning)),
            ("2026-11-25T02:59:59.999999Z", Some(morning)),
            ("2026-11-25T03:00:00Z", None),
        ] {
            assert_eq!(night.ends(at(moment)), ends, "{moment}");
        }
    }

    #[test]
    fn quiet_within_a_day_and_none_at_all_can_be_wanted() {
        let noon = Quiet { from_hour: 13, until_hour: 14 };
        assert_eq!(noon.ends(at("2026-11-24T08:30:00Z")), Some(at("2026-11-24T09:00:00Z")));
        assert_eq!(noon.ends(at("2026-11-24T09:00:00Z")), None);
        let never = Quiet { from_hour: 8, until_hour: 8 };
        for hour in 0..24 {
            assert_eq!(never.ends(Time::from_seconds(hour * 3_600)), None);
        }
        assert_eq!(Quiet { from_hour: 24, until_hour: 8 }.check().unwrap_err().code, "notification.quiet-hours");
    }

    #[test]
    fn a_month_ends_at_midnight_in_tashkent() {
        assert_eq!(month(at("2026-11-30T18:59:59Z")), "2026-11");
        assert_eq!(month(at("2026-11-30T19:00:00Z")), "2026-12");
    }
}
