//! What an officer says of an application on paper, who may take it in, and for how long they go on with it.

use kernel::{Failure, PersonId, Time, lookup, pinfl::Pinfl};
use process::{CaseState, case::Phase};
use proto::{
    eservice::v1::{Paper, TakenInCase},
    identity::v1::{Appointment, Officer, Person},
};

use super::{access::in_force, review};

/// How such a case came, in the words of the case.
pub const CHANNEL: &str = "paper";
/// The act of taking an application in.
pub const TAKEN: &str = "paper.taken-in";
pub const REFUSED: &str = "paper.refused";

const NAME_CHARS_MAX: usize = 80;
const ORIGINAL_CHARS_MAX: usize = 60;

/// Who signed, as it was read from the paper. Never printed: it is personal data.
pub struct Signed {
    pub pinfl: Pinfl,
    pub family_name: String,
    pub given_name: String,
    pub patronymic: String,
    pub original: String,
}

pub fn signed(paper: &Paper) -> Result<Signed, Failure> {
    let pinfl = Pinfl::parse(&paper.pinfl)?;
    let (family_name, given_name) = (named(&paper.family_name)?, named(&paper.given_name)?);
    let patronymic = match paper.patronymic.trim() {
        "" => String::new(),
        _ => named(&paper.patronymic)?,
    };
    let original = paper.original.trim();
    let written = |letter: char| letter.is_alphanumeric() || "-/.№ ".contains(letter);
    if original.is_empty() || original.chars().count() > ORIGINAL_CHARS_MAX || !original.chars().all(written) {
        let message =
            "Type the number under which the signed original is kept, such as 12/2026: letters, digits, - / .";
        return Err(Failure::invalid("paper.original", message));
    }
    Ok(Signed { pinfl, family_name, given_name, patronymic, original: original.to_owned() })
}

fn named(typed: &str) -> Result<String, Failure> {
    let name = typed.trim();
    if lookup::words(name).is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let message = "Type the family name and the given name as they stand on the application.";
        return Err(Failure::invalid("paper.name", message));
    }
    Ok(name.to_owned())
}

/// A number that was misread belongs to somebody else: the family name must be theirs, in whichever script it was typed.
pub fn is_of(signed: &Signed, known: &Person) -> bool {
    let known = lookup::words(&known.family_name);
    known.is_empty() || known == lookup::words(&signed.family_name)
}

/// Neither whose the number is nor their name is told.
pub fn name_differs() -> Failure {
    Failure::invalid("paper.name-differs", "The PINFL and the family name are not of one person. Check both.")
}

pub fn not_taken() -> Failure {
    Failure::conflict("paper.not-taken", "This service takes no applications on paper.")
}

pub fn officers_only() -> Failure {
    Failure::forbidden("paper.officers-only", "Only an officer takes in what came on paper. Sign in as one.")
}

pub fn not_appointed() -> Failure {
    Failure::forbidden(
        "paper.not-appointed",
        "Your role does not take in applications for this service. The agency's administrator gives roles.",
    )
}

pub fn own() -> Failure {
    Failure::forbidden("paper.own", "Nobody takes in their own application. Ask another officer of your role.")
}

/// As what the officer takes in: their own office before the whole agency.
pub fn appointed<'a>(officer: &'a Officer, agency: &str, role: &str, now: Time) -> Option<&'a Appointment> {
    let held = officer.appointments.iter();
    let fits = held.filter(|held| in_force(held, now) && held.agency == agency && held.role == role);
    fits.max_by_key(|held| !held.office.is_empty())
}

/// Whether it is typed by an officer and was not sent yet: until then whoever signed it sees nothing of it.
pub fn is_being_typed(state: &CaseState) -> bool {
    state.taken_in.is_some() && state.submitted.is_none()
}

/// Whether this officer has it to type, or to correct after it was sent back.
pub fn types(state: &CaseState, officer: PersonId) -> bool {
    state.is_taken_in_by(officer) && (state.phase == Phase::Draft || state.returned.is_some())
}

/// Under which number the signed original is kept; empty: nothing came on paper.
pub fn original(state: &CaseState) -> String {
    state.taken_in.as_ref().map(|taken| taken.original.clone()).unwrap_or_default()
}

pub fn listed(state: &CaseState) -> TakenInCase {
    TakenInCase {
        case_id: state.case_id.to_vec(),
        phase: state.public_phase().to_owned(),
        number: state.number.clone().unwrap_or_default(),
        applicant: review::applicant_name(state),
        original: original(state),
        changed_us: state.changed.micros(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Paper {
        Paper {
            pinfl: "31203850000015".into(),
            family_name: " Каримова ".into(),
            given_name: "Dilnoza".into(),
            patronymic: String::new(),
            original: "K-12/2026".into(),
        }
    }

    #[test]
    fn what_is_missing_or_no_name_or_number_is_refused_by_its_own_code() {
        let code = |paper: Paper| signed(&paper).err().map(|failure| failure.code.into_owned());
        assert_eq!(code(paper()), None);
        for (wrong, expected) in [
            (Paper { pinfl: "31203850000016".into(), ..paper() }, "pinfl.check-digit"),
            (Paper { pinfl: String::new(), ..paper() }, "pinfl.length"),
            (Paper { family_name: " - ".into(), ..paper() }, "paper.name"),
            (Paper { given_name: String::new(), ..paper() }, "paper.name"),
            (Paper { patronymic: "x".repeat(81), ..paper() }, "paper.name"),
            (Paper { original: "  ".into(), ..paper() }, "paper.original"),
            (Paper { original: "<b>1</b>".into(), ..paper() }, "paper.original"),
            (Paper { original: "1".repeat(61), ..paper() }, "paper.original"),
        ] {
            assert_eq!(code(wrong).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_number_counts_only_with_the_family_name_of_its_owner_in_either_script() {
        let signed = signed(&paper()).unwrap();
        let known = |family_name: &str| Person { family_name: family_name.into(), ..Person::default() };
        assert!(is_of(&signed, &known("Karimova")) && is_of(&signed, &known("КАРИМОВА")));
        assert!(is_of(&signed, &known("")), "nobody knew them before");
        assert!(!is_of(&signed, &known("Karimov")) && !is_of(&signed, &known("Yusupova")));
    }

    #[test]
    fn only_the_role_of_the_agency_takes_in_and_the_own_office_is_named_first() {
        let held = |agency: &str, office: &str, role: &str, to_us: i64| Appointment {
            agency: agency.into(),
            office: office.into(),
            role: role.into(),
            from_us: 10,
            to_us,
        };
        let officer = |appointments: Vec<Appointment>| Officer { appointments, ..Officer::default() };
        let now = Time::from_micros(100);
        let office = |officer: &Officer| appointed(officer, "justice", "clerk", now).map(|held| held.office.clone());
        let both = officer(vec![held("justice", "", "clerk", 0), held("justice", "nukus", "clerk", 0)]);
        assert_eq!(office(&both).as_deref(), Some("nukus"));
        for other in [
            held("justice", "nukus", "registrar", 0),
            held("health", "nukus", "clerk", 0),
            held("justice", "nukus", "clerk", 99),
        ] {
            assert_eq!(office(&officer(vec![other])), None);
        }
    }
}
