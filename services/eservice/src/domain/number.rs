//! Numbers that people quote: three letters of the agency, the year of submission, six digits.

use kernel::Time;
use process::calendar::civil_date;

/// The year in Tashkent: what a number submitted at this moment carries.
pub fn year(at: Time) -> i64 {
    i64::from(civil_date(at).year())
}

/// `JUS-2026-000123`; more digits when a million is passed.
pub fn number(agency: &str, year: i64, count: i64) -> String {
    let letters = agency.chars().filter(char::is_ascii_alphanumeric).take(3);
    let prefix: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
    format!("{prefix}-{year}-{count:06}")
}

/// Year and count of a number of this agency's.
pub fn parts(agency: &str, given: &str) -> Option<(i64, i64)> {
    let (rest, count) = given.rsplit_once('-')?;
    let (_, year) = rest.rsplit_once('-')?;
    let parts = (year.parse().ok()?, count.parse().ok()?);
    (number(agency, parts.0, parts.1) == given).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_carries_the_year_of_tashkent() {
        let new_year: Time = "2026-12-31T19:30:00Z".parse().unwrap();
        assert_eq!(number("justice", year(new_year), 123), "JUS-2027-000123");
        assert_eq!(number("justice", 2026, 1_234_567), "JUS-2026-1234567");
        for given in ["JUS-2027-000123", "JUS-2026-1234567"] {
            let (year, count) = parts("justice", given).unwrap();
            assert_eq!(number("justice", year, count), given);
        }
        for foreign in ["NOT-2027-000123", "JUS-2027-123", "JUS-2027", ""] {
            assert_eq!(parts("justice", foreign), None, "{foreign}");
        }
    }
}
