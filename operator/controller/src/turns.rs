//! Whose turn it is: what waits for a look and for how long, how often a look failed, and what is not ready and why.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use api::Kind;
use boot::metrics;
use kube::{
    Resource, ResourceExt,
    runtime::reflector::{Lookup, ObjectRef, Store},
};
use tokio::time::Instant;

/// How often what waits is counted.
pub const COUNT_EVERY: Duration = Duration::from_secs(15);
const AGAIN_FIRST: Duration = Duration::from_secs(1);
const AGAIN_MAX: Duration = Duration::from_secs(300);
/// Past as many failures in a row the pause is the longest.
const DOUBLED_MAX: u32 = 9;

/// Which resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    pub of: Kind,
    /// None where it belongs to the whole cluster.
    pub namespace: Option<String>,
    pub name: String,
}

impl Place {
    pub fn of_ref<K: Lookup>(of: Kind, found: &ObjectRef<K>) -> Self {
        Self { of, namespace: found.namespace.clone(), name: found.name.clone() }
    }
}

#[derive(Default)]
pub struct Turns {
    known: Mutex<HashMap<Place, Turn>>,
}

#[derive(Default)]
struct Turn {
    /// Its turn comes or came then; none while somebody looks at it, and where only a change brings the next look.
    due: Option<Instant>,
    /// Somebody looks at it since then.
    begun: Option<Instant>,
    /// In a row.
    failures: u32,
    /// Reason of `Ready`.
    not_ready: Option<String>,
}

/// What there is of one kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    waiting: u32,
    late: Duration,
    not_ready: BTreeMap<String, u32>,
}

impl Turns {
    fn known(&self) -> MutexGuard<'_, HashMap<Place, Turn>> {
        self.known.lock().expect("no holder of this lock panics")
    }

    fn at<T>(&self, place: &Place, change: impl FnOnce(&mut Turn) -> T) -> T {
        change(self.known().entry(place.clone()).or_default())
    }

    /// Somebody changed it, or what it depends on.
    pub fn comes(&self, place: &Place) {
        let now = Instant::now();
        self.at(place, |turn| turn.due = Some(turn.due.map_or(now, |due| due.min(now))));
    }

    /// Whatever is known of a kind.
    pub fn all_come<K: Resource + Clone>(&self, of: Kind, known: &Store<K>)
    where
        K::DynamicType: Eq + Hash + Clone,
    {
        for found in known.state() {
            self.comes(&Place { of, namespace: ResourceExt::namespace(&*found), name: found.name_any() });
        }
    }

    pub fn begins(&self, place: &Place) {
        self.at(place, |turn| (turn.due, turn.begun) = (None, Some(Instant::now())));
    }

    /// A change meanwhile keeps its place.
    pub fn ends(&self, place: &Place, again: Option<Duration>) {
        let again = again.map(|again| Instant::now() + again);
        self.at(place, |turn| (turn.due, turn.begun) = (turn.due.into_iter().chain(again).min(), None));
    }

    /// Of these, those that wait for their look or are being looked at.
    pub fn on(&self, of: Kind, namespace: &str, names: Vec<String>) -> Vec<String> {
        let (now, known) = (Instant::now(), self.known());
        let place = |name: &String| Place { of, namespace: Some(namespace.to_owned()), name: name.clone() };
        let is_on = |turn: &Turn| turn.begun.is_some() || turn.due.is_some_and(|due| due <= now);
        names.into_iter().filter(|name| known.get(&place(name)).is_some_and(is_on)).collect()
    }

    /// After which pause it is tried again: a longer one each time, so that one that loops leaves room for the others.
    pub fn fails(&self, place: &Place) -> Duration {
        let count = self.at(place, |turn| {
            turn.failures = turn.failures.saturating_add(1);
            turn.failures
        });
        (AGAIN_FIRST * 2_u32.pow(count.min(DOUBLED_MAX) - 1)).min(AGAIN_MAX)
    }

    pub fn succeeds(&self, place: &Place) {
        self.at(place, |turn| turn.failures = 0);
    }

    /// What its status says now.
    pub fn is(&self, place: &Place, not_ready: Option<&str>) {
        self.at(place, |turn| turn.not_ready = not_ready.map(str::to_owned));
    }

    /// Of what is there; the others are forgotten.
    fn count(&self, of: Kind, is_there: impl Fn(&Place) -> bool) -> Count {
        let now = Instant::now();
        let mut known = self.known();
        known.retain(|place, _| place.of != of || is_there(place));
        let mut count = Count::default();
        for (_, Turn { due, begun, failures: _, not_ready }) in known.iter().filter(|(place, _)| place.of == of) {
            let due = due.filter(|due| *due <= now);
            count.waiting += u32::from(due.is_some());
            // Also a look that does not end holds up others.
            let since = due.into_iter().chain(*begun).min();
            count.late = count.late.max(since.map_or(Duration::ZERO, |since| now - since));
            if let Some(reason) = not_ready {
                *count.not_ready.entry(reason.clone()).or_default() += 1;
            }
        }
        count
    }

    /// For `/metrics`.
    pub fn tell(&self, of: Kind, is_there: impl Fn(&Place) -> bool) {
        let Count { waiting, late, not_ready } = self.count(of, is_there);
        let kind = of.name();
        metrics::RECONCILE_WAITING.set(&[kind], waiting.into());
        metrics::RECONCILE_LATE.set(&[kind], late.as_secs_f64());
        let by_reason: Vec<_> = not_ready.iter().map(|(reason, count)| (reason.as_str(), f64::from(*count))).collect();
        metrics::NOT_READY.replace_under(kind, &by_reason);
    }

    /// Another copy leads: what waits is its work.
    pub fn leave(&self, of: Kind) {
        self.tell(of, |_| false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Place {
        Place { of: Kind::ServiceDefinition, namespace: Some("justice".into()), name: name.into() }
    }

    fn waits(turns: &Turns) -> (u32, u64) {
        let Count { waiting, late, not_ready: _ } = turns.count(Kind::ServiceDefinition, |_| true);
        (waiting, late.as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_changed_waits_until_somebody_looks_and_then_until_its_next_time() {
        let (turns, copy) = (Turns::default(), place("copy"));
        turns.comes(&copy);
        tokio::time::advance(Duration::from_secs(3)).await;
        turns.comes(&copy);
        assert_eq!(waits(&turns), (1, 3), "it is one turn, and it waits since the first change");
        turns.begins(&copy);
        assert_eq!(waits(&turns), (0, 0));
        turns.ends(&copy, Some(Duration::from_secs(600)));
        tokio::time::advance(Duration::from_secs(599)).await;
        assert_eq!(waits(&turns), (0, 0));
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(waits(&turns), (1, 2));
        turns.begins(&copy);
        turns.comes(&copy);
        turns.ends(&copy, Some(Duration::from_secs(600)));
        assert_eq!(waits(&turns).0, 1, "it was changed while somebody looked");
        turns.begins(&copy);
        tokio::time::advance(Duration::from_secs(400)).await;
        assert_eq!(waits(&turns), (0, 400), "a look that does not end");
    }

    #[test]
    fn each_failure_in_a_row_doubles_the_pause_up_to_some_minutes() {
        let (turns, copy) = (Turns::default(), place("copy"));
        let pauses: Vec<u64> = (0..11).map(|_| turns.fails(&copy).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256]);
        turns.succeeds(&copy);
        assert_eq!(turns.fails(&copy).as_secs(), 1);
    }

    #[test]
    fn what_is_not_ready_is_counted_by_its_reason_until_it_is_gone() {
        let turns = Turns::default();
        for (name, reason) in [("a", Some("NoAgency")), ("b", Some("NoAgency")), ("c", Some("Invalid")), ("d", None)] {
            turns.is(&place(name), reason);
        }
        turns.is(&Place { of: Kind::Agency, namespace: None, name: "justice".into() }, Some("NoSeal"));
        let counted = |of: Kind, gone: &str| -> Vec<(String, u32)> {
            turns.count(of, |place| place.name != gone).not_ready.into_iter().collect()
        };
        let services = |gone: &str| counted(Kind::ServiceDefinition, gone);
        assert_eq!(services(""), [("Invalid".to_owned(), 1), ("NoAgency".to_owned(), 2)]);
        assert_eq!(services("a"), [("Invalid".to_owned(), 1), ("NoAgency".to_owned(), 1)]);
        turns.is(&place("c"), None);
        assert_eq!(services(""), [("NoAgency".to_owned(), 1)]);
        turns.leave(Kind::ServiceDefinition);
        assert_eq!((services("").len(), counted(Kind::Agency, "").len()), (0, 1), "another kind is another watch");
    }
}
