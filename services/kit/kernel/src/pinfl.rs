//! PINFL, the personal number: 14 digits `G DDMMYY RRR SSS C` with a check digit.

use std::fmt;

use crate::{Failure, Hash, keyed_hash};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
}

/// A number that passed its check digit. Masked when printed: it is personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Pinfl(String);

impl Pinfl {
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let digits: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        let refused = |code, message: &str| Err(Failure::invalid(code, message));
        if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return refused("pinfl.length", "A PINFL has 14 digits.");
        }
        let pinfl = Self(digits);
        if pinfl.check_digit() != pinfl.digit(13) {
            return refused("pinfl.check-digit", "This is not a PINFL: check the digits.");
        }
        if !(1..=6).contains(&pinfl.digit(0)) || pinfl.birth().is_none() {
            return refused("pinfl.birth-date", "This is not a PINFL: check the digits.");
        }
        Ok(pinfl)
    }

    /// The digits themselves, for the one place that needs them.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The person as services compare them that have this key in common: nobody names the number to another.
    pub fn party(&self, key: &[u8; 32]) -> Hash {
        keyed_hash(key, &[b"party", self.0.as_bytes()])
    }

    /// ISO 8601 date of birth.
    pub fn birth_date(&self) -> String {
        let (year, month, day) = self.birth().expect("checked by parse");
        format!("{year:04}-{month:02}-{day:02}")
    }

    pub fn sex(&self) -> Sex {
        if self.digit(0) % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    fn digit(&self, index: usize) -> u32 {
        u32::from(self.0.as_bytes()[index] - b'0')
    }

    /// Weights 7, 3, 1 repeating over the first 13 digits, modulo 10.
    fn check_digit(&self) -> u32 {
        (0..13).map(|index| self.digit(index) * [7, 3, 1][index % 3]).sum::<u32>() % 10
    }

    fn birth(&self) -> Option<(i16, i8, i8)> {
        let pair = |index| self.digit(index) * 10 + self.digit(index + 1);
        let century = (self.digit(0).div_ceil(2) + 17) * 100;
        let (year, month, day) = (century + pair(5), pair(3), pair(1));
        let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        jiff::civil::Date::new(year, month, day).ok()?;
        Some((year, month, day))
    }
}

/// Tells whether two services compare persons under the same key.
pub fn party_key(key: &[u8; 32]) -> Hash {
    keyed_hash(key, &[b"party key"])
}

impl fmt::Debug for Pinfl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pinfl(•••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_check_digit(thirteen: &str) -> String {
        let sum: u32 = thirteen.bytes().enumerate().map(|(i, b)| u32::from(b - b'0') * [7, 3, 1][i % 3]).sum();
        format!("{thirteen}{}", sum % 10)
    }

    #[test]
    fn the_number_tells_birth_and_sex() {
        let pinfl = Pinfl::parse(&with_check_digit("4150392012345")).unwrap();
        assert_eq!((pinfl.birth_date().as_str(), pinfl.sex()), ("1992-03-15", Sex::Female));
        let pinfl = Pinfl::parse(&with_check_digit("5290204012345")).unwrap();
        assert_eq!((pinfl.birth_date().as_str(), pinfl.sex()), ("2004-02-29", Sex::Male));
        assert_eq!(format!("{pinfl:?}"), "Pinfl(•••)");
    }

    #[test]
    fn every_single_wrong_digit_that_matters_is_refused() {
        let good = with_check_digit("3010190012345");
        for position in 0..14 {
            for digit in b'0'..=b'9' {
                let mut wrong = good.clone().into_bytes();
                if wrong[position] == digit {
                    continue;
                }
                wrong[position] = digit;
                assert!(Pinfl::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
            }
        }
        assert!(Pinfl::parse(&with_check_digit("3310290012345")).is_err(), "31 February");
    }
}
