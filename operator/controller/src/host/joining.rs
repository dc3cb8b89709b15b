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
const AT_MOST: Duration = Duration::from_secs(5);

/// When a service came that the host does not run yet, by namespace and name.
#[derive(Default)]
pub struct Joining {
    came: Mutex<HashMap<String, BTreeMap<String, Time>>>,
}

impl Joining {
    /// Whether the service waits for those that come with it. One that comes alone does not.
    pub fn waits(&self, namespace: &str, name: &str, now: Time) -> bool {
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let here = came.entry(namespace.to_owned()).or_default();
        let since = *here.entry(name.to_owned()).or_insert(now);
        here.retain(|_, came| now.since(*came) < AT_MOST);
        let others = here.iter().filter(|(other, _)| *other != name);
        now.since(since) < AT_MOST && others.map(|(_, came)| now.since(*came)).any(|ago| ago < QUIET)
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
        assert!(!joining.waits("justice", "a", at(0)));
        assert!(!joining.waits("health", "a", at(1)), "another agency's");
        assert!(!joining.waits("justice", "a", at(2)), "it looks again");
        assert!(!joining.waits("justice", "b", at(600)));
    }

    #[test]
    fn those_that_come_together_wait_until_nobody_more_comes() {
        let joining = Joining::default();
        joining.waits("justice", "a", at(0));
        assert!(joining.waits("justice", "b", at(100)));
        assert!(joining.waits("justice", "c", at(500)));
        assert!(joining.waits("justice", "b", at(900)));
        assert!(!joining.waits("justice", "b", at(1000)));
    }

    #[test]
    fn nobody_waits_for_ever() {
        let joining = Joining::default();
        for (number, moment) in (0..).zip((0..10_000).step_by(100)) {
            let first = joining.waits("justice", "a", at(moment));
            assert_eq!(first, (100..5000).contains(&moment), "{moment}");
            joining.waits("justice", &format!("b{number}"), at(moment));
            if moment >= 5000 {
                break;
            }
        }
    }
}
