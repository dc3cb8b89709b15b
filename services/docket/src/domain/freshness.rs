//! How far the index lags behind, and when people are told.

use std::time::Duration;

use kernel::Time;

/// Above this, a list says that it may not be complete.
const TOLD_ABOVE: Duration = Duration::from_secs(10);

/// When the index last knew that it had everything its producer had committed.
#[derive(Clone, Copy)]
pub struct Freshness {
    pub complete_at: Time,
}

impl Freshness {
    pub fn lag(self, now: Time) -> Duration {
        now.since(self.complete_at)
    }

    pub fn is_stale(self, now: Time) -> bool {
        self.lag(now) > TOLD_ABOVE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_that_it_may_be_old_only_when_it_may_be() {
        let complete = Freshness { complete_at: Time::from_seconds(100) };
        assert!(!complete.is_stale(Time::from_seconds(110)));
        assert!(complete.is_stale(Time::from_seconds(111)));
    }
}
