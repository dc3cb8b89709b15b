//! Services that come to a shared host together are brought together: whenever it gets another service, its pods are replaced.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::Time;

/// As long nobody else must have come.
const QUIET: Duration = Duration::from_millis(500);
/// Nobody waits longer, however many come.
const AT_MOST: Duration = Duration::from_secs(10);

/// Services that the host did not run when they came, by namespace and name.
#[derive(Default)]
pub struct Joining {
    came: Mutex<HashMap<String, BTreeMap<String, Came>>>,
}

struct Came {
    at: Time,
    /// It waits, and looks for all who do.
    leads: bool,
}

/// Around a service that comes.
pub struct Around<'a> {
    /// Who is in the host already.
    pub there: &'a HashSet<String>,
    /// Whose turn it is: they may come, too.
    pub turns: &'a [String],
}

impl Joining {
    fn came(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<String, Came>>> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the service waits for those that come with it. One that comes alone does not.
    pub fn waits(&self, namespace: &str, name: &str, around: &Around<'_>, now: Time) -> bool {
        let mut came = self.came();
        let here = came.entry(namespace.to_owned()).or_default();
        let at = here.get(name).map_or(now, |came| came.at);
        here.retain(|_, came| now.since(came.at) < AT_MOST);
        let others = || here.iter().filter(|(other, _)| *other != name);
        let just_came = others().any(|(_, came)| now.since(came.at) < QUIET);
        let may_come = around.turns.iter().any(|other| other != name && !here.contains_key(other));
        let waits = now.since(at) < AT_MOST && (just_came || may_come);
        let is_first = !others().any(|(other, came)| came.leads && !around.there.contains(other));
        here.insert(name.to_owned(), Came { at, leads: waits && is_first });
        waits
    }

    /// Whether its look is the one that finds out that nobody more comes.
    pub fn leads(&self, namespace: &str, name: &str) -> bool {
        self.came().get(namespace).and_then(|here| here.get(name)).is_some_and(|came| came.leads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: i64) -> Time {
        Time::from_micros(1_800_000_000_000_000 + milliseconds * 1000)
    }

    fn waits(joining: &Joining, name: &str, turns: &[&str], now: Time) -> bool {
        let turns: Vec<String> = turns.iter().map(|name| (*name).to_owned()).collect();
        joining.waits("justice", name, &Around { there: &HashSet::from(["first".to_owned()]), turns: &turns }, now)
    }

    #[test]
    fn one_that_comes_alone_waits_for_nobody() {
        let joining = Joining::default();
        assert!(!waits(&joining, "a", &[], at(0)));
        let nobody = Around { there: &HashSet::new(), turns: &[] };
        assert!(!joining.waits("health", "a", &nobody, at(1)), "another agency's");
        assert!(!waits(&joining, "a", &["a"], at(2)), "it looks again");
        assert!(!waits(&joining, "b", &[], at(600)));
    }

    #[test]
    fn those_that_come_together_wait_until_nobody_more_comes_and_one_of_them_looks() {
        let joining = Joining::default();
        waits(&joining, "first", &[], at(0));
        assert!(waits(&joining, "b", &[], at(100)));
        assert!(waits(&joining, "c", &[], at(500)));
        assert!(waits(&joining, "b", &[], at(900)));
        let leads = || ["b", "c"].map(|name| joining.leads("justice", name));
        assert_eq!(leads(), [true, false]);
        assert!(!waits(&joining, "b", &[], at(1000)));
        assert_eq!(leads(), [false, false]);
    }

    #[test]
    fn whose_turn_it_is_is_waited_for_until_they_have_come() {
        let joining = Joining::default();
        assert!(waits(&joining, "a", &["a", "b"], at(0)));
        assert!(waits(&joining, "a", &["a", "b"], at(1000)));
        assert!(!waits(&joining, "b", &["a", "b"], at(1600)), "all have come");
    }

    #[test]
    fn nobody_waits_for_ever() {
        let joining = Joining::default();
        for (number, moment) in (0..).zip((0..=10_000).step_by(100)) {
            let first = waits(&joining, "a", &[], at(moment));
            assert_eq!(first, (100..10_000).contains(&moment), "{moment}");
            waits(&joining, &format!("b{number}"), &[], at(moment));
        }
    }
}
