//! Which revisions a service has and whom they are offered to, as the register tells.

use api::Changed;
use kernel::{Failure, Hash, Time};
use process::revision::counts_from;
use proto::register::v1 as wire;

/// Offered to everybody, in percent.
pub const EVERYBODY: u32 = 100;
/// As the register says of a revision that a newer one overtook on its way.
const SUPERSEDED: &str = "superseded";
/// Digits by which a person may name a revision.
const DIGITS_MIN: usize = 12;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// The newest first.
    pub revisions: Vec<Placed>,
    /// Why no new applications are taken; empty while they are.
    pub closed: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub revision: Hash,
    pub admitted: Time,
    /// ISO 8601; empty: at once.
    pub effective_from: String,
    /// Of people, in percent; 0: it was taken back.
    pub share: u32,
    /// Since when it has this share.
    pub since: Time,
    /// Against what was in force when it was admitted.
    pub change: Changed,
    /// Why it has this share, where somebody said so.
    pub reason: String,
    pub draft: bool,
}

impl Placement {
    pub fn read(told: wire::Placement) -> Result<Self, Failure> {
        let wire::Placement { revisions, version: _, intake: _, intake_reason } = told;
        let revisions = revisions.into_iter().map(Placed::read).collect::<Result<_, _>>()?;
        Ok(Self { revisions, closed: intake_reason })
    }

    /// What counts for everybody on a day (ISO 8601).
    pub fn active(&self, today: &str) -> Option<&Placed> {
        let counts = |placed: &&Placed| placed.share == EVERYBODY && placed.effective_from.as_str() <= today;
        self.revisions.iter().filter(counts).max_by_key(|placed| placed.rank())
    }

    /// The revision that only some people are offered. There is one at most: a newer one ends it.
    pub fn on_its_way(&self) -> Option<&Placed> {
        self.revisions.iter().find(|placed| (1..EVERYBODY).contains(&placed.share))
    }

    /// What was in force before this one, and cases began on.
    pub fn before(&self, of: &Placed) -> Option<&Placed> {
        let was = |placed: &&Placed| placed.share == EVERYBODY && placed.admitted < of.admitted;
        self.revisions.iter().find(was)
    }

    pub fn find(&self, revision: Hash) -> Option<&Placed> {
        self.revisions.iter().find(|placed| placed.revision == revision)
    }

    /// As a person names it: the whole hash, or its beginning.
    pub fn named(&self, name: &str) -> Option<&Placed> {
        let name = name.trim().to_ascii_lowercase();
        let fits = |placed: &&Placed| placed.revision.to_string().starts_with(&name);
        if name.len() < DIGITS_MIN { None } else { self.revisions.iter().find(fits) }
    }
}

impl Placed {
    fn read(told: wire::PlacedRevision) -> Result<Self, Failure> {
        let wire::PlacedRevision { revision, admitted_us, effective_from, share, placed_us, change, reason, draft } =
            told;
        Ok(Self {
            revision: Hash::from_slice(&revision)?,
            admitted: Time::from_micros(admitted_us),
            effective_from,
            share: u32::try_from(share).unwrap_or_default().min(EVERYBODY),
            since: Time::from_micros(placed_us),
            change: Changed::parse(&change),
            reason,
            draft,
        })
    }

    /// Of two that count, the greater is in force.
    pub fn rank(&self) -> (String, Time) {
        (counts_from(&self.effective_from, self.admitted), self.admitted)
    }

    /// To some people or to all of them, now or on a later day.
    pub fn is_offered(&self, active: Option<&Placed>) -> bool {
        self.share > 0 && active.is_none_or(|active| self.rank() >= active.rank())
    }

    /// It was taken back for its own sake, not overtaken.
    pub fn is_taken_back(&self) -> bool {
        self.share == 0 && self.reason != SUPERSEDED
    }

    /// What the law says counts for everybody and is never taken back.
    pub fn is_law(&self) -> bool {
        matches!(self.change, Changed::First | Changed::Law)
    }

    pub fn short(&self) -> String {
        short(self.revision)
    }
}

/// Enough of a hash to tell revisions apart by eye.
pub fn short(revision: Hash) -> String {
    revision.to_string().chars().take(DIGITS_MIN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::tests::placed;

    #[test]
    fn what_counts_for_everybody_is_told_apart_from_what_is_on_its_way_and_what_is_for_later() {
        let later = Placed { effective_from: "2027-01-01".into(), ..placed(4, 100) };
        let all =
            Placement { revisions: vec![later, placed(3, 5), placed(2, 100), placed(1, 100)], closed: String::new() };
        let number = |found: Option<&Placed>| found.map(|placed| placed.admitted.seconds());
        assert_eq!(number(all.active("2026-11-29")), Some(2));
        assert_eq!(number(all.active("2027-01-01")), Some(4));
        assert_eq!(number(all.on_its_way()), Some(3));
        assert_eq!(number(all.before(&all.revisions[1])), Some(2));
    }

    #[test]
    fn a_revision_is_named_by_at_least_twelve_digits() {
        let all = Placement { revisions: vec![placed(2, 100), placed(1, 100)], closed: String::new() };
        let name = placed(1, 100).revision.to_string();
        assert_eq!(all.named(&name), Some(&all.revisions[1]));
        assert_eq!(all.named(&name[..12].to_uppercase()), Some(&all.revisions[1]));
        assert_eq!(all.named(&name[..11]), None);
        assert_eq!(all.named(""), None);
        assert_eq!(all.named(&format!("{name}0")), None);
    }

    #[test]
    fn what_a_newer_one_overtook_was_not_taken_back() {
        let gone = |reason: &str| Placed { reason: reason.into(), ..placed(1, 0) };
        assert!(gone("drop-off").is_taken_back() && gone("").is_taken_back());
        assert!(!gone(SUPERSEDED).is_taken_back());
    }
}
