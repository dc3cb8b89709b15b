//! Reference values set by law with a date from which they hold, each with the source it was read in.

use jiff::civil::{Date, date};
use kernel::{Money, Time};

use crate::calendar::civil_date;

/// One value of one name for a span of days. `until` is the first day on which it no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceValue {
    pub name: String,
    pub from: Date,
    pub until: Option<Date>,
    pub amount: Money,
    pub source: String,
    /// Whether the source was read; an unverified value is used and said to be so.
    pub verified: bool,
}

/// The values known to this binary, or a list that the host loaded from an admitted source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    values: Vec<ReferenceValue>,
}

impl Reference {
    pub fn new(values: Vec<ReferenceValue>) -> Self {
        Self { values }
    }

    /// The base calculation amount (bazaviy hisoblash miqdori, BHM). Between 2021-09-01 and 2024-10-01 it was raised several
    /// times by decrees that nobody here has read: no value is better than a wrong one, so the span is left out.
    pub fn standard() -> Self {
        let bhm = |from: Date, until: Option<Date>, soms: i64, source: &str, verified: bool| ReferenceValue {
            name: "bhm".to_owned(),
            from,
            until,
            amount: Money::uzs(soms * 100),
            source: source.to_owned(),
            verified,
        };
        Self::new(vec![
            bhm(date(2019, 8, 1), Some(date(2021, 2, 1)), 223_000, "reference sheet, 2019-08-01", true),
            bhm(date(2021, 2, 1), Some(date(2021, 9, 1)), 245_000, "gendermadad.uz", true),
            bhm(
                date(2024, 10, 1),
                Some(date(2025, 8, 1)),
                375_000,
                "centralasia-research.org (amount; date from general knowledge)",
                true,
            ),
            bhm(date(2025, 8, 1), None, 412_000, "general knowledge", false),
        ])
    }

    /// The value that holds on the civil day of `at` in Tashkent.
    pub fn value(&self, name: &str, at: Time) -> Option<&ReferenceValue> {
        let day = civil_date(at);
        self.values
            .iter()
            .rev()
            .find(|value| value.name == name && value.from <= day && value.until.is_none_or(|until| day < until))
    }

    /// Names that expressions may read as `ref.…`.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.values.iter().map(|value| value.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::start_of_day;

    fn bhm_on(day: Date) -> Option<i64> {
        let reference = Reference::standard();
        reference.value("bhm", start_of_day(day)).map(|value| value.amount.minor / 100)
    }

    #[test]
    fn the_base_amount_is_the_one_of_the_day() {
        assert_eq!(bhm_on(date(2025, 7, 31)), Some(375_000));
        assert_eq!(bhm_on(date(2025, 8, 1)), Some(412_000));
        assert_eq!(bhm_on(date(2026, 11, 24)), Some(412_000));
        assert_eq!(bhm_on(date(2021, 1, 31)), Some(223_000));
    }

    #[test]
    fn a_day_nobody_has_a_source_for_has_no_value() {
        assert_eq!(bhm_on(date(2023, 6, 1)), None);
        assert_eq!(bhm_on(date(2019, 7, 31)), None);
    }
}
