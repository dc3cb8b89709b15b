//! Receipts: each captured payment and each refund that went back has one, numbered without gaps within its agency and year.

use kernel::{IntentId, RefundId, Time};

/// Between the year and the count; a document's number has none.
const MARK: char = 'R';

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub number: Number,
    pub intent: IntentId,
    /// None: of the payment itself.
    pub refund: Option<RefundId>,
    /// Tiyin.
    pub amount: i64,
    pub time: Time,
}

impl Receipt {
    pub fn kind(&self) -> &'static str {
        if self.refund.is_some() { "refund" } else { "payment" }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    pub agency: String,
    pub year: i64,
    pub count: i64,
}

impl std::fmt::Display for Number {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}-{}-{MARK}{}", self.agency, self.year, self.count)
    }
}

impl Number {
    /// As it is written; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, count) = text.rsplit_once('-')?;
        let (agency, year) = rest.rsplit_once('-')?;
        let number = Self {
            agency: agency.to_owned(),
            year: year.parse().ok()?,
            count: count.strip_prefix(MARK)?.parse().ok()?,
        };
        (number.to_string() == text).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_written_and_nothing_else_is_one() {
        for written in ["justice-2026-R17", "civil-status-2027-R1"] {
            assert_eq!(Number::parse(written).unwrap().to_string(), written);
        }
        for other in ["", "justice-2026-17", "justice-2026-R017", "justice-2026-R", "R1", "2026-R1", "justice-R1"] {
            assert_eq!(Number::parse(other), None, "{other}");
        }
    }
}
