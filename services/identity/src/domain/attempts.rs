//! Slows guessing down by account and by network without locking the owner out.

use std::time::Duration;

use kernel::Time;

/// Failures counted under one key (an account, a network, or the two together).
#[derive(Debug, Clone, Copy, Default)]
pub struct Record {
    pub failures: i64,
    pub last: Time,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct History {
    /// This account from this network.
    pub pair: Record,
    pub network: Record,
    pub account: Record,
    /// A second factor's failures, remembered for a day; none for a password.
    pub day: Record,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try, after a pause.
    Go { pause: Duration },
    /// Not now; the same answer for known and unknown accounts.
    Wait(Duration),
}

const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
const PAIR_FREE: i64 = 5;
const PAIR_WAIT_MAX_S: u64 = 15 * 60;
const NETWORK_FREE: i64 = 50;
const NETWORK_WAIT_MAX_S: u64 = 60;
const ACCOUNT_FREE: i64 = 10;
const ACCOUNT_PAUSE: Duration = Duration::from_secs(3);
/// Six digits, three of them right at any moment: twenty tries a day hit with 1 in 17,000. Beyond them each costs twice
/// the wait of the one before, up to an hour: about fifty-five tries a day for somebody who knows the password.
const DAY_FREE: i64 = 20;
const DAY_WAIT_MAX_S: u64 = 60 * 60;
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Only the pair and the network are ever told to wait: whoever attacks an account from elsewhere
/// makes its owner's attempts slower by a pause, never impossible.
pub fn judge(history: &History, now: Time) -> Verdict {
    let pair = backoff(&history.pair, history.pair.current(now) - PAIR_FREE, PAIR_WAIT_MAX_S, now);
    let beyond = history.network.current(now) - NETWORK_FREE;
    let network = backoff(&history.network, beyond.div_euclid(10), NETWORK_WAIT_MAX_S, now);
    let day = backoff(&history.day, history.day.within(DAY, now) - DAY_FREE, DAY_WAIT_MAX_S, now);
    let wait = pair.max(network).max(day);
    if !wait.is_zero() {
        return Verdict::Wait(wait);
    }
    let attacked = history.account.current(now) >= ACCOUNT_FREE;
    let pause = if attacked { ACCOUNT_PAUSE } else { Duration::ZERO };
    Verdict::Go { pause }
}

impl Record {
    pub fn current(&self, now: Time) -> i64 {
        self.within(FORGOTTEN_AFTER, now)
    }

    /// Failures, unless the last of them is longer ago than this.
    pub fn within(&self, memory: Duration, now: Time) -> i64 {
        if now.since(self.last) >= memory { 0 } else { self.failures }
    }
}

/// Doubles with every step beyond the free ones; below them there is no wait.
fn backoff(record: &Record, steps: i64, max_s: u64, now: Time) -> Duration {
    if steps < 0 {
        return Duration::ZERO;
    }
    let doublings = u32::try_from(steps).unwrap_or(u32::MAX).min(20);
    let wait = Duration::from_secs((1_u64 << doublings).min(max_s));
    record.last.plus(wait).since(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_000_000);

    fn failed(failures: i64) -> Record {
        Record { failures, last: NOW }
    }

    #[test]
    fn the_owner_of_an_attacked_account_still_gets_in_from_elsewhere() {
        let history = History { account: failed(100_000), ..History::default() };
        assert_eq!(judge(&history, NOW), Verdict::Go { pause: ACCOUNT_PAUSE });
    }

    #[test]
    fn the_guesser_waits_twice_as_long_each_time() {
        let wait = |failures| {
            let history = History { pair: failed(failures), ..History::default() };
            judge(&history, NOW)
        };
        assert_eq!(wait(4), Verdict::Go { pause: Duration::ZERO });
        assert_eq!(wait(5), Verdict::Wait(Duration::from_secs(1)));
        assert_eq!(wait(8), Verdict::Wait(Duration::from_secs(8)));
        assert_eq!(wait(500), Verdict::Wait(Duration::from_secs(900)));
    }

    #[test]
    fn a_second_factor_is_tried_fifty_five_times_a_day_at_most_and_never_closed() {
        let (mut day, mut now, mut tries) = (Record::default(), NOW, 0);
        let end = NOW.plus(DAY);
        while now < end && tries < 1_000 {
            match judge(&History { day, ..History::default() }, now) {
                Verdict::Go { .. } => (tries, day) = (tries + 1, Record { failures: day.failures + 1, last: now }),
                Verdict::Wait(wait) => {
                    assert!(wait <= Duration::from_secs(3600), "nobody waits longer than an hour");
                    now = now.plus(wait);
                }
            }
        }
        assert!((40..=56).contains(&tries), "{tries}");
        assert_eq!(
            judge(&History { day, ..History::default() }, day.last.plus(DAY)),
            Verdict::Go { pause: Duration::ZERO }
        );
    }

    #[test]
    fn one_network_cannot_try_many_accounts() {
        let history = History { network: failed(90), ..History::default() };
        assert_eq!(judge(&history, NOW), Verdict::Wait(Duration::from_secs(16)));
        let later = NOW.plus(Duration::from_secs(16));
        assert_eq!(judge(&history, later), Verdict::Go { pause: Duration::ZERO });
    }
}
