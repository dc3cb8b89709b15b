//! Token buckets with bounded memory: a flood slows its own sender and nobody else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::{Clock, Hash, Time};

/// `burst` at once, then one each `every`.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: u32,
    pub every: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Wait this long.
    Refused(Duration),
}

/// How many senders are remembered. Full: those whose bucket is full again are forgotten first.
const SENDERS_MAX: usize = 100_000;

/// Each key has a bucket, kept as the time at which it will be full again (GCRA).
pub struct Limiter {
    rate: Rate,
    clock: Arc<dyn Clock>,
    full_at: Mutex<HashMap<Hash, Time>>,
}

impl Limiter {
    pub fn new(rate: Rate, clock: Arc<dyn Clock>) -> Self {
        Self { rate, clock, full_at: Mutex::new(HashMap::new()) }
    }

    pub fn take(&self, key: &[&[u8]]) -> Verdict {
        let now = self.clock.now();
        let key = Hash::of_parts(key);
        let mut buckets = self.full_at.lock().expect("no holder of this lock panics");
        if buckets.len() >= SENDERS_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, full| *full > now);
            if buckets.len() >= SENDERS_MAX {
                // Everybody is flooding: newcomers wait rather than memory growing.
                return Verdict::Refused(self.rate.every);
            }
        }
        let full = buckets.get(&key).copied().unwrap_or(now).max(now);
        let next = full.plus(self.rate.every);
        let tolerance = self.rate.every * self.rate.burst;
        let excess = next.since(now).saturating_sub(tolerance);
        if !excess.is_zero() {
            return Verdict::Refused(excess);
        }
        buckets.insert(key, next);
        Verdict::Allowed
    }
}

#[cfg(test)]
mod tests {
    use kernel::ManualClock;

    use super::*;

    #[test]
    fn a_flood_is_refused_until_time_passes_and_others_are_not_touched() {
        let clock = Arc::new(ManualClock::at(Time::from_seconds(1_000)));
        let limiter = Limiter::new(Rate { burst: 3, every: Duration::from_secs(10) }, clock.clone());
        for _ in 0..3 {
            assert_eq!(limiter.take(&[b"a"]), Verdict::Allowed);
        }
        assert_eq!(limiter.take(&[b"a"]), Verdict::Refused(Duration::from_secs(10)));
        assert_eq!(limiter.take(&[b"b"]), Verdict::Allowed);
        clock.advance(Duration::from_secs(10));
        assert_eq!(limiter.take(&[b"a"]), Verdict::Allowed);
        assert!(matches!(limiter.take(&[b"a"]), Verdict::Refused(_)));
    }
}
