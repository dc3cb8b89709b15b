//! Which revision a person is offered: of those in force the newest whose share reaches them, for as long as it has that share.

use kernel::{Hash, PersonId, Time};
use process::revision::counts_from;

/// A revision as the register placed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub revision: Hash,
    /// ISO 8601; empty: at once.
    pub effective_from: String,
    pub admitted: Time,
    /// Of people, in percent; 0: it was taken back.
    pub share: i64,
}

/// On a day (ISO 8601; dates compare as text), for a person.
pub fn chosen(offered: &[Offered], day: &str, person: PersonId) -> Option<Hash> {
    let mut in_force: Vec<&Offered> =
        offered.iter().filter(|offered| offered.effective_from.as_str() <= day && offered.share > 0).collect();
    in_force.sort_by_key(|offered| {
        let first_day = counts_from(&offered.effective_from, offered.admitted);
        std::cmp::Reverse((first_day, offered.admitted, offered.revision))
    });
    let reached = in_force.iter().find(|offered| reaches(offered, person));
    // Nobody is left without a service because everything is still on its way to everybody.
    reached.or(in_force.last()).map(|offered| offered.revision)
}

/// The same people for as long as the share does not shrink, others for every revision: nobody is always the first.
fn reaches(offered: &Offered, person: PersonId) -> bool {
    let drawn = Hash::of_parts(&[b"share", offered.revision.as_bytes(), person.as_bytes()]);
    let mut number = [0; 8];
    number.copy_from_slice(&drawn.as_bytes()[..8]);
    let percent = i64::try_from(u64::from_be_bytes(number) % 100).unwrap_or_default();
    percent < offered.share
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-11-29";

    fn offered(number: u8, from: &str, share: i64) -> Offered {
        let admitted = Time::from_micros(i64::from(number));
        Offered { revision: Hash::of(&[number]), effective_from: from.into(), admitted, share }
    }

    fn person(number: u32) -> PersonId {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        PersonId::from_bytes(id)
    }

    fn reached(share: i64, number: u8) -> Vec<u32> {
        let all = [offered(1, "", 100), offered(number, "", share)];
        (0..2_000).filter(|who| chosen(&all, TODAY, person(*who)) == Some(Hash::of(&[number]))).collect()
    }

    #[test]
    fn a_share_reaches_as_many_people_and_a_larger_one_the_same_and_more() {
        let (few, more, all) = (reached(5, 2), reached(25, 2), reached(100, 2));
        assert!((60..140).contains(&few.len()), "{}", few.len());
        assert!((420..580).contains(&more.len()), "{}", more.len());
        assert_eq!(all.len(), 2_000);
        assert!(few.iter().all(|who| more.contains(who)));
        assert!(reached(0, 2).is_empty());
        let others = reached(5, 3);
        assert!(
            others.iter().filter(|who| few.contains(who)).count() < few.len() / 2,
            "another revision, other people"
        );
    }

    #[test]
    fn a_later_day_comes_first_and_everybody_else_has_what_everybody_has() {
        let all = [offered(1, "", 100), offered(2, "2026-01-01", 100), offered(3, "2027-01-01", 100)];
        let on = |day: &str| chosen(&all, day, person(7));
        assert_eq!([on("2025-01-01"), on(TODAY), on("2027-06-01")], [1, 2, 3].map(|number| Some(Hash::of(&[number]))));
        assert_eq!(chosen(&all[2..], TODAY, person(7)), None, "nothing is in force yet");
    }

    #[test]
    fn a_revision_without_a_day_replaces_what_is_in_force_when_it_is_admitted() {
        let admitted = |offered: Offered, day: i64| Offered { admitted: Time::from_seconds(day * 86_400), ..offered };
        // 18 and 19 November 2026.
        let all = [admitted(offered(1, "2026-01-01", 100), 20_775), admitted(offered(2, "", 100), 20_776)];
        assert_eq!(chosen(&all, TODAY, person(7)), Some(Hash::of(&[2])));
    }

    #[test]
    fn nobody_is_left_without_a_revision() {
        let on_its_way = [offered(1, "", 1), offered(2, "", 1)];
        assert!((0..500).all(|who| chosen(&on_its_way, TODAY, person(who)).is_some()));
    }
}
