//! What an auditor may see: their own agency's acts, or the whole platform's.

use kernel::{Failure, Time};
use proto::identity::v1::Officer;

/// The role that reads what was done. Held in `platform` instead of an agency it reads everything.
pub const AUDITOR: &str = "auditor";
/// Stands where no agency is meant.
pub const PLATFORM: &str = "platform";
/// The longest number of a case and name of an act.
const WORD_BYTES_MAX: usize = 64;
const PURPOSE_CHARS_MAX: usize = 300;

/// Agencies that the officer audits now, each once; `platform` first.
pub fn audits(officer: &Officer, now: Time) -> Vec<String> {
    let now = now.micros();
    let held = officer.appointments.iter().filter(|held| held.role == AUDITOR);
    let in_force = held.filter(|held| held.from_us <= now && (held.to_us == 0 || now < held.to_us));
    let mut agencies: Vec<String> = in_force.map(|held| held.agency.clone()).collect();
    agencies.sort_by_key(|agency| (agency != PLATFORM, agency.clone()));
    agencies.dedup();
    agencies
}

/// Which agencies' acts are searched; None: everybody's.
pub fn narrowed(audits: &[String], asked: &str) -> Result<Option<Vec<String>>, Failure> {
    let everything = audits.iter().any(|agency| agency == PLATFORM);
    match asked {
        "" if everything => Ok(None),
        "" => Ok(Some(audits.to_vec())),
        one if everything || audits.iter().any(|agency| agency == one) => Ok(Some(vec![one.to_owned()])),
        _ => Err(auditors_only()),
    }
}

/// Under which agency an auditor's own act is recorded.
pub fn recorded_under(audits: &[String], asked: &str) -> String {
    if asked.is_empty() { audits.first().cloned().unwrap_or_default() } else { asked.to_owned() }
}

/// What is typed is kept with the search.
pub fn purpose(typed: &str) -> Result<String, Failure> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > PURPOSE_CHARS_MAX {
        let message =
            "Say why you search, in at most 300 letters and without names: the number of the inspection, for example.";
        return Err(Failure::invalid("docket.purpose", message));
    }
    Ok(typed.to_owned())
}

/// A case's number, or the name of an act: it is kept with the search, so nothing else may stand in its place.
pub fn word(typed: &str) -> Result<String, Failure> {
    let typed = typed.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/');
    if typed.len() > WORD_BYTES_MAX || !typed.bytes().all(fits) {
        let message = "This is neither a case's number nor the name of an act. Write it as a list shows it.";
        return Err(Failure::invalid("docket.word", message));
    }
    Ok(typed.to_owned())
}

pub fn auditors_only() -> Failure {
    Failure::forbidden("docket.auditors-only", "This page is for auditors of the agency. Sign in as one.")
}

/// An act's place in a list, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub time: i64,
    pub id: i64,
}

impl Place {
    /// Before every act.
    pub fn start() -> Self {
        Self { time: i64::MAX, id: i64::MAX }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (time, id) = text.split_once('.')?;
        Some(Self { time: time.parse().ok()?, id: id.parse().ok()? })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.time, self.id)
    }
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    fn officer(held: &[(&str, &str, i64)]) -> Officer {
        let appointments = held.iter().map(|(agency, role, to_us)| Appointment {
            agency: (*agency).into(),
            role: (*role).into(),
            to_us: *to_us,
            ..Appointment::default()
        });
        Officer { appointments: appointments.collect(), ..Officer::default() }
    }

    #[test]
    fn an_auditor_sees_their_own_agency_and_one_of_the_platform_everything() {
        let now = Time::from_micros(100);
        let own =
            audits(&officer(&[("justice", AUDITOR, 0), ("health", AUDITOR, 100), ("notary", "registrar", 0)]), now);
        assert_eq!(own, ["justice"]);
        assert_eq!(narrowed(&own, "").unwrap(), Some(vec!["justice".to_owned()]));
        assert_eq!(narrowed(&own, "health").unwrap_err().code, "docket.auditors-only");
        assert_eq!(narrowed(&own, PLATFORM).unwrap_err().code, "docket.auditors-only");
        let all = audits(&officer(&[("justice", AUDITOR, 0), (PLATFORM, AUDITOR, 0)]), now);
        assert_eq!(all, [PLATFORM, "justice"]);
        assert_eq!(narrowed(&all, "").unwrap(), None);
        assert_eq!(narrowed(&all, "health").unwrap(), Some(vec!["health".to_owned()]));
        assert_eq!(recorded_under(&all, ""), PLATFORM);
        assert!(audits(&officer(&[("justice", "registrar", 0)]), now).is_empty());
    }

    #[test]
    fn nobody_searches_without_saying_why() {
        for wrong in ["", "  ", &"x".repeat(301)] {
            assert_eq!(purpose(wrong).unwrap_err().code, "docket.purpose");
        }
        assert_eq!(purpose(" Inspection 7 ").unwrap(), "Inspection 7");
    }

    #[test]
    fn a_name_is_no_number() {
        assert_eq!(word(" JUS-2026-000001 ").unwrap(), "JUS-2026-000001");
        assert_eq!(word("case.opened").unwrap(), "case.opened");
        for wrong in ["Karimova Dilnoza", "Каримова", &"x".repeat(65)] {
            assert_eq!(word(wrong).unwrap_err().code, "docket.word");
        }
    }

    #[test]
    fn a_place_survives_its_text() {
        let place = Place { time: 7, id: 3 };
        assert_eq!(Place::parse(&place.to_string()), Some(place));
        assert_eq!(Place::parse("7"), None);
    }
}
