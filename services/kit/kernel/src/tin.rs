//! TIN, the number of a taxpayer: nine digits, by which a company is known.

use crate::Failure;

const DIGITS: usize = 9;

/// Never printed: a one-man business has one, too.
#[derive(Clone, PartialEq, Eq)]
pub struct Tin(String);

impl Tin {
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let digits: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        if digits.len() != DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Failure::invalid("tin.length", "A TIN has 9 digits."));
        }
        Ok(Self(digits))
    }

    /// The digits themselves, for the one place that needs them.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tin_has_nine_digits_however_it_is_spaced() {
        assert_eq!(Tin::parse("301 234 567").unwrap().reveal(), "301234567");
        for wrong in ["", "30123456", "3012345678", "30123456x", "٣٠١٢٣٤٥٦٧"] {
            assert_eq!(Tin::parse(wrong).err().unwrap().code, "tin.length", "{wrong}");
        }
    }
}
