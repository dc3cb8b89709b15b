//! Which revision of a service counts on a day: of those in force and offered to everybody the one admitted last.

use std::collections::BTreeMap;

use kernel::{Hash, Time};
use process::revision::counts_from;

/// What one needs to choose among revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub revision: Hash,
    pub agency: String,
    pub service: String,
    pub admitted: Time,
    /// ISO 8601; empty: at once.
    pub effective_from: String,
    pub draft: bool,
    /// Of people, in percent: whom it is offered to. 0: it was taken back.
    pub share: i64,
    /// Since when it has this share.
    pub placed: Time,
    /// Against what was in force when it was admitted: `first`, `none`, `running`, `presentation`, `law`.
    pub change: String,
    /// Why it has this share.
    pub reason: String,
}

/// Offered to everybody, in percent.
pub const EVERYBODY: i64 = 100;

/// The revision in force for everybody on a day (ISO 8601); when none is yet, the one that will be first.
pub fn current<'a>(entries: impl IntoIterator<Item = &'a Entry>, today: &str, drafts: bool) -> Option<&'a Entry> {
    let counts = |entry: &&Entry| (drafts || !entry.draft) && entry.share == EVERYBODY;
    let shown: Vec<_> = entries.into_iter().filter(counts).collect();
    let in_force = shown
        .iter()
        .filter(|entry| entry.effective_from.as_str() <= today)
        .max_by_key(|entry| (counts_from(&entry.effective_from, entry.admitted), entry.admitted));
    in_force.or_else(|| shown.iter().min_by_key(|entry| (&entry.effective_from, entry.admitted))).copied()
}

/// The current revision of every service, by agency and service.
pub fn catalogue(entries: &[Entry], today: &str, drafts: bool) -> Vec<Entry> {
    let mut services: BTreeMap<(&str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        services.entry((&entry.agency, &entry.service)).or_default().push(entry);
    }
    services.into_values().filter_map(|entries| current(entries, today, drafts).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u8, from: &str, draft: bool) -> Entry {
        Entry {
            revision: Hash::of(&[number]),
            agency: "justice".into(),
            service: "copy".into(),
            admitted: Time::from_micros(i64::from(number)),
            effective_from: from.into(),
            draft,
            share: EVERYBODY,
            placed: Time::from_micros(i64::from(number)),
            change: "law".into(),
            reason: String::new(),
        }
    }

    #[test]
    fn a_revision_without_a_day_or_with_a_past_one_replaces_what_is_in_force() {
        let day = |day: i64| Time::from_seconds(1_790_000_000 + day * 86_400);
        for from in ["", "2025-01-01"] {
            let mut entries = [entry(1, "2026-01-01", false), entry(2, from, false), entry(3, "2027-01-01", false)];
            for (index, entry) in (0..).zip(&mut entries) {
                entry.admitted = day(index);
            }
            assert_eq!(current(&entries, "2026-12-01", false).unwrap().revision, Hash::of(&[2]), "{from}");
            assert_eq!(current(&entries, "2027-01-01", false).unwrap().revision, Hash::of(&[3]), "{from}");
        }
    }

    #[test]
    fn a_revision_that_only_some_are_offered_is_not_the_one_of_everybody() {
        let mut entries = [entry(1, "", false), entry(2, "", false)];
        for share in [5, 0] {
            entries[1].share = share;
            assert_eq!(current(&entries, "2026-06-01", false).unwrap().admitted.micros(), 1);
        }
        entries[1].share = EVERYBODY;
        assert_eq!(current(&entries, "2026-06-01", false).unwrap().admitted.micros(), 2);
    }

    #[test]
    fn a_revision_counts_from_its_day_on() {
        let entries =
            [entry(1, "", false), entry(2, "2026-01-01", false), entry(3, "2027-01-01", false), entry(4, "", true)];
        let on = |day: &str| current(&entries, day, false).unwrap().admitted.micros();
        assert_eq!([on("2025-12-31"), on("2026-01-01"), on("2027-06-01")], [1, 2, 3]);
        assert_eq!(current(&entries[2..3], "2026-06-01", false).unwrap().admitted.micros(), 3);
        assert_eq!(current(&entries[3..], "2026-06-01", false), None);
        assert!(current(&entries[3..], "2026-06-01", true).is_some());
    }
}
