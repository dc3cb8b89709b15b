//! Which revision of a service counts on a day: of those in force the one admitted last.

use std::collections::BTreeMap;

use kernel::{Hash, Time};

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
}

/// The revision in force on a day (ISO 8601); when none is yet, the one that will be first.
pub fn current<'a>(entries: impl IntoIterator<Item = &'a Entry>, today: &str, drafts: bool) -> Option<&'a Entry> {
    let shown: Vec<_> = entries.into_iter().filter(|entry| drafts || !entry.draft).collect();
    let in_force = shown
        .iter()
        .filter(|entry| entry.effective_from.as_str() <= today)
        .max_by_key(|entry| (&entry.effective_from, entry.admitted));
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
        }
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
