//! Whom a revision is offered to: what is law counts for everybody, the rest may reach people share by share.

use kernel::{Failure, Hash};

use super::choice::{EVERYBODY, Entry, current};

/// Against what was in force, as it is kept and told.
pub const FIRST: &str = "first";
pub const NONE: &str = "none";
pub const PRESENTATION: &str = "presentation";
pub const LAW: &str = "law";

/// Something newer took its place before everybody had it.
pub const SUPERSEDED: &str = "superseded";

/// What a revision that counts from this day on would replace.
pub fn replaced<'a>(entries: &'a [Entry], from: &str, today: &str, drafts: bool) -> Option<&'a Entry> {
    current(entries, from.max(today), drafts)
}

/// Whom a new revision is offered to at first, of what was asked for (percent; 0: everybody).
pub fn first_share(change: &str, asked: i32, from: &str, today: &str) -> i64 {
    let asked = i64::from(asked);
    if change == PRESENTATION && from <= today && (1..EVERYBODY).contains(&asked) { asked } else { EVERYBODY }
}

/// Revisions on their way to everybody that end there, because a newer one counts now.
pub fn superseded<'a>(entries: &'a [Entry], new: Hash, from: &str, today: &str) -> Vec<&'a Entry> {
    let on_its_way = |entry: &&Entry| entry.revision != new && (1..EVERYBODY).contains(&entry.share);
    if from > today { Vec::new() } else { entries.iter().filter(on_its_way).collect() }
}

/// Whether a revision may be offered to this share; what is the case already may be said again.
pub fn judge(entries: &[Entry], revision: Hash, share: i64, today: &str, drafts: bool) -> Result<(), Failure> {
    let unknown = || Failure::not_found("revision.unknown", "This revision of the service was not admitted.");
    let entry = entries.iter().find(|entry| entry.revision == revision).ok_or_else(unknown)?;
    if !(0..=EVERYBODY).contains(&share) {
        return Err(Failure::invalid("revision.share", "A share is a whole number from 0 to 100 percent."));
    }
    if entry.share == share {
        return Ok(());
    }
    let is_law = matches!(entry.change.as_str(), FIRST | LAW | "");
    let is_in_force = entry.effective_from.as_str() <= today;
    if is_law && share != EVERYBODY && (is_in_force || share != 0) {
        let message = "What is law counts for everybody from its day on and is not taken back. Apply a definition that says what \
                       should count instead.";
        return Err(Failure::conflict("revision.law", message));
    }
    let mut after = entries.to_vec();
    for entry in after.iter_mut().filter(|entry| entry.revision == revision) {
        entry.share = share;
    }
    if current(&after, today, drafts).is_none() {
        return Err(Failure::conflict("revision.last", "No other revision would be left. Apply one first."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::Time;

    use super::*;

    const TODAY: &str = "2026-11-29";

    fn entry(number: u8, from: &str, share: i64, change: &str) -> Entry {
        Entry {
            revision: Hash::of(&[number]),
            agency: "justice".into(),
            service: "copy".into(),
            admitted: Time::from_micros(i64::from(number)),
            effective_from: from.into(),
            draft: false,
            share,
            placed: Time::from_micros(0),
            change: change.into(),
            reason: String::new(),
        }
    }

    fn code(entries: &[Entry], number: u8, share: i64) -> Option<String> {
        judge(entries, Hash::of(&[number]), share, TODAY, false).err().map(|failure| failure.code.to_string())
    }

    #[test]
    fn only_presentation_that_counts_today_begins_with_a_share() {
        assert_eq!(first_share(PRESENTATION, 5, "", TODAY), 5);
        assert_eq!(first_share(PRESENTATION, 5, TODAY, TODAY), 5);
        for (change, asked, from) in [
            (PRESENTATION, 0, ""),
            (PRESENTATION, 100, ""),
            (PRESENTATION, 101, ""),
            (PRESENTATION, -1, ""),
            (PRESENTATION, 5, "2027-01-01"),
            (LAW, 5, ""),
            (FIRST, 5, ""),
            ("running", 5, ""),
        ] {
            assert_eq!(first_share(change, asked, from, TODAY), EVERYBODY, "{change} {asked} {from}");
        }
    }

    #[test]
    fn law_in_force_is_never_taken_back_and_never_shared_out() {
        let entries = [
            entry(1, "", 100, FIRST),
            entry(2, "2026-01-01", 100, LAW),
            entry(3, "2027-01-01", 100, LAW),
            entry(4, "2026-01-01", 5, PRESENTATION),
        ];
        assert_eq!(code(&entries, 2, 0).as_deref(), Some("revision.law"));
        assert_eq!(code(&entries, 2, 50).as_deref(), Some("revision.law"));
        assert_eq!(code(&entries, 1, 0).as_deref(), Some("revision.law"));
        assert_eq!(code(&entries, 3, 50).as_deref(), Some("revision.law"));
        assert_eq!(code(&entries, 3, 0), None, "withdrawn before its day");
        for share in [0, 25, 100] {
            assert_eq!(code(&entries, 4, share), None);
        }
        assert_eq!(code(&entries, 4, 101).as_deref(), Some("revision.share"));
        assert_eq!(code(&entries, 9, 0).as_deref(), Some("revision.unknown"));
    }

    #[test]
    fn the_last_revision_stays() {
        let entries = [entry(1, "", 0, PRESENTATION), entry(2, "", 100, PRESENTATION)];
        assert_eq!(code(&entries, 2, 0).as_deref(), Some("revision.last"));
        assert_eq!(code(&entries, 2, 100), None, "said again");
    }

    #[test]
    fn what_was_on_its_way_ends_where_something_newer_counts_now() {
        let entries = [entry(1, "", 100, FIRST), entry(2, "", 25, PRESENTATION), entry(3, "", 0, PRESENTATION)];
        let ended = |from: &str| superseded(&entries, Hash::of(&[4]), from, TODAY).len();
        assert_eq!((ended(""), ended(TODAY), ended("2027-01-01")), (1, 1, 0));
        assert!(superseded(&entries, Hash::of(&[2]), "", TODAY).is_empty(), "it is the newer one itself");
    }

    #[test]
    fn a_revision_for_a_later_day_replaces_what_counts_then() {
        let entries = [entry(1, "", 100, FIRST), entry(2, "2027-01-01", 100, LAW)];
        let base = |from: &str| replaced(&entries, from, TODAY, false).map(|entry| entry.revision);
        assert_eq!(base(""), Some(Hash::of(&[1])));
        assert_eq!(base("2027-01-01"), Some(Hash::of(&[2])));
    }
}
