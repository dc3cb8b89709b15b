//! A length of time as an official writes it: `30 s`, `3 days`, `2 working days`.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A number and a unit. Working days, months and years need a calendar, so a span is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// How many units.
    pub amount: u32,
    /// Unit of the amount.
    pub unit: Unit,
}

/// Units of a span, from the shortest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds (`s`).
    Seconds,
    /// Minutes (`min`).
    Minutes,
    /// Hours (`h`).
    Hours,
    /// Calendar days.
    Days,
    /// Days on which offices work, by the holiday calendar.
    WorkingDays,
    /// Weeks of seven calendar days.
    Weeks,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
}

/// What is wrong with a written span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time; write for example `30 s`, `3 days`, `2 working days`, `1 year`")]
pub struct SpanError(String);

impl Span {
    /// The largest amount that is accepted, so that no calendar arithmetic overflows.
    pub const AMOUNT_MAX: u32 = 100_000;

    /// Length in seconds when it does not depend on a calendar.
    pub fn seconds(&self) -> Option<u64> {
        let unit = match self.unit {
            Unit::Seconds => 1,
            Unit::Minutes => 60,
            Unit::Hours => 3_600,
            Unit::Days => 86_400,
            Unit::Weeks => 604_800,
            Unit::WorkingDays | Unit::Months | Unit::Years => return None,
        };
        Some(u64::from(self.amount) * unit)
    }
}

impl Unit {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "s" | "second" | "seconds" => Self::Seconds,
            "min" | "minute" | "minutes" => Self::Minutes,
            "h" | "hour" | "hours" => Self::Hours,
            "day" | "days" => Self::Days,
            "working day" | "working days" => Self::WorkingDays,
            "week" | "weeks" => Self::Weeks,
            "month" | "months" => Self::Months,
            "year" | "years" => Self::Years,
            _ => return None,
        })
    }

    fn word(self, one: bool) -> &'static str {
        match (self, one) {
            (Self::Seconds, _) => "s",
            (Self::Minutes, _) => "min",
            (Self::Hours, _) => "h",
            (Self::Days, true) => "day",
            (Self::Days, false) => "days",
            (Self::WorkingDays, true) => "working day",
            (Self::WorkingDays, false) => "working days",
            (Self::Weeks, true) => "week",
            (Self::Weeks, false) => "weeks",
            (Self::Months, true) => "month",
            (Self::Months, false) => "months",
            (Self::Years, true) => "year",
            (Self::Years, false) => "years",
        }
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(written: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError(written.chars().take(40).collect());
        let (amount, unit) = written.split_once(' ').ok_or_else(wrong)?;
        if amount.starts_with('+') {
            return Err(wrong());
        }
        let amount = amount.parse().ok().filter(|n| (1..=Self::AMOUNT_MAX).contains(n)).ok_or_else(wrong)?;
        Ok(Self { amount, unit: Unit::parse(unit).ok_or_else(wrong)? })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.amount, self.unit.word(self.amount == 1))
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(written: String) -> Result<Self, SpanError> {
        written.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "span",
            "description": "A length of time: `30 s`, `5 min`, `2 h`, `3 days`, `2 working days`, `1 month`, `5 years`.",
            "pattern": "^[1-9][0-9]{0,5} (s|seconds?|min|minutes?|h|hours?|days?|working days?|weeks?|months?|years?)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, Unit};

    #[test]
    fn spans_are_read_as_officials_write_them() {
        assert_eq!("2 working days".parse(), Ok(Span { amount: 2, unit: Unit::WorkingDays }));
        assert_eq!("30 s".parse::<Span>().unwrap().seconds(), Some(30));
        assert_eq!("1 years".parse::<Span>().unwrap().to_string(), "1 year");
        for wrong in ["", "3", "3days", "-1 days", "+1 days", "0 days", "1 fortnight", "999999999 days", "1.5 h"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
