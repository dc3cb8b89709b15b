//! When which certificate serves: a new one serves only after everybody believes it, an old one is believed until nobody
//! serves it.

use std::time::Duration;

use kernel::{Failure, Time};

use super::{kept::Kept, made::Pair};
use crate::certificate::{self, bears};

/// How much longer than a change takes to arrive an authority is believed that nothing needs any more.
const BELIEVED: u32 = 10;

/// What the world looks like at one look.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The API server is told of every authority that is kept.
    pub told: bool,
    /// A person asks for another certificate.
    pub asked: bool,
    /// What the certificate has to bear.
    pub names: &'a [String],
    pub now: Time,
}

/// Remembers since when things have been as they are. Forgetting it makes the next step later, never earlier.
#[derive(Debug)]
pub struct Rotation {
    /// How long a change takes to arrive.
    settle: Duration,
    since: Option<(String, Time)>,
}

impl Rotation {
    pub fn new(settle: Duration) -> Self {
        Self { settle, since: None }
    }

    /// What to keep instead, when it is time for that.
    pub fn step(
        &mut self,
        kept: &Kept,
        seen: Seen<'_>,
        make: impl FnOnce() -> Result<Pair, Failure>,
    ) -> Result<Option<Kept>, Failure> {
        let Some(current) = &kept.current else {
            return Ok(Some(Kept { current: Some(make()?), ..Kept::default() }));
        };
        let settled = self.settled(&kept.bundle(), seen);
        if let Some(next) = &kept.next {
            let arrived = settled.is_some_and(|since| since >= self.settle);
            let previous = Some(current.authority.clone());
            return Ok(arrived.then(|| Kept { current: Some(next.clone()), next: None, previous }));
        }
        if seen.asked || is_due(&current.certificate, seen) {
            return Ok(Some(Kept { next: Some(make()?), ..kept.clone() }));
        }
        let forgotten = kept.previous.is_some() && settled.is_some_and(|since| since >= self.settle * BELIEVED);
        Ok(forgotten.then(|| Kept { previous: None, ..kept.clone() }))
    }

    /// How long the API server has been told exactly this.
    fn settled(&mut self, bundle: &str, seen: Seen<'_>) -> Option<Duration> {
        if !seen.told {
            self.since = None;
            return None;
        }
        let known = self.since.take().filter(|(known, _)| known == bundle);
        let (_, since) = self.since.insert(known.unwrap_or_else(|| (bundle.to_owned(), seen.now)));
        Some(seen.now.since(*since))
    }
}

fn is_due(certificate: &str, seen: Seen<'_>) -> bool {
    certificate::is_due(certificate, seen.now) || !bears(certificate, seen.names)
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;
    use proptest::prelude::*;

    use super::{super::made::make, *};

    const SETTLE: Duration = Duration::from_secs(30);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn names() -> Vec<String> {
        vec!["xizmat-webhook.xizmat.svc".into()]
    }

    /// A Secret, what the API server was told, and the time.
    struct World {
        kept: Kept,
        told: String,
        now: Time,
        asked: bool,
        names: Vec<String>,
        random: SeededRandom,
    }

    impl World {
        fn new() -> Self {
            let now = Time::from_seconds(1_800_000_000);
            Self {
                kept: Kept::default(),
                told: String::new(),
                now,
                asked: false,
                names: names(),
                random: SeededRandom::new(7),
            }
        }

        /// One look of a copy: true when it changed what is kept.
        fn look(&mut self, rotation: &mut Rotation) -> bool {
            let told = self.told == self.kept.bundle();
            let seen = Seen { told, asked: self.asked, names: &self.names, now: self.now };
            let (now, random, names) = (self.now, &self.random, &self.names);
            let change = rotation.step(&self.kept, seen, || make(names, 90 * DAY, now, random)).unwrap();
            let changed = change.is_some();
            if let Some(kept) = change {
                self.asked &= kept.next.is_none();
                self.kept = kept;
            }
            changed
        }

        fn tell(&mut self) {
            self.told = self.kept.bundle();
        }

        fn wait(&mut self, time: Duration) {
            self.now = self.now.plus(time);
        }

        fn current(&self) -> &Pair {
            self.kept.current.as_ref().unwrap()
        }
    }

    #[test]
    fn a_certificate_is_replaced_with_a_third_of_its_time_left_and_only_after_everybody_believes_the_next() {
        let (mut world, mut rotation) = (World::new(), Rotation::new(SETTLE));
        assert!(world.look(&mut rotation), "the first serves at once, for there is no other");
        world.tell();
        let first = world.current().clone();
        world.wait(59 * DAY);
        assert!(!world.look(&mut rotation));
        world.wait(2 * DAY);
        assert!(world.look(&mut rotation));
        assert_eq!(world.current(), &first, "the next one waits");
        world.wait(100 * SETTLE);
        assert!(!world.look(&mut rotation), "the API server was not told yet");
        world.tell();
        assert!(!world.look(&mut rotation), "it was told a moment ago");
        world.wait(SETTLE - Duration::from_secs(1));
        assert!(!world.look(&mut rotation));
        world.wait(Duration::from_secs(1));
        assert!(world.look(&mut rotation));
        assert_ne!(world.current(), &first);
        assert_eq!(world.kept.previous.as_ref(), Some(&first.authority), "copies that have not looked still serve it");
        world.tell();
        world.look(&mut rotation);
        world.wait(9 * SETTLE);
        assert!(!world.look(&mut rotation));
        world.wait(SETTLE);
        assert!(world.look(&mut rotation));
        assert_eq!(world.kept.previous, None);
    }

    #[test]
    fn who_asks_gets_another_and_other_names_are_a_reason_too() {
        let (mut world, mut rotation) = (World::new(), Rotation::new(SETTLE));
        world.look(&mut rotation);
        world.tell();
        assert!(!world.look(&mut rotation));
        world.asked = true;
        assert!(world.look(&mut rotation) && world.kept.next.is_some() && !world.asked);
        world.kept.next = None;
        world.names.push("localhost".into());
        assert!(world.look(&mut rotation) && bears(&world.kept.next.as_ref().unwrap().certificate, &world.names));
    }

    /// What happens between two looks of three copies that may stop, start and look at any time.
    #[derive(Debug, Clone, Copy)]
    enum Event {
        Look(usize),
        Restart(usize),
        Tell,
        Ask,
        Wait(u64),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => (0..3_usize).prop_map(Event::Look),
            1 => (0..3_usize).prop_map(Event::Restart),
            3 => Just(Event::Tell),
            1 => Just(Event::Ask),
            3 => (1..40_u64).prop_map(Event::Wait),
            1 => (86_400..8_640_000_u64).prop_map(Event::Wait),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// A copy serves what it saw at its last look. Whoever has looked within the time that a change takes to arrive is
        /// believed, by an API server that was told within that time.
        #[test]
        fn what_serves_is_always_believed(events in proptest::collection::vec(event(), 1..120)) {
            let mut world = World::new();
            let mut copies: Vec<Rotation> = (0..3).map(|_| Rotation::new(SETTLE)).collect();
            world.look(&mut copies[0]);
            world.tell();
            let mut served: [(Pair, Time); 3] = std::array::from_fn(|_| (world.current().clone(), world.now));
            for event in events {
                match event {
                    Event::Look(copy) => {
                        served[copy] = (world.current().clone(), world.now);
                        world.look(&mut copies[copy]);
                    }
                    Event::Restart(copy) => copies[copy] = Rotation::new(SETTLE),
                    Event::Tell => world.tell(),
                    Event::Ask => world.asked = true,
                    Event::Wait(seconds) => world.wait(Duration::from_secs(seconds)),
                }
                for (pair, at) in &served {
                    let recent = world.now.since(*at) < SETTLE;
                    prop_assert!(!recent || world.told.contains(&pair.authority), "{event:?}");
                }
            }
        }
    }
}
