//! How many text messages one number gets at most, so that neither a defect nor a hostile definition floods anybody.

use std::time::Duration;

use kernel::{Failure, Time};

const HOUR: Duration = Duration::from_secs(3_600);
/// What is older counts for nothing.
pub const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Within any hour and any day, not only full ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub per_hour: u32,
    pub per_day: u32,
}

impl Limits {
    pub fn check(self) -> Result<Self, Failure> {
        if self.per_hour > 0 && self.per_day > 0 {
            return Ok(self);
        }
        Err(Failure::invalid(
            "notification.sms-limits",
            "A number gets at least one text message an hour and a day. Without any: leave the gateway out.",
        ))
    }

    /// When one more may be sent to a number, given what was sent to it within the last day, the newest first. `None`: now.
    pub fn free_at(self, sent: &[Time], now: Time) -> Option<Time> {
        let over = |most: u32, within: Duration| {
            let place = usize::try_from(most).unwrap_or(usize::MAX).checked_sub(1)?;
            sent.get(place).map(|oldest| oldest.plus(within)).filter(|free| *free > now)
        };
        over(self.per_hour, HOUR).max(over(self.per_day, DAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_waits_until_the_oldest_that_counts_is_out_of_its_window() {
        let limits = Limits { per_hour: 2, per_day: 3 };
        let minute = |minute: i64| Time::from_seconds(minute * 60);
        assert_eq!(limits.free_at(&[], minute(0)), None);
        assert_eq!(limits.free_at(&[minute(10)], minute(11)), None);
        assert_eq!(limits.free_at(&[minute(30), minute(10)], minute(40)), Some(minute(70)));
        assert_eq!(limits.free_at(&[minute(30), minute(10)], minute(70)), None, "a minute counts to its end");
        let day = 24 * 60;
        assert_eq!(limits.free_at(&[minute(200), minute(100), minute(10)], minute(300)), Some(minute(10 + day)));
        assert_eq!(limits.free_at(&[minute(200), minute(100), minute(10)], minute(10 + day)), None);
    }

    #[test]
    fn no_limit_at_all_is_no_limit_of_nothing() {
        for (per_hour, per_day) in [(0, 1), (1, 0)] {
            assert_eq!(Limits { per_hour, per_day }.check().unwrap_err().code, "notification.sms-limits");
        }
    }
}
