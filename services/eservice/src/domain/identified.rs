//! Whose paper it is, of which that was not known when it was taken in: two officers say it, each for themselves, before it is sent.

use jiff::civil::Date;
use kernel::{Failure, PersonId, lookup, pinfl::Pinfl};
use process::{CaseState, case::Identity};
use proto::{
    eservice::v1::{IdentifyApplicantRequest, Paper},
    identity::v1::Person,
};
use serde_json::Value;

use super::paper::{self, Signed, Who};

/// One officer said whose it is.
pub const SAID: &str = "paper.identity-said";
/// Another one said the same.
pub const IDENTIFIED: &str = "paper.identified";

const CONTACT_CHARS_MAX: usize = 120;

/// Of whom nothing else is known somebody has to ask before anything can follow.
pub(super) fn contact(typed: &str) -> Result<String, Failure> {
    let contact = typed.trim();
    if contact.is_empty() || contact.chars().count() > CONTACT_CHARS_MAX || contact.chars().any(char::is_control) {
        let message = "Say in at most 120 letters how whoever signed can be reached: a phone number or an address.";
        return Err(Failure::invalid("paper.contact", message));
    }
    Ok(contact.to_owned())
}

pub(super) fn day_of_birth(typed: &str) -> Result<Date, Failure> {
    let message = "Type the date of birth as it stands on the paper.";
    typed.trim().parse().map_err(|_| Failure::invalid("paper.day-of-birth", message))
}

/// Whose number it is, of somebody who was taken in without one: it says their day of birth, and what is typed of the paper now is what
/// was typed then.
pub fn said(state: &CaseState, typed: &IdentifyApplicantRequest) -> Result<Pinfl, Failure> {
    let paper = Paper { pinfl: typed.pinfl.clone(), born: typed.born.clone(), ..Paper::default() };
    let pinfl = paper::born_so(&paper)?;
    let known = |name: &str| as_taken_in(state, name);
    let name = lookup::words(&typed.family_name);
    if name.is_empty() || name != lookup::words(known("family_name")) || pinfl.birth_date() != known("birthDate") {
        let message = "This is not what was typed when the paper was taken in. Look at the paper again; if that was wrong, throw it away \
                       and take it in anew.";
        return Err(Failure::invalid("paper.differs", message));
    }
    Ok(pinfl)
}

/// The paper again, now that it is known whose it is.
pub fn signed_by(state: &CaseState, pinfl: Pinfl) -> Signed {
    let known = |name: &str| as_taken_in(state, name).to_owned();
    Signed {
        who: Who::Known(pinfl),
        family_name: known("family_name"),
        given_name: known("given_name"),
        patronymic: known("patronymic"),
        original: paper::original(state),
        reason: String::new(),
        contact: String::new(),
    }
}

/// What identity does not know of them is as it was typed.
pub fn as_typed(state: &CaseState, known: Person) -> Person {
    match known.birth_date.is_empty() {
        true => Person { birth_date: as_taken_in(state, "birthDate").to_owned(), ..known },
        false => known,
    }
}

pub fn known() -> Failure {
    let message = "It is known whose application this is, or it is not there any more. Look at the list again.";
    Failure::stale("paper.known", message)
}

/// What was typed of whoever signed it.
fn as_taken_in<'s>(state: &'s CaseState, name: &str) -> &'s str {
    let profile = state.applicant.as_ref().map(|applicant| &applicant.profile);
    profile.and_then(|profile| profile.get(name)).and_then(Value::as_str).unwrap_or_default()
}

/// Whether this officer, saying this, is the second who says it.
pub fn agrees(state: &CaseState, person: PersonId, officer: PersonId) -> bool {
    let identity = state.taken_in.as_ref().and_then(|taken| taken.identity);
    matches!(identity, Some(Identity::Said { person: said, officer: first, .. }) if said == person && first != officer)
}

/// How far it is known whose it is, to this officer; empty: it is.
pub fn identity(state: &CaseState, officer: PersonId) -> &'static str {
    match state.taken_in.as_ref().and_then(|taken| taken.identity) {
        Some(Identity::NotYet) => "not-yet",
        Some(Identity::Said { officer: first, .. }) if first == officer => "said-own",
        Some(Identity::Said { .. }) => "said",
        Some(Identity::Known { .. }) | None => "",
    }
}

#[cfg(test)]
mod tests {
    use kernel::{CaseId, Time};
    use process::case::{Applicant, TakenIn};

    use super::*;

    fn state(identity: Identity) -> CaseState {
        let mut state = CaseState::absent(CaseId::from_bytes([1; 16]));
        let person = PersonId::from_bytes([7; 16]);
        let profile = [("family_name", "Каримова"), ("given_name", "Dilnoza"), ("birthDate", "1985-03-12")];
        let profile = profile.map(|(name, value)| (name.to_owned(), Value::from(value)));
        state.applicant = Some(Applicant {
            person,
            actor: person,
            mandate: None,
            assurance: "substantial".into(),
            profile: profile.into_iter().collect(),
        });
        state.taken_in = Some(TakenIn {
            officer: person,
            before: std::collections::BTreeSet::new(),
            role: "registrar".into(),
            original: "K-1".into(),
            mark: None,
            received: None,
            reason: String::new(),
            unidentified: true,
            contact: "+998 90 123-45-67".into(),
            identity: Some(identity),
            notify: None,
        });
        state
    }

    #[test]
    fn a_number_counts_only_with_the_day_of_birth_and_the_family_name_of_the_paper() {
        let state = state(Identity::NotYet);
        let typed = |pinfl: &str, born: &str, family_name: &str| IdentifyApplicantRequest {
            case_id: Vec::new(),
            pinfl: pinfl.into(),
            born: born.into(),
            family_name: family_name.into(),
        };
        let right = said(&state, &typed("31203850000015", "1985-03-12", "Karimova")).unwrap();
        let signed = signed_by(&state, right);
        assert_eq!((signed.original.as_str(), signed.given_name.as_str()), ("K-1", "Dilnoza"));
        for (wrong, expected) in [
            (typed("31203850000016", "1985-03-12", "Karimova"), "pinfl.check-digit"),
            (typed("31203850000015", "1985-03-13", "Karimova"), "paper.born"),
            (typed("31203850000015", "1985-03-12", "Karimov"), "paper.differs"),
            (typed("31203850000015", "1985-03-12", " "), "paper.differs"),
            (typed("30207880170130", "1988-07-02", "Karimova"), "paper.differs"),
        ] {
            assert_eq!(said(&state, &wrong).err().map(|failure| failure.code.into_owned()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn only_another_officer_who_says_the_same_agrees() {
        let [first, second, one, other] = [1, 2, 3, 4].map(|id| PersonId::from_bytes([id; 16]));
        let state = state(Identity::Said { person: one, officer: first, at: Time::from_seconds(1) });
        assert!(agrees(&state, one, second) && !agrees(&state, one, first) && !agrees(&state, other, second));
        assert_eq!([identity(&state, first), identity(&state, second)], ["said-own", "said"]);
    }
}
