//! Arithmetic that is exact or refused: nothing is rounded unless the expression says how.

use kernel::{Currency, Decimal, Money};
use serde_json::Value as Json;

use super::Fault;

/// Digits a typed or written number may have: far below what the arithmetic holds.
const DIGITS_MAX: usize = 18;

pub fn parse(text: &str) -> Result<Decimal, Fault> {
    let wrong = || Fault::new("expr.number", "the text is not a number such as 12 or 0.5");
    if text.len() > DIGITS_MAX + 2 || text.contains(['e', 'E', '_', '+']) {
        return Err(wrong());
    }
    Decimal::from_str_exact(text).map_err(|_| wrong())
}

/// A whole number becomes an integer, another one a JSON number with exactly its digits.
pub fn to_json(decimal: Decimal) -> Json {
    let plain = decimal.normalize();
    let number = plain.to_string().parse::<serde_json::Number>();
    number.map_or_else(|_| Json::String(plain.to_string()), Json::Number)
}

fn overflow() -> Fault {
    Fault::new("expr.overflow", "the number is too large")
}

fn of_parts(mantissa: Option<i128>, scale: u32) -> Result<Decimal, Fault> {
    let mantissa = mantissa.ok_or_else(overflow)?;
    Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| overflow())
}

fn aligned(a: Decimal, b: Decimal) -> Option<(i128, i128, u32)> {
    let scale = a.scale().max(b.scale());
    let lift = |number: Decimal| number.mantissa().checked_mul(10_i128.checked_pow(scale - number.scale())?);
    Some((lift(a)?, lift(b)?, scale))
}

pub fn add(a: Decimal, b: Decimal) -> Result<Decimal, Fault> {
    let (a, b, scale) = aligned(a, b).ok_or_else(overflow)?;
    of_parts(a.checked_add(b), scale)
}

pub fn subtract(a: Decimal, b: Decimal) -> Result<Decimal, Fault> {
    add(a, -b)
}

pub fn multiply(a: Decimal, b: Decimal) -> Result<Decimal, Fault> {
    of_parts(a.mantissa().checked_mul(b.mantissa()), a.scale() + b.scale())
}

pub fn multiply_money(money: Money, by: i64) -> Result<Money, Fault> {
    let minor = money.minor.checked_mul(by).ok_or_else(overflow)?;
    Ok(Money { minor, currency: money.currency })
}

/// How a part of an amount becomes whole tiyin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest; half goes away from zero. What is meant when nothing is said.
    HalfUp,
    /// To the nearest; half goes to the even neighbour.
    HalfEven,
    Up,
    Down,
}

impl Rounding {
    pub fn parse(word: &str) -> Result<Self, Fault> {
        match word {
            "half-up" => Ok(Self::HalfUp),
            "half-even" => Ok(Self::HalfEven),
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            _ => Err(Fault::new("expr.rounding", "the rounding is one of 'half-up', 'half-even', 'up', 'down'")),
        }
    }

    /// `numerator / denominator` as a whole number; `denominator` is positive.
    fn apply(self, numerator: i128, denominator: i128) -> Option<i128> {
        let (quotient, rest) = (numerator / denominator, (numerator % denominator).unsigned_abs());
        let doubled = rest.checked_mul(2)?;
        let half = denominator.unsigned_abs();
        let away = match self {
            Self::Up => rest > 0,
            Self::Down => false,
            Self::HalfUp => doubled >= half && rest > 0,
            Self::HalfEven => doubled > half || (doubled == half && quotient % 2 != 0),
        };
        quotient.checked_add(if away { numerator.signum() } else { 0 })
    }
}

/// `numerator/denominator` of an amount, in whole tiyin.
pub fn share(money: Money, numerator: i128, denominator: i128, rounding: Rounding) -> Result<Money, Fault> {
    if denominator <= 0 {
        return Err(Fault::new("expr.division", "the divisor must be greater than zero"));
    }
    let whole = i128::from(money.minor).checked_mul(numerator).ok_or_else(overflow)?;
    let minor = rounding.apply(whole, denominator).and_then(|minor| i64::try_from(minor).ok());
    Ok(Money { minor: minor.ok_or_else(overflow)?, currency: money.currency })
}

pub fn percent(money: Money, percent: Decimal, rounding: Rounding) -> Result<Money, Fault> {
    let hundred = 10_i128.checked_pow(percent.scale() + 2).ok_or_else(overflow)?;
    share(money, percent.mantissa(), hundred, rounding)
}

/// An amount written in so'm: `money('34000.50')`.
pub fn money(soms: Decimal) -> Result<Money, Fault> {
    let (minor, _, scale) = aligned(soms, Decimal::new(0, 2)).ok_or_else(overflow)?;
    if scale > 2 && minor % 10_i128.pow(scale - 2) != 0 {
        return Err(Fault::new("expr.money", "an amount has at most two decimal places"));
    }
    let minor = i64::try_from(minor / 10_i128.pow(scale.saturating_sub(2))).map_err(|_| overflow())?;
    Ok(Money { minor, currency: Currency::Uzs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Decimal {
        parse(text).unwrap()
    }

    #[test]
    fn a_tenth_of_the_base_amount_is_exact() {
        let bhm = Money::uzs(41_200_000);
        assert_eq!(percent(bhm, of("10"), Rounding::HalfUp).unwrap(), Money::uzs(4_120_000));
        assert_eq!(percent(bhm, of("0.25"), Rounding::HalfUp).unwrap(), Money::uzs(103_000));
    }

    #[test]
    fn halves_go_where_the_rounding_says() {
        let each = |minor, rounding| share(Money::uzs(minor), 1, 2, rounding).unwrap().minor;
        assert_eq!([1, 3, -1].map(|minor| each(minor, Rounding::HalfUp)), [1, 2, -1]);
        assert_eq!([1, 3, 5].map(|minor| each(minor, Rounding::HalfEven)), [0, 2, 2]);
        assert_eq!([1, -1].map(|minor| each(minor, Rounding::Up)), [1, -1]);
        assert_eq!([1, -1].map(|minor| each(minor, Rounding::Down)), [0, 0]);
    }

    #[test]
    fn what_cannot_be_exact_is_refused() {
        assert!(multiply(Decimal::MAX, of("2")).is_err());
        assert!(add(Decimal::MAX, of("1")).is_err());
        assert!(multiply_money(Money::uzs(i64::MAX), 2).is_err());
        assert!(money(of("0.001")).is_err());
        assert!(parse("1e9").is_err());
        assert!(parse("1234567890123456789012").is_err());
        assert_eq!(money(of("34000.5")).unwrap(), Money::uzs(3_400_050));
    }
}
