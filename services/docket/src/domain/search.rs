//! By what officers look for applications, how far, and why.

use std::time::Duration;

use kernel::{CaseId, Failure, Hash, MessageId, Time};
use proto::identity::v1::Officer;

use super::queue::{Scope, scopes};

/// More words than names have make no search better.
pub const WORDS_MAX: usize = 8;
const TEXT_CHARS_MAX: usize = 200;
const REASON_CHARS_MAX: usize = 500;
/// As an opening of a case does.
const LASTS: Duration = Duration::from_secs(3600);

/// What was typed, as the index knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terms {
    /// An application's number.
    Number(String),
    /// Keyed hashes, all of which the application must have.
    Hashes(Vec<Hash>),
}

/// How far an officer sees in one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub agency: String,
    /// What their appointments to it cover.
    pub scopes: Vec<Scope>,
    /// For a reason that was typed: whatever is the agency's.
    pub beyond: bool,
}

impl Reach {
    pub fn of(officer: &Officer, agency: &str, beyond: bool, now: Time) -> Result<Self, Failure> {
        let held = if agency.is_empty() { Vec::new() } else { scopes(officer, agency, "", "", now) };
        if held.is_empty() {
            let message = "Applications to this agency are looked for by its own officers. You have no role there.";
            return Err(Failure::forbidden("docket.other-agency", message));
        }
        Ok(Self { agency: agency.to_owned(), scopes: held, beyond })
    }

    /// As what the officer searches: their own office before the whole agency.
    pub fn acting(&self) -> Option<&Scope> {
        self.scopes.iter().max_by_key(|scope| !scope.office.is_empty())
    }

    /// Whether the officer may open a task.
    pub fn covers(&self, role: &str, office: &str) -> bool {
        self.scopes
            .iter()
            .any(|scope| scope.role == role && (scope.office.is_empty() || office.is_empty() || scope.office == office))
    }
}

/// What was typed to look for, without the space around it.
pub fn text(typed: &str) -> Result<&str, Failure> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > TEXT_CHARS_MAX {
        return Err(nothing_to_look_for());
    }
    Ok(typed)
}

/// The same command that finds the same shortly after is the same search. With another outcome, or much later, it is another look,
/// which is on record and told as the first was.
pub fn id(asked: &[&[u8]], found: &[CaseId], now: Time) -> MessageId {
    let round = u128::try_from(now.micros()).unwrap_or_default() / LASTS.as_micros();
    let round = round.to_be_bytes();
    let mut parts = vec![b"docket-search".as_slice()];
    parts.extend(asked);
    parts.extend(found.iter().map(|case| case.as_bytes().as_slice()));
    parts.push(&round);
    MessageId::derived(Hash::of_parts(&parts))
}

pub fn nothing_to_look_for() -> Failure {
    Failure::invalid(
        "docket.search",
        "Type the application's number, or a PINFL, a taxpayer number, a phone number or a name, and say which of them it is.",
    )
}

/// Why it is looked for beyond the own queue; none: it is not.
pub fn reason(typed: &str) -> Result<Option<String>, Failure> {
    let typed = typed.trim();
    if typed.chars().count() > REASON_CHARS_MAX {
        return Err(Failure::invalid("docket.reason-long", "The reason has at most 500 letters."));
    }
    Ok((!typed.is_empty()).then(|| typed.to_owned()))
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    fn officer(held: &[(&str, &str, &str)]) -> Officer {
        let held = held.iter().map(|(agency, office, role)| Appointment {
            agency: (*agency).into(),
            office: (*office).into(),
            role: (*role).into(),
            from_us: 0,
            to_us: 0,
        });
        Officer { appointments: held.collect(), ..Officer::default() }
    }

    #[test]
    fn nobody_looks_into_an_agency_in_which_they_have_no_role() {
        let officer = officer(&[("justice", "", "archivist"), ("justice", "nukus", "registrar")]);
        let of = |agency: &str| Reach::of(&officer, agency, true, Time::default());
        for agency in ["health", ""] {
            assert_eq!(of(agency).unwrap_err().code, "docket.other-agency", "{agency}");
        }
        let reach = of("justice").unwrap();
        assert_eq!(reach.acting().unwrap().office, "nukus");
        assert!(reach.covers("registrar", "nukus") && reach.covers("registrar", ""));
        assert!(!reach.covers("registrar", "samarkand") && reach.covers("archivist", "samarkand"));
    }

    #[test]
    fn a_form_that_is_sent_again_much_later_or_finds_others_is_another_search_though_its_command_is_the_same() {
        let (now, case) = (Time::from_micros(1_795_410_000_000_000), CaseId::from_bytes([1; 16]));
        let first = id(&[b"officer", b"command", b"words"], &[case], now);
        assert_eq!(id(&[b"officer", b"command", b"words"], &[case], now), first, "it was sent twice");
        for other in [
            id(&[b"officer", b"command", b"other"], &[case], now),
            id(&[b"officer", b"command", b"words"], &[], now),
            id(&[b"officer", b"command", b"words"], &[case], now.plus(LASTS)),
        ] {
            assert_ne!(other, first);
        }
    }

    #[test]
    fn what_is_typed_is_bounded_and_a_reason_is_one_or_none() {
        assert_eq!(text(" Karimova ").unwrap(), "Karimova");
        for wrong in ["", "  ", &"x".repeat(201)] {
            assert_eq!(text(wrong).unwrap_err().code, "docket.search");
        }
        assert_eq!(reason("  ").unwrap(), None);
        assert_eq!(reason(" A letter ").unwrap().as_deref(), Some("A letter"));
        assert_eq!(reason(&"x".repeat(501)).unwrap_err().code, "docket.reason-long");
    }
}
