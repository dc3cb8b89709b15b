//! Services that come to a shared host together are brought together: whenever it gets another service, its pods are replaced.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kernel::Time;

/// As long nobody else must have come.
const QUIET: Duration = Duration::from_millis(500);
/// Nobody waits longer, however many come.
const AT_MOST: Duration = Duration::from_secs(10);

/// When a service came that the host does not run yet, by namespace and name.
#[derive(Default)]
pub struct Joining {
    came: Mutex<HashMap<String, BTreeMap<String, Time>>>,
}

impl Joining {
    /// Whether the service waits for those that come with it: those whose turn it is may come, too. One that comes alone does not.
    pub fn waits(&self, namespace: &str, name: &str, turns: &[String], now: Time) -> bool {
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let here = came.entry(namespace.to_owned()).or_default();
        let since = *here.entry(name.to_owned()).or_insert(now);
        here.retain(|_, came| now.since(*came) < AT_MOST);
        let just_came = |(other, came): (&String, &Time)| other != name && now.since(*came) < QUIET;
        let may_come = |other: &String| other != name && !here.contains_key(other);
        now.since(since) < AT_MOST && (here.iter().any(just_came) || turns.iter().any(may_come))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: i64) -> Time {
        Time::from_micros(1_800_000_000_000_000 + milliseconds * 1000)
    }

    #[test]
    fn one_that_comes_alone_waits_for_nobody() {
        let joining = Joining::default();
        assert!(!joining.waits("justice", "a", &[], at(0)));
        assert!(!joining.waits("health", "a", &[], at(1)), "another agency's");
        assert!(!joining.waits("justice", "a", &[], at(2)), "it looks again");
        assert!(!joining.waits("justice", "b", &[], at(600)));
    }

    #[test]
    fn those_that_come_together_wait_until_nobody_more_comes() {
        let joining = Joining::default();
        joining.waits("justice", "a", &[], at(0));
        assert!(joining.waits("justice", "b", &[], at(100)));
        assert!(joining.waits("justice", "c", &[], at(500)));
        assert!(joining.waits("justice", "b", &[], at(900)));
        assert!(!joining.waits("justice", "b", &[], at(1000)));
    }

    #[test]
    fn whose_turn_it_is_is_waited_for_until_they_have_come() {
        let joining = Joining::default();
        let turns = ["a", "b"].map(str::to_owned);
        assert!(joining.waits("justice", "a", &turns, at(0)));
        assert!(joining.waits("justice", "a", &turns, at(1000)));
        assert!(!joining.waits("justice", "b", &turns, at(1600)), "all have come");
    }

    #[test]
    fn nobody_waits_for_ever() {
        let joining = Joining::default();
        for (number, moment) in (0..).zip((0..=10_000).step_by(100)) {
            let first = joining.waits("justice", "a", &[], at(moment));
            assert_eq!(first, (100..10_000).contains(&moment), "{moment}");
            joining.waits("justice", &format!("b{number}"), &[], at(moment));
        }
    }
}
