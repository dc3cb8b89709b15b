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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_carries_the_year_of_tashkent() {
        let new_year: Time = "2026-12-31T19:30:00Z".parse().unwrap();
        assert_eq!(number("justice", year(new_year), 123), "JUS-2027-000123");
        assert_eq!(number("justice", 2026, 1_234_567), "JUS-2026-1234567");
    }
}
