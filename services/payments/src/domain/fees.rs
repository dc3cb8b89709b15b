//! What a provider keeps of what it takes: percentages with the day from which they count.

use std::{collections::BTreeMap, str::FromStr};

use jiff::civil::Date;
use kernel::{Decimal, Failure};

/// Percentages by provider; each counts from its day until the next one does.
#[derive(Debug, Clone, Default)]
pub struct Rates(BTreeMap<String, BTreeMap<Date, Decimal>>);

impl Rates {
    /// Provider, day (ISO 8601) and percent as the configuration has them.
    pub fn checked<'a>(given: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Result<Self, Failure> {
        let mut rates: BTreeMap<String, BTreeMap<Date, Decimal>> = BTreeMap::new();
        for (provider, from, percent) in given {
            let day = Date::from_str(from).map_err(|_| refused(provider))?;
            let percent = percent.parse::<Decimal>().map_err(|_| refused(provider))?;
            let possible = (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent);
            let twice = rates.entry(provider.to_owned()).or_default().insert(day, percent).is_some();
            if !possible || twice || provider.is_empty() {
                return Err(refused(provider));
            }
        }
        Ok(Self(rates))
    }

    /// The percentage that counts on a day; none: none is configured for it.
    pub fn on(&self, provider: &str, day: Date) -> Option<Decimal> {
        self.0.get(provider)?.range(..=day).next_back().map(|(_, percent)| *percent)
    }
}

/// Percent of an amount in tiyin, to the tiyin; half a tiyin counts as one.
pub fn of(amount: i64, percent: Decimal) -> i64 {
    let whole = 100 * 10_i128.pow(percent.scale());
    let exact = i128::from(amount).saturating_mul(percent.mantissa());
    i64::try_from((exact + whole / 2).div_euclid(whole)).unwrap_or(amount)
}

fn refused(provider: &str) -> Failure {
    let message = format!(
        "A fee of the provider `{provider}` needs a day like 2026-01-01, each day once, and a percentage between 0 and 100 \
         written like \"1.5\"."
    );
    Failure::invalid("payment.provider-fee", message)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_newest_percentage_that_has_begun_counts() {
        let given = [("payme", "2026-01-01", "1.5"), ("payme", "2026-07-01", "2")];
        let rates = Rates::checked(given).unwrap();
        let on = |day| rates.on("payme", day).map(|percent| percent.to_string());
        assert_eq!(on(date(2025, 12, 31)), None);
        assert_eq!(on(date(2026, 6, 30)).as_deref(), Some("1.5"));
        assert_eq!(on(date(2026, 7, 1)).as_deref(), Some("2"));
        assert_eq!(rates.on("click", date(2026, 7, 1)), None);
        for wrong in [
            ("payme", "1.1.2026", "1"),
            ("payme", "2026-01-01", "101"),
            ("payme", "2026-01-01", "-1"),
            ("", "2026-01-01", "1"),
        ] {
            assert_eq!(Rates::checked([wrong]).unwrap_err().code, "payment.provider-fee", "{wrong:?}");
        }
        assert!(Rates::checked([("payme", "2026-01-01", "1"), ("payme", "2026-01-01", "2")]).is_err(), "twice");
    }

    #[test]
    fn a_fee_is_exact_and_half_a_tiyin_counts_as_one() {
        let percent = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(of(4_120_000, percent("1.5")), 61_800);
        assert_eq!(of(50, percent("1")), 1);
        assert_eq!(of(49, percent("1")), 0);
        assert_eq!(of(0, percent("2")), 0);
        assert_eq!(of(1_000, percent("100")), 1_000);
    }
}
