//! Ends a fight that nobody wins: an object that is put right again and again, because somebody else writes it over each time, is
//! put right seldom until they leave it alone.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kernel::Time;

use crate::outcome::{Stopped, waiting};

/// The same again so often at once; afterwards as often as it comes back.
const AT_ONCE: u32 = 20;
const COMES_BACK: Duration = Duration::from_secs(6);
/// Objects in memory; of those that were left alone meanwhile nothing has to be known.
const KEPT: usize = 16_384;

#[derive(Default)]
pub struct Breaker {
    objects: Mutex<HashMap<u64, Writes>>,
}

/// The writes of one object.
struct Writes {
    /// What was written lately, as hashes: to write it again is to put right what another changed. Two, so that wishes that
    /// alternate are seen, too.
    lately: [u64; 2],
    /// Repetitions that have not come back, counted from a moment.
    spent: u32,
    since: Time,
}

impl Breaker {
    /// Whether this may be written now; what was not written lately is no repetition and always may.
    pub fn allows(&self, object: &impl Hash, content: &[u8], now: Time) -> bool {
        let (key, content) = (sum(object), sum(&content));
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        if objects.len() >= KEPT {
            objects.retain(|_, writes| writes.left_at(now) < AT_ONCE);
        }
        let Some(writes) = objects.get_mut(&key) else {
            objects.insert(key, Writes { lately: [content, content], spent: 0, since: now });
            return true;
        };
        if !writes.lately.contains(&content) {
            writes.lately = [content, writes.lately[0]];
            return true;
        }
        let may = writes.left_at(now) > 0;
        writes.spent += u32::from(may);
        may
    }
}

impl Writes {
    /// How many more may be made at once.
    fn left_at(&mut self, now: Time) -> u32 {
        let back = u32::try_from(now.since(self.since).as_secs() / COMES_BACK.as_secs()).unwrap_or(u32::MAX);
        self.since = if back >= self.spent { now } else { self.since.plus(COMES_BACK * back) };
        self.spent = self.spent.saturating_sub(back);
        AT_ONCE.saturating_sub(self.spent)
    }
}

fn sum(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// For the condition and the event: who does it, and what to do.
pub fn fought_over(kind: &str, name: &str, others: Option<&[ManagedFieldsEntry]>, own: &[&str]) -> Stopped {
    let theirs = others.into_iter().flatten().filter_map(|entry| {
        let manager = entry.manager.as_deref()?;
        (!own.contains(&manager)).then_some((entry.time.as_ref().map(|time| time.0), manager))
    });
    let who = theirs.max().map(|(_, manager)| format!("field manager `{manager}`"));
    let who = who.unwrap_or_else(|| "somebody".to_owned());
    let seconds = COMES_BACK.as_secs();
    let message = format!(
        "{kind} `{name}`: {who} writes over what the operator writes, again and again. It is put right once \
         in {seconds} s until that stops: have the other leave these fields alone, or annotate the resource with \
         xizmat.dev/paused: \"true\"."
    );
    waiting("FoughtOver", message)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time as When;

    use super::*;
    use crate::outcome::Outcome;

    /// How many of these writes get through, one every so many milliseconds.
    fn through(breaker: &Breaker, from_ms: i64, number: i64, every_ms: i64, content: impl Fn(i64) -> String) -> usize {
        let at = |index: i64| Time::from_micros((from_ms + index * every_ms) * 1000);
        (0..number).filter(|index| breaker.allows(&"copy", content(*index).as_bytes(), at(*index))).count()
    }

    #[test]
    fn a_fight_is_answered_at_once_at_first_and_then_seldom_until_it_is_quiet() {
        let breaker = Breaker::default();
        let same = |_| "mine".to_owned();
        assert_eq!(through(&breaker, 0, 100, 10, same), 21, "the first is no repetition");
        // A minute more of it: one in six seconds.
        let minute = through(&breaker, 1000, 600, 100, same);
        assert!((9..=11).contains(&minute), "{minute}");
        // Quiet for as long as all of it comes back.
        assert_eq!(through(&breaker, 200_000, 100, 10, same), 20);
        assert!(breaker.allows(&"other", b"mine", Time::from_seconds(200)), "another object is no part of it");
    }

    #[test]
    fn what_changes_by_itself_is_never_held_back_and_what_alternates_is() {
        let breaker = Breaker::default();
        assert_eq!(through(&breaker, 0, 500, 10, |index| index.to_string()), 500);
        let two = through(&breaker, 10_000, 100, 10, |index| (index % 2).to_string());
        assert!(two <= 24, "{two}");
    }

    #[test]
    fn a_slow_correction_now_and_then_is_no_fight() {
        assert_eq!(through(&Breaker::default(), 0, 200, 7000, |_| "mine".to_owned()), 200);
    }

    #[test]
    fn memory_is_given_back_for_what_is_left_alone() {
        let breaker = Breaker::default();
        for object in 0..2 * KEPT {
            breaker.allows(&object, b"mine", Time::from_seconds(0));
        }
        assert!(breaker.objects.lock().unwrap().len() <= KEPT);
    }

    #[test]
    fn the_one_who_wrote_last_is_named() {
        let entry = |manager: &str, second| ManagedFieldsEntry {
            manager: Some(manager.into()),
            time: Some(When(jiff::Timestamp::from_second(second).unwrap())),
            ..ManagedFieldsEntry::default()
        };
        let entries = [entry("kubectl", 1), entry("storm", 2), entry("own", 3)];
        let Outcome::Waiting { reason, message } = *fought_over("Deployment", "copy", Some(&entries), &["own"]) else {
            panic!("waits")
        };
        assert_eq!(reason, "FoughtOver");
        assert!(message.starts_with("Deployment `copy`: field manager `storm` writes over"), "{message}");
        let Outcome::Waiting { message, .. } = *fought_over("Deployment", "copy", None, &[]) else { panic!("waits") };
        assert!(message.starts_with("Deployment `copy`: somebody writes over"), "{message}");
    }
}
