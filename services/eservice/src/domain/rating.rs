//! When an applicant rates the service, what a rating may be, and how its words are kept.

use std::time::Duration;

use kernel::{CaseId, Failure, Random, Time, sealed::CaseKey};
use process::{CaseState, case::Phase};
use proto::identity::v1::Officer;

use super::access;

const SCORES: std::ops::RangeInclusive<i32> = 1..=5;
const TEXT_CHARS_MAX: usize = 1_000;
/// After the end of the case.
const OPEN_FOR: Duration = Duration::from_secs(60 * 86_400);

/// Until when the case can be rated; none: it has not ended, or was never sent.
pub fn open_until(state: &CaseState) -> Option<Time> {
    let ended = state.ended.filter(|_| state.phase == Phase::Ended && state.submitted.is_some())?;
    Some(ended.plus(OPEN_FOR))
}

pub fn open(state: &CaseState, now: Time) -> Result<(), Failure> {
    if open_until(state).is_some_and(|until| now < until) {
        return Ok(());
    }
    let message = "A service is rated within 60 days after the application has ended.";
    Err(Failure::conflict("rating.closed", message))
}

/// The score, and the words if there are any.
pub fn checked(score: i32, text: &str) -> Result<(i64, Option<String>), Failure> {
    let text = text.trim();
    if !SCORES.contains(&score) || text.chars().count() > TEXT_CHARS_MAX {
        let message = "Choose a rating from 1 to 5, and write at most 1,000 letters about it.";
        return Err(Failure::invalid("rating.invalid", message));
    }
    Ok((i64::from(score), (!text.is_empty()).then(|| text.to_owned())))
}

pub fn given_already() -> Failure {
    Failure::conflict("rating.given", "This application was rated already. A rating cannot be changed.")
}

pub fn seal(key: &CaseKey, case: CaseId, words: &str, random: &dyn Random) -> String {
    key.seal_words(words, &place(case), random)
}

pub fn open_words(key: &CaseKey, case: CaseId, kept: &str) -> Result<String, Failure> {
    key.open_words(kept, &place(case))
}

fn place(case: CaseId) -> Vec<u8> {
    [case.as_bytes().as_slice(), b"rating"].concat()
}

/// Whoever leads an office of the service's agency reads what people wrote.
pub fn may_read(officer: &Officer, agency: &str, now: Time) -> bool {
    access::leads_in(officer, agency, None, now)
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    #[test]
    fn a_rating_is_a_score_of_five_and_words_of_a_bounded_length() {
        assert_eq!(checked(5, " Fast ").unwrap(), (5, Some("Fast".to_owned())));
        assert_eq!(checked(1, "  ").unwrap(), (1, None));
        for (score, text) in [(0, ""), (6, ""), (3, "x".repeat(1_001).as_str())] {
            assert_eq!(checked(score, text).unwrap_err().code, "rating.invalid");
        }
    }

    #[test]
    fn a_case_is_rated_after_its_end_and_for_sixty_days() {
        let ended = Time::from_seconds(1_790_000_000);
        let mut state = CaseState::absent(CaseId::from_bytes([1; 16]));
        assert_eq!(open(&state, ended).unwrap_err().code, "rating.closed");
        (state.phase, state.submitted, state.ended) = (Phase::Ended, Some(ended), Some(ended));
        open(&state, ended.plus(OPEN_FOR - Duration::from_secs(1))).unwrap();
        assert_eq!(open(&state, ended.plus(OPEN_FOR)).unwrap_err().code, "rating.closed");
        state.phase = Phase::Discarded;
        assert!(open_until(&state).is_none(), "a draft that was thrown away");
    }

    #[test]
    fn words_are_read_by_who_leads_in_the_agency_now() {
        let officer = |agency: &str, role: &str, to_us: i64| Officer {
            appointments: vec![Appointment { agency: agency.into(), role: role.into(), to_us, ..Default::default() }],
            ..Officer::default()
        };
        let now = Time::from_micros(100);
        assert!(may_read(&officer("justice", "lead", 0), "justice", now));
        assert!(!may_read(&officer("health", "lead", 0), "justice", now));
        assert!(!may_read(&officer("justice", "registrar", 0), "justice", now));
        assert!(!may_read(&officer("justice", "lead", 99), "justice", now));
    }
}
