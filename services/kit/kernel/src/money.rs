//! Money as an integer of minor units: exact, with its currency, never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Decimal, Failure};

/// ISO 4217. The platform's own money is the so'm; another currency is a new variant, never a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    #[default]
    Uzs,
}

impl Currency {
    pub fn code(self) -> &'static str {
        match self {
            Self::Uzs => "UZS",
        }
    }

    pub fn parse(code: &str) -> Result<Self, Failure> {
        match code {
            "UZS" => Ok(Self::Uzs),
            _ => Err(Failure::invalid("money.currency", "Amounts are in UZS.")),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: tiyin, 1/100 so'm.
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub const ZERO: Self = Self { minor: 0, currency: Currency::Uzs };

    pub fn uzs(minor: i64) -> Self {
        Self { minor, currency: Currency::Uzs }
    }

    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    pub fn checked_add(self, other: Self) -> Result<Self, Failure> {
        self.combine(other, i64::checked_add)
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, Failure> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, Failure> {
        if self.currency != other.currency {
            return Err(Failure::invalid("money.currency", "Amounts of different currencies cannot be combined."));
        }
        let minor = operation(self.minor, other.minor)
            .ok_or_else(|| Failure::invalid("money.overflow", "The amount is too large."))?;
        Ok(Self { minor, currency: self.currency })
    }

    /// Splits exactly by shares (largest remainder): the parts always sum to the whole.
    /// Ties go to the earlier part, so the result never depends on anything but its arguments.
    pub fn split_by_shares(self, shares: &[u32]) -> Vec<Self> {
        let total: i128 = shares.iter().map(|share| i128::from(*share)).sum();
        if total == 0 {
            return Vec::new();
        }
        let exact = |share: &u32| i128::from(self.minor) * i128::from(*share);
        let mut parts: Vec<i128> = shares.iter().map(|share| exact(share).div_euclid(total)).collect();
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(exact(&shares[*index]).rem_euclid(total)));
        let missing = i128::from(self.minor) - parts.iter().sum::<i128>();
        for index in order.into_iter().take(usize::try_from(missing).unwrap_or_default()) {
            parts[index] += 1;
        }
        let money = |minor: i128| Self {
            minor: i64::try_from(minor).expect("a part is never larger than the whole"),
            currency: self.currency,
        };
        parts.into_iter().map(money).collect()
    }

    /// In major units, exactly.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, 2)
    }
}

impl fmt::Display for Money {
    /// `34 000,00 UZS`: the way sums are written in Uzbekistan, with a narrow no-break space between thousands.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let major = (self.minor / 100).unsigned_abs().to_string();
        if self.minor < 0 {
            out.write_str("−")?;
        }
        for (index, digit) in major.chars().enumerate() {
            if index > 0 && (major.len() - index).is_multiple_of(3) {
                out.write_str("\u{202f}")?;
            }
            write!(out, "{digit}")?;
        }
        write!(out, ",{:02}\u{a0}{}", (self.minor % 100).abs(), self.currency.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_loses_no_tiyin_and_favours_the_largest_remainder() {
        assert_eq!(Money::uzs(100).split_by_shares(&[1, 1, 1]), [34, 33, 33].map(Money::uzs));
        assert_eq!(Money::uzs(5).split_by_shares(&[30, 70]), [2, 3].map(Money::uzs));
        for amount in [0, 1, 7, 99, 4_120_000, i64::MAX] {
            for shares in [&[100][..], &[50, 50], &[33, 33, 34], &[1, 2, 3, 5, 7]] {
                let parts = Money::uzs(amount).split_by_shares(shares);
                let sum: i128 = parts.iter().map(|part| i128::from(part.minor)).sum();
                assert_eq!(sum, i128::from(amount));
            }
        }
    }

    #[test]
    fn an_amount_is_written_as_people_write_it() {
        assert_eq!(Money::uzs(4_120_050).to_string(), "41\u{202f}200,50\u{a0}UZS");
        assert_eq!(Money::uzs(-5).to_string(), "−0,05\u{a0}UZS");
    }
}
