//! What an agency that publishes nothing unapproved needs: the word of its lawyer and of its head, two different persons.

use kernel::{Failure, Hash, PersonId, Time};
use proto::identity::v1::{Appointment, Officer};

/// Answers for the law in it.
pub const LAWYER: &str = "lawyer";
/// Answers for the agency.
pub const HEAD: &str = "head";
/// Whose approval a revision needs, in the order in which they are named.
pub const ROLES: [&str; 2] = [LAWYER, HEAD];

/// Booklets of one revision, one in each language.
pub const BOOKLETS_MAX: usize = 5;
const NOTE_CHARS_MAX: usize = 500;

/// The last word of one person on a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub person: PersonId,
    pub role: String,
    /// Otherwise it was sent back.
    pub approves: bool,
    /// Hashes of the booklets that were read.
    pub booklets: Vec<Hash>,
    pub note: String,
    pub time: Time,
}

/// Roles in which nobody has approved. Each person has one word, so those who gave two are two persons.
pub fn missing(said: &[Said]) -> Vec<&'static str> {
    let gave = |role: &&str| said.iter().any(|one| one.approves && one.role == **role);
    ROLES.into_iter().filter(|role| !gave(role)).collect()
}

/// Somebody sent it back: whoever did has to change their mind, or the author the definition.
pub fn is_returned(said: &[Said]) -> bool {
    said.iter().any(|one| !one.approves)
}

pub fn is_approved(said: &[Said]) -> bool {
    missing(said).is_empty() && !is_returned(said)
}

/// What stands in the place of a revision when an agency asks to publish without approval: who asks again needs to be agreed with again.
pub fn freeing(agency: &str, asked: Time) -> Hash {
    Hash::of_parts(&[b"publication: free", agency.as_bytes(), &asked.micros().to_be_bytes()])
}

/// Which of the roles the officer has now, in the whole agency.
pub fn held(officer: &Officer, agency: &str, now: Time) -> Vec<&'static str> {
    let now = now.micros();
    let in_force = |held: &Appointment| held.from_us <= now && (held.to_us == 0 || now < held.to_us);
    let has = |role: &&str| {
        let mut held = officer.appointments.iter();
        held.any(|held| held.agency == agency && held.office.is_empty() && held.role == **role && in_force(held))
    };
    ROLES.into_iter().filter(has).collect()
}

/// As what a person speaks who may: where they have both roles, the one that nobody else has given yet.
pub fn speaks_as(held: &[&'static str], said: &[Said], person: PersonId) -> Option<&'static str> {
    let given = |role: &str| said.iter().any(|one| one.person != person && one.approves && one.role == role);
    held.iter().find(|&&role| !given(role)).or(held.first()).copied()
}

/// Why it was sent back, as its author reads it.
pub fn worded(note: &str) -> Result<String, Failure> {
    let note = note.trim();
    if note.is_empty() {
        return Err(Failure::invalid("publication.note", "Say what has to be changed: the author reads it."));
    }
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(Failure::invalid("publication.note-long", "A note has at most 500 letters. Shorten it."));
    }
    Ok(note.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(person: u8, role: &str, approves: bool) -> Said {
        Said {
            person: PersonId::from_bytes([person; 16]),
            role: role.into(),
            approves,
            booklets: Vec::new(),
            note: String::new(),
            time: Time::default(),
        }
    }

    fn officer(held: &[(&str, &str, &str, i64)]) -> Officer {
        let appointments = held.iter().map(|(agency, office, role, to_us)| Appointment {
            agency: (*agency).into(),
            office: (*office).into(),
            role: (*role).into(),
            from_us: 10,
            to_us: *to_us,
        });
        Officer { appointments: appointments.collect(), ..Officer::default() }
    }

    #[test]
    fn it_takes_a_lawyer_and_a_head_and_nobody_who_sent_it_back() {
        assert_eq!(missing(&[]), ROLES);
        assert_eq!(missing(&[said(1, LAWYER, true), said(2, LAWYER, true)]), [HEAD]);
        assert!(is_approved(&[said(1, LAWYER, true), said(2, HEAD, true)]));
        let returned = [said(1, LAWYER, true), said(2, HEAD, true), said(3, HEAD, false)];
        assert!(!is_approved(&returned) && is_returned(&returned));
        assert_eq!(missing(&[said(1, LAWYER, false), said(2, HEAD, true)]), [LAWYER], "sent back is not approved");
    }

    #[test]
    fn only_who_has_the_role_in_the_whole_agency_now_may_speak() {
        let now = Time::from_micros(100);
        let known = |agency, office, role, to_us| held(&officer(&[(agency, office, role, to_us)]), "justice", now);
        assert_eq!(known("justice", "", LAWYER, 0), [LAWYER]);
        for (agency, office, role, to_us) in [
            ("health", "", LAWYER, 0),
            ("justice", "nukus", HEAD, 0),
            ("justice", "", HEAD, 100),
            ("justice", "", "lead", 0),
        ] {
            assert!(known(agency, office, role, to_us).is_empty(), "{agency} {office} {role}");
        }
        let early = held(&officer(&[("justice", "", HEAD, 0)]), "justice", Time::from_micros(9));
        assert!(early.is_empty(), "not yet");
    }

    #[test]
    fn one_person_with_both_roles_gives_only_one_of_the_two_approvals() {
        let (both, one, other) = ([LAWYER, HEAD], PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        assert_eq!(speaks_as(&both, &[], one), Some(LAWYER));
        assert_eq!(speaks_as(&both, &[said(1, LAWYER, true)], one), Some(LAWYER), "the same word again");
        assert_eq!(speaks_as(&both, &[said(1, LAWYER, true)], other), Some(HEAD));
        assert_eq!(speaks_as(&[], &[], one), None);
    }

    #[test]
    fn what_is_sent_back_says_why() {
        assert_eq!(worded("  ").unwrap_err().code, "publication.note");
        assert_eq!(worded(&"ы".repeat(501)).unwrap_err().code, "publication.note-long");
        assert_eq!(worded(" The fee has no law. ").unwrap(), "The fee has no law.");
    }
}
